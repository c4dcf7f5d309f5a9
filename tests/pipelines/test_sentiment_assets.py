"""Sentiment as assets: scored once, judged by checks, seen by decisions, drawn on the page."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from tests.fakes.scored_stories import SCORER, scored_story
from tests.fakes.stories import scored, story
from tests.pipelines.conftest import AGENT, AS_OF, House, house_of, settings_of
from tests.pipelines.news_days import cells, load_news, shown, verdicts
from ztrade_core.assembly.news_days import LoadedNews, ScoredDays
from ztrade_core.domain.snapshots import GroupSentiment, SeenHeadline, SentimentReading
from ztrade_core.domain.time import parse_instant
from ztrade_core.news.gathering import NewsWindow
from ztrade_core.sentiment.scoring import ScoredWindow
from ztrade_pipelines.sentiment.evaluations import news_evaluations, sentiment_evaluations
from ztrade_pipelines.sentiment.reading_view import NO_NEWS, reading_metadata

KEY = dg.AssetKey(["sentiment", "TSLA"])
DAY = datetime(2022, 12, 28, tzinfo=UTC)
WINDOW = NewsWindow(symbol="TSLA", start=DAY, stop=DAY + timedelta(days=1))
ALL_TRUE = {
    "scores_are_in_range": True,
    "nothing_is_read_before_it_was_known": True,
    "every_story_is_scored": True,
    "one_scorer_scored": True,
    "few_stories_are_retold": True,
}
ROWS = tuple(scored_story(hours, 0.4) for hours in (1, 2, 3))
GOOD = ScoredDays(
    window=WINDOW,
    scorer=SCORER,
    as_of=WINDOW.stop - timedelta(microseconds=1),
    stories=3,
    unscored=0,
    rows=ROWS,
    retold=frozenset(),
    done=ScoredWindow(scorer=SCORER, stories=3, scored=3),
    reading=None,
    curve=None,
    drawn=(),
    days=(),
    rows_by_scorer={SCORER: 3},
    notes=(),
)
AHEAD = SeenHeadline(
    news_id="ahead",
    published_at=WINDOW.stop + timedelta(hours=1),
    source="alpaca:benzinga",
    headline="Tomorrow",
    score=0.5,
    confidence=0.5,
)
READING = SentimentReading(score=0.5, confidence=0.5, scorer=SCORER)
CROWD = tuple(scored_story(0.1 * number, 0.4) for number in range(12))
STAND_IN = ("scorer finbert cannot be used, lexicon@1 stands in: no model",)


@pytest.fixture
def invented(tmp_path: Path, sqlite_url: str, instance: dg.DagsterInstance) -> Iterator[House]:
    """The definitions over invented news, long after it."""
    house = house_of(settings_of(tmp_path, sqlite_url, ZTRADE_MARKET_DATA="synthetic"), instance)
    yield house
    house.workshop.engine.dispose()


def test_a_range_is_scored_once_and_shown(invented: House) -> None:
    first = load_news(invented, "2024-02-18", "2024-02-20")
    again = load_news(invented, "2024-02-18", "2024-02-20")

    assert first.success
    assert again.success
    found, later = shown(invented, first, "sentiment"), shown(invented, again, "sentiment")
    assert found["rows_scored_now"] == found["stories"] == found["dagster/row_count"] > 10
    assert (later["rows_scored_now"], later["dagster/row_count"]) == (0, found["stories"])
    assert {name: found[name] for name in ("score", "confidence", "days", "stories_retold")} == {
        name: later[name] for name in ("score", "confidence", "days", "stories_retold")
    }
    assert cells(found["days"], "day") == ["2024-02-18", "2024-02-19", "2024-02-20"]
    assert -1.0 < found["score"] < 1.0
    assert len(cells(found["strongest_headlines"], "headline")) == 10
    assert verdicts(invented, first, "sentiment") == ALL_TRUE
    picture = found["sentiment_plot"].partition("base64,")[2].rstrip(")")
    assert base64.b64decode(picture).startswith(b"\x89PNG")


def test_a_day_without_news_has_no_score_and_fails_nothing(house: House) -> None:
    result = load_news(house, "2024-02-18", "2024-02-18")

    found = shown(house, result, "sentiment")
    assert (found["score"], found["dagster/row_count"]) == ("-", 0)
    assert verdicts(house, result, "sentiment") == ALL_TRUE
    assert house.workshop.scores.latest() == []


def test_todays_refresh_keeps_the_newest_reading(
    tmp_path: Path, sqlite_url: str, instance: dg.DagsterInstance
) -> None:
    now = datetime(2024, 2, 22, 15, tzinfo=UTC)
    settings = settings_of(tmp_path, sqlite_url, ZTRADE_MARKET_DATA="synthetic")
    house = house_of(settings, instance, now=now)

    result = house.run("refresh_news_TSLA", partition_key="2024-02-22")

    [latest] = house.workshop.scores.latest()
    assert (latest.symbol, latest.as_of) == ("TSLA", now)
    assert latest.reading is not None
    assert shown(house, result, "sentiment")["score"] == latest.reading.score
    house.workshop.engine.dispose()


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("scores_are_in_range", replace(GOOD, rows=(*ROWS, scored_story(4, 1.5)))),
        ("scores_are_in_range", replace(GOOD, rows=(*ROWS, scored_story(4, float("nan"))))),
        ("scores_are_in_range", replace(GOOD, rows=(scored_story(4, 0.1, confidence=-0.1),))),
        (
            "nothing_is_read_before_it_was_known",
            replace(GOOD, rows=(*ROWS, scored_story(11, 0.1, delay_hours=2))),
        ),
        (
            "nothing_is_read_before_it_was_known",
            replace(GOOD, reading=replace(READING, headlines=(AHEAD,))),
        ),
        ("every_story_is_scored", replace(GOOD, unscored=1)),
        ("every_story_is_scored", replace(GOOD, notes=STAND_IN)),
        ("one_scorer_scored", replace(GOOD, rows_by_scorer={SCORER: 3, "finbert@abc": 2})),
        (
            "few_stories_are_retold",
            replace(GOOD, rows=CROWD, retold=frozenset(one.news_id for one in CROWD[:7])),
        ),
    ],
)
def test_each_check_fails_on_its_bad_case_alone(name: str, bad: ScoredDays) -> None:
    assert _passed(GOOD) == ALL_TRUE
    assert _passed(bad) == ALL_TRUE | {name: False}


def test_a_scorer_that_was_replaced_for_all_stories_is_no_mixture() -> None:
    assert _passed(replace(GOOD, rows_by_scorer={"lexicon@0": 3, SCORER: 3})) == ALL_TRUE


def _passed(days: ScoredDays) -> dict[str, bool]:
    found = sentiment_evaluations(KEY, days)
    return {str(one.check_name): one.passed for one in found}


@pytest.mark.parametrize(
    ("heard_minutes_ago", "refreshing", "passed"),
    [(45, True, True), (46, True, False), (None, True, False), (999, False, True)],
)
def test_news_must_be_fresh_only_while_it_is_refreshed(
    heard_minutes_ago: int | None, *, refreshing: bool, passed: bool
) -> None:
    ago = None if heard_minutes_ago is None else timedelta(minutes=heard_minutes_ago)
    loaded = LoadedNews(
        window=WINDOW,
        asked_at=WINDOW.stop,
        stories=(),
        backfilled=(),
        refreshed=None,
        heard_at=None if ago is None else WINDOW.stop - ago,
    )
    found = {one.check_name: one for one in news_evaluations(KEY, loaded, refreshing=refreshing)}
    assert found["news_is_fresh"].passed is passed


def test_a_mixture_in_the_store_fails_its_check(house: House) -> None:
    told = [story(number) for number in (1, 2)]
    house.workshop.news.put(told)
    house.workshop.scores.put([scored(told[0], scorer="finbert@abc")])

    result = load_news(house, "2025-03-03", "2025-03-03")

    assert verdicts(house, result, "sentiment") == ALL_TRUE | {"one_scorer_scored": False}


@pytest.fixture
def known_news(house: House) -> Callable[[str], None]:
    """Puts a headline into the store that was known an hour before AS_OF, and scores it."""

    def put(headline: str) -> None:
        published = parse_instant(AS_OF) - timedelta(hours=1)
        one = replace(story(1), published_at=published, known_at=published, headline=headline)
        house.workshop.news.put([one])
        assert load_news(house, "2022-12-28", "2022-12-28").success

    return put


def test_a_decision_shows_the_sentiment_and_the_headlines_it_saw(
    house: House, known_news: Callable[[str], None]
) -> None:
    known_news("[**Profit**](javascript:alert) rises 9 %")

    found = house.decision_metadata(house.run(AGENT, {"as_of": AS_OF}))

    assert found["sentiment"] > 0
    assert 0 < found["sentiment_confidence"] < 1
    assert found["sentiment_told"].endswith("of 1 story, by lexicon@2")
    assert cells(found["sentiment_groups"], "group") == ["news"]
    assert cells(found["headlines_seen"], "headline") == [
        "[**Profit**](javascript:alert) rises 9 %"
    ]


def test_a_decision_stands_below_bars_and_sentiment_on_the_page(house: House) -> None:
    decision = house.definitions.resolve_asset_graph().get(dg.AssetKey([AGENT, "decision"]))
    assert decision.parent_keys == {dg.AssetKey(["market_bars", "TSLA_5m"]), KEY}


@pytest.mark.parametrize("kind", ["backtests", "sensitivity", "sweeps", "walk_forward"])
def test_what_replays_decisions_stands_below_bars_and_sentiment(house: House, kind: str) -> None:
    graph = house.definitions.resolve_asset_graph()
    parents = {dg.AssetKey(["market_bars", "TSLA_5m"]), KEY}

    assert graph.get(dg.AssetKey([kind, AGENT])).parent_keys == parents
    if kind == "backtests":
        assert parents < graph.get(dg.AssetKey([kind, "company"])).parent_keys


def test_a_decision_without_news_says_so(house: House) -> None:
    found = house.decision_metadata(house.run(AGENT, {"as_of": AS_OF}))

    assert (found["sentiment"], found["sentiment_told"]) == ("-", NO_NEWS)


def test_a_reading_of_another_scorer_is_told_to_stand_in(house: House) -> None:
    company = house.settings.company
    finbert = replace(company.sentiment, scorer=replace(company.sentiment.scorer, name="finbert"))
    group = GroupSentiment(group="news", score=0.5, confidence=0.5, weight=1.0, stories=2)
    reading = replace(READING, groups=(group,))

    found = reading_metadata(reading, replace(company, sentiment=finbert))

    assert found["sentiment_told"] == (
        "+0.500, confidence 0.500 of 2 stories, by lexicon@2, which STANDS IN for the configured"
        " scorer finbert"
    )
