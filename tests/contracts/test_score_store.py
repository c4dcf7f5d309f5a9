"""Scores, their cache and the newest sentiment: the same in memory, on SQLite and on PostgreSQL."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.news_store import MemoryNewsStore
from tests.fakes.score_store import MemoryScoreStore
from tests.fakes.stories import MORNING, scored, story
from ztrade_core.domain.news import Story
from ztrade_core.domain.sentiment import LatestSentiment
from ztrade_core.domain.snapshots import GroupSentiment, SeenHeadline, SentimentReading
from ztrade_core.ports.scorer import Scored
from ztrade_core.ports.sentiment import ScoreStore
from ztrade_core.store.engine import make_engine
from ztrade_core.store.news import SqlNewsStore
from ztrade_core.store.sentiment import SqlScoreStore

HOUR = timedelta(hours=1)
LATER = MORNING + timedelta(days=300)
STORIES = [story(hour) for hour in (1, 2, 3)]
LEXICON = "lexicon@1"
READING = SentimentReading(
    score=-1 / 3,
    confidence=0.1 + 0.2,
    scorer=LEXICON,
    agreement=0.5,
    groups=(GroupSentiment(group="news", score=-1 / 3, confidence=0.3, weight=1.0, stories=2),),
    headlines=(
        SeenHeadline(
            news_id="a" * 32,
            published_at=MORNING,
            source="sec:8-K",
            headline='“quoted” {"json": 1}',
            score=0.0,
            confidence=1.0,
        ),
    ),
)
Kept = Callable[[list[Story]], ScoreStore]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    """Make a store of scores beside these stories."""
    if request.param == "memory":
        yield lambda stories: MemoryScoreStore(MemoryNewsStore(stories))
        return
    engine = make_engine(request.getfixturevalue(f"{request.param}_url"))

    def beside(stories: list[Story]) -> ScoreStore:
        SqlNewsStore(engine).put(stories)
        return SqlScoreStore(engine)

    yield beside
    engine.dispose()


@pytest.fixture
def scores(kept: Kept) -> ScoreStore:
    return kept(STORIES)


def test_a_score_comes_back_as_it_was_given(scores: ScoreStore) -> None:
    told = scored(STORIES[0], 1 / 3, confidence=0.1 + 0.2)
    assert scores.put([told]) == 1
    assert scores.known("TSLA", LEXICON, MORNING, LATER) == [told]


def test_a_story_without_anything_to_score_is_kept_as_such(scores: ScoreStore) -> None:
    told = scored(STORIES[0], None)
    assert scores.put([told]) == 1
    assert scores.put([told]) == 0
    assert scores.known("TSLA", LEXICON, MORNING, LATER) == [told]
    assert scores.unscored("TSLA", LEXICON, MORNING, LATER) == 2


def test_a_second_time_changes_nothing_and_another_score_one_row(scores: ScoreStore) -> None:
    told = [scored(each) for each in STORIES]
    other = replace(told[1], score=-1.0)
    assert scores.put(told) == 3
    assert scores.put(told) == 0
    assert scores.put([told[0], other, told[2]]) == 1
    assert scores.known("TSLA", LEXICON, MORNING, LATER) == [told[0], other, told[2]]


def test_scorers_are_kept_apart(scores: ScoreStore) -> None:
    one, other = scored(STORIES[0]), scored(STORIES[0], -0.5, scorer="finbert@abc")
    assert scores.put([one, other]) == 2
    assert scores.known("TSLA", LEXICON, MORNING, LATER) == [one]
    assert scores.known("TSLA", "finbert@abc", MORNING, LATER) == [other]


def test_scores_are_found_from_the_moment_their_story_was_known(kept: Kept) -> None:
    late = replace(story(1), known_at=MORNING + 6 * HOUR, ingested_at=MORNING + 6 * HOUR)
    scores = kept([late, story(2)])
    scores.put([scored(late), scored(story(2))])
    assert scores.known("TSLA", LEXICON, MORNING, late.known_at) == [scored(story(2))]
    assert scores.known("TSLA", LEXICON, late.known_at, LATER) == [scored(late)]


def test_what_has_no_row_of_the_scorer_is_unscored(kept: Kept) -> None:
    scores = kept([*STORIES, story(1, symbol="IWM")])
    assert scores.unscored("TSLA", LEXICON, MORNING, LATER) == 3
    scores.put([scored(STORIES[0]), scored(STORIES[1], scorer="finbert@abc")])
    assert scores.unscored("TSLA", LEXICON, MORNING, LATER) == 2
    assert scores.unscored("TSLA", "finbert@abc", MORNING, LATER) == 2
    assert scores.unscored("TSLA", LEXICON, MORNING, STORIES[1].known_at) == 0
    assert scores.unscored("IWM", LEXICON, MORNING, LATER) == 1


@pytest.mark.parametrize(
    ("score", "confidence"),
    [(1.01, 0.5), (math.nan, 0.5), (0.5, math.nan), (0.5, -0.01), (0.5, 1.5), (None, 0.5)],
)
def test_what_is_no_score_may_not_enter(
    scores: ScoreStore, score: float | None, confidence: float
) -> None:
    bad = replace(scored(STORIES[1]), score=score, confidence=confidence)
    with pytest.raises(ValueError, match="is not within"):
        scores.put([scored(STORIES[0]), bad])
    assert scores.known("TSLA", LEXICON, MORNING, LATER) == []


def test_a_text_that_was_scored_is_found_by_its_hash(scores: ScoreStore) -> None:
    told = {"a" * 64: Scored(score=1 / 3, confidence=1.0), "b" * 64: None}
    scores.remember(LEXICON, told)
    assert scores.cached(LEXICON, ["a" * 64, "b" * 64, "c" * 64]) == told
    assert scores.cached("finbert@abc", ["a" * 64]) == {}
    assert scores.cached(LEXICON, []) == {}


def test_what_is_remembered_again_replaces_what_was(scores: ScoreStore) -> None:
    newer = Scored(score=-0.25, confidence=0.5)
    scores.remember(LEXICON, {"a" * 64: None, "b" * 64: None})
    scores.remember(LEXICON, {"a" * 64: newer, "b" * 64: None})
    scores.remember(LEXICON, {})
    assert scores.cached(LEXICON, ["a" * 64, "b" * 64]) == {"a" * 64: newer, "b" * 64: None}


def test_more_texts_than_one_question_may_hold(scores: ScoreStore) -> None:
    told = {f"{n:064x}": Scored(score=n / 2000, confidence=1.0) for n in range(1700)}
    scores.remember(LEXICON, told)
    assert scores.cached(LEXICON, list(told)) == told


def test_the_newest_sentiment_is_kept_whole(scores: ScoreStore) -> None:
    told = LatestSentiment(symbol="TSLA", as_of=MORNING, reading=READING)
    scores.put_latest(told)
    assert scores.latest() == [told]


def test_an_older_sentiment_does_not_replace_a_newer_one(scores: ScoreStore) -> None:
    newer = LatestSentiment(symbol="TSLA", as_of=MORNING, reading=READING)
    scores.put_latest(newer)
    scores.put_latest(LatestSentiment(symbol="TSLA", as_of=MORNING - HOUR, reading=None))
    assert scores.latest() == [newer]


def test_no_news_is_told_as_none_and_never_as_zero(scores: ScoreStore) -> None:
    plain = replace(READING, score=0.0, agreement=None, groups=(), headlines=())
    silent = LatestSentiment(symbol="TSLA", as_of=MORNING + HOUR, reading=None)
    neutral = LatestSentiment(symbol="BTC/USD", as_of=MORNING, reading=plain)
    for each in (LatestSentiment(symbol="TSLA", as_of=MORNING, reading=READING), silent, neutral):
        scores.put_latest(each)
    assert scores.latest() == [neutral, silent]
