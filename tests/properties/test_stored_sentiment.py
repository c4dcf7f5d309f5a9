"""Stored sentiment: one function, whoever asks; what becomes known later changes nothing before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.desk import calendar
from tests.fakes.scored_stories import NOON, SCORER, score_store, scored_story
from tests.fakes.sentiment_config import SENTIMENT
from ztrade_core.domain.bars import IntArray
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.domain.time import Timeframe, from_micros, to_micros
from ztrade_core.sentiment.aggregation import heard, reading_of, terms_of
from ztrade_core.sentiment.folding import unfolded
from ztrade_core.sentiment.stored import StoredSentiment

HEADLINES = (
    "",
    "Tesla recalls two million cars over a fault in its Autopilot system",
    "Tesla recalls two million cars over a fault in its Autopilot system - Reuters",
    "Up",
)
STORIES = st.lists(
    st.builds(
        scored_story,
        st.integers(-400 * 12, 0).map(lambda twelfths: twelfths / 12),
        st.none() | st.floats(-1, 1, allow_nan=False),
        headline=st.sampled_from(HEADLINES),
        source=st.sampled_from(("alpaca:benzinga", "reddit:stocks", "sec:8-K", "files")),
        delay_hours=st.sampled_from((0.0, 0.25, 30.0)),
        confidence=st.floats(0, 1, allow_nan=False),
    ),
    max_size=60,
    unique_by=lambda story: story.news_id,
)
MOMENTS = st.lists(st.integers(-420 * 12, 24), min_size=1, max_size=12, unique=True).map(
    lambda found: np.array(
        [to_micros(NOON + timedelta(hours=each / 12)) for each in sorted(found)], dtype=np.int64
    )
)


def history(*stories: ScoredStory) -> StoredSentiment:
    return StoredSentiment(score_store(*stories), SCORER, SENTIMENT)


def naive(stories: list[ScoredStory], at: int) -> SentimentReading | None:
    """All that was ever known by then, folded from the very first, with no window at all."""
    known = [story for story in stories if to_micros(story.known_at) <= at]
    known.sort(key=lambda story: (story.known_at, story.published_at, story.news_id))
    return reading_of(heard(unfolded(known)), at, terms_of(SENTIMENT, "TSLA"))


@given(stories=STORIES, moments=MOMENTS)
def test_a_series_is_the_naive_reading_at_each_moment(
    stories: list[ScoredStory], moments: IntArray
) -> None:
    stored = history(*stories)
    series = stored.series("TSLA", moments)
    if series is None:
        assert stories == []
        return
    scores, confidences = series.at_each(moments)
    for at, score, confidence in zip(moments.tolist(), scores, confidences, strict=True):
        whole = naive(stories, at)
        assert series.as_of(from_micros(at)) == whole == stored.reading("TSLA", from_micros(at))
        if whole is None:
            assert np.isnan(score)
            assert np.isnan(confidence)
        else:
            assert (score, confidence) == (whole.score, whole.confidence)


@given(stories=STORIES, later=STORIES, moments=MOMENTS)
def test_what_becomes_known_later_changes_no_reading(
    stories: list[ScoredStory], later: list[ScoredStory], moments: IntArray
) -> None:
    cut = from_micros(int(moments[-1]))
    after = [
        replace(story, known_at=cut + timedelta(minutes=1) + (NOON - story.published_at))
        for story in later
        if story.news_id not in {each.news_id for each in stories}
    ]
    before, beyond = history(*stories), history(*stories, *after)
    for at in moments.tolist():
        moment = from_micros(at)
        assert before.reading("TSLA", moment) == beyond.reading("TSLA", moment)


@given(stories=STORIES, order=st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(stories: list[ScoredStory], order: object) -> None:
    shuffled = list(stories)
    shuffle: Callable[[list[ScoredStory]], None] = getattr(order, "shuffle")  # noqa: B009
    shuffle(shuffled)
    assert history(*stories).reading("TSLA", NOON) == history(*shuffled).reading("TSLA", NOON)


@given(stories=STORIES, moments=MOMENTS)
def test_a_story_that_was_not_known_yet_is_in_no_reading(
    stories: list[ScoredStory], moments: IntArray
) -> None:
    known = {story.news_id: story.known_at for story in stories}
    series = history(*stories).series("TSLA", moments)
    for at in moments.tolist() if series is not None else []:
        reading = series.as_of(from_micros(at)) if series is not None else None
        for seen in () if reading is None else reading.headlines:
            assert known[seen.news_id] <= from_micros(at)


@given(stories=STORIES, moments=MOMENTS)
@settings(max_examples=40)
def test_arrivals_stand_between_the_moments(stories: list[ScoredStory], moments: IntArray) -> None:
    stored = history(*stories)
    series = stored.series("TSLA", moments, with_arrivals=True)
    if series is None:
        return
    assert set(moments.tolist()) <= set(series.known_at.tolist())
    for place, at in enumerate(series.known_at.tolist()):
        whole = naive(stories, at)
        assert np.isnan(series.scores[place]) == (whole is None)
        assert whole is None or series.scores[place] == whole.score


def closes(day: datetime, timeframe: Timeframe) -> IntArray:
    """When the bars of five days around a day complete."""
    stamps = calendar().expected_bars(
        AssetClass.STOCK, timeframe, day - timedelta(days=2), day + timedelta(days=3)
    )
    return np.array(
        [to_micros(calendar().completes_at(AssetClass.STOCK, timeframe, each)) for each in stamps],
        dtype=np.int64,
    )


def test_a_days_last_bar_sees_what_is_known_at_the_close_and_nothing_after() -> None:
    """Also around a change of clocks, where 16:00 New York is another UTC hour, and a short day."""
    for day in (
        datetime(2022, 11, 5, tzinfo=NOON.tzinfo),
        datetime(2022, 11, 25, tzinfo=NOON.tzinfo),
    ):
        for timeframe in (Timeframe.D1, Timeframe.M15):
            moments = closes(day, timeframe)
            for at in moments.tolist():
                hours = (from_micros(at) - NOON) / timedelta(hours=1)
                just = scored_story(hours, 1.0, delay_hours=0.0)
                after = replace(
                    scored_story(hours, -1.0, headline="Too late", delay_hours=0.0),
                    known_at=from_micros(at + 1),
                )
                series = history(just, after).series("TSLA", moments)
                assert series is not None
                reading = series.as_of(from_micros(at))
                assert reading is not None
                assert [each.news_id for each in reading.headlines] == [just.news_id]
                assert reading.score == 0.8


def test_a_symbol_without_stories_has_no_series() -> None:
    moments = np.array([to_micros(NOON)], dtype=np.int64)
    assert history(scored_story(0)).series("IWM", moments) is None
    assert history().series("TSLA", moments) is None
    old = history(scored_story(-1000)).series("TSLA", moments)
    assert old is not None
    assert np.isnan(old.scores).all()
    assert history(scored_story(0)).series("TSLA", moments[:0]) is None


def test_coverage_counts_what_is_scored_and_what_is_not() -> None:
    stories = [scored_story(-hours) for hours in range(1, 4)]
    store = score_store(*stories)
    moments = np.array([to_micros(NOON)], dtype=np.int64)
    ours, others = (StoredSentiment(store, name, SENTIMENT) for name in (SCORER, "other@1"))
    assert (ours.coverage("TSLA", moments).stories, ours.coverage("TSLA", moments).unscored) == (
        3,
        0,
    )
    assert (
        others.coverage("TSLA", moments).stories,
        others.coverage("TSLA", moments).unscored,
    ) == (0, 3)
