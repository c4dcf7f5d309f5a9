"""News to sentiment in a workshop: scored once, read as of a moment, and no failure stops a run."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.scored_stories import NOON, scored_story, story_of
from tests.fakes.vendor_config import vendors_at
from ztrade_core.assembly.sentiment import ScorerShelf, SentimentWorks
from ztrade_core.assembly.workshop import Workshop, open_workshop
from ztrade_core.domain.sentiment_config import ScorerConfig
from ztrade_core.errors import ConfigError
from ztrade_core.settings.load import load_settings
from ztrade_core.store.migrations import upgrade

REPOSITORY = Path(__file__).resolve().parents[3]
GOOD = scored_story(-2, headline="Tesla raises its profit guidance after record sales")


def workshop_of(folder: Path, url: str, **environ: str) -> Workshop:
    upgrade(url)
    made = {"DATABASE_URL": url, "ZTRADE_DATA_DIR": str(folder / "data"), **environ}
    return open_workshop(load_settings(root=REPOSITORY, environ=made))


@pytest.fixture
def from_files(tmp_path: Path, sqlite_url: str) -> Workshop:
    made = workshop_of(tmp_path, sqlite_url, ZTRADE_MARKET_DATA="files")
    made.news.put([story_of(GOOD)])
    return made


def test_stored_news_is_scored_once_and_read_as_of_a_moment(from_files: Workshop) -> None:
    works = from_files.sentiment
    assert works.refresh("TSLA", NOON) == ("1 headline scored by lexicon@2",)
    assert works.refresh("TSLA", NOON) == ()
    reading = works.reading("TSLA", NOON)
    assert reading is not None
    assert reading.score > 0.0
    assert [seen.news_id for seen in reading.headlines] == [GOOD.news_id]
    assert works.reading("TSLA", GOOD.known_at - timedelta(microseconds=1)) is None
    [latest] = from_files.scores.latest()
    assert latest.reading == reading


def test_every_desks_market_reads_it_and_only_the_live_one_refreshes(from_files: Workshop) -> None:
    from_files.sentiment.refresh("TSLA", NOON)
    live, rehearsal = from_files.live_desk(), from_files.rehearsal_desk(NOON)
    expected = from_files.sentiment.reading("TSLA", NOON)
    assert live.market.view(NOON).sentiment("TSLA") == expected
    assert rehearsal.market.view(NOON).sentiment("TSLA") == expected
    assert live.sentiment is not None
    assert (live.live, rehearsal.live) == (True, False)


def test_synthetic_news_is_fetched_known_from_the_runs_moment_on(
    tmp_path: Path, sqlite_url: str
) -> None:
    made = workshop_of(tmp_path, sqlite_url, ZTRADE_MARKET_DATA="synthetic")
    notes = made.sentiment.refresh("TSLA", NOON)
    assert "new headline" in notes[0]
    stories = made.news.known("TSLA", NOON - timedelta(days=9), NOON + timedelta(days=9))
    assert stories
    assert {story.ingested_at for story in stories} == {NOON}
    reading = made.sentiment.reading("TSLA", NOON)
    assert reading is not None


def test_sources_that_cannot_serve_are_notes(tmp_path: Path, sqlite_url: str) -> None:
    """Nothing listens at the vendors' addresses, and there are no keys."""
    made = workshop_of(tmp_path, sqlite_url, ZTRADE_CONFIG_DIR=str(vendors_at(tmp_path)))
    notes = made.sentiment.refresh("TSLA", NOON)
    assert notes[0] == "0 new headlines"
    assert any(note.startswith("sec: no contact") for note in notes)
    assert made.sentiment.reading("TSLA", NOON) is None


def works_with(workshop: Workshop, scorer: ScorerConfig) -> SentimentWorks:
    company = workshop.settings.company
    sentiment = replace(company.sentiment, scorer=scorer)
    settings = replace(workshop.settings, company=replace(company, sentiment=sentiment))
    return replace(workshop.sentiment, settings=settings, shelf=ScorerShelf())


def test_a_scorer_that_is_not_there_is_a_note_and_old_scores_are_read(
    from_files: Workshop,
) -> None:
    missing = ScorerConfig(name="finbert", model="ztrade/no-such-model", revision="a" * 40)
    works = works_with(from_files, missing)
    from_files.scores.put([replace(GOOD, scorer=f"finbert@{'a' * 40}", score=0.5)])
    reading = works.reading("TSLA", NOON)
    assert reading is not None
    assert reading.score == pytest.approx(0.5 * 0.9438743126816935 / (0.9438743126816935 + 0.25))
    other = replace(GOOD, news_id="1" * 32, headline="Another one")
    from_files.news.put([story_of(other)])
    [note] = works.refresh("TSLA", NOON)
    assert note.startswith("news is not scored: ")
    assert "ztrade/no-such-model" in note


def test_what_stands_in_says_so(from_files: Workshop) -> None:
    missing = ScorerConfig(name="finbert", model="ztrade/no-such-model", fallback="lexicon")
    scored, note = works_with(from_files, missing).refresh("TSLA", NOON)
    assert scored == "1 headline scored by lexicon@2"
    assert note.startswith("scorer finbert cannot be used, lexicon@2 stands in")


def test_a_scorer_that_cannot_be_named_reads_nothing(from_files: Workshop) -> None:
    nameless = ScorerConfig(name="finbert", model="ztrade/no-such-model", revision="main")
    works = works_with(from_files, nameless)
    assert works.reading("TSLA", NOON) is None
    with pytest.raises(ConfigError, match="ztrade/no-such-model"):
        _ = works.stored
