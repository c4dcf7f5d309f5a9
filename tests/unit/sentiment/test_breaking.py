"""Breaking news: at the limits it is, below them not, and nothing that was told before."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.scored_stories import NOON, SCORER, score_store, scored_story
from tests.fakes.sentiment_config import SENTIMENT
from ztrade_core.sentiment.breaking import breaking_stories
from ztrade_core.sentiment.stored import StoredSentiment

LIMITS = replace(SENTIMENT, breaking_score=0.6, breaking_confidence=0.7)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("score", "confidence", "is_breaking"),
    [
        (0.6, 0.7, True),
        (-0.6, 0.7, True),
        (0.59, 0.7, False),
        (-0.59, 1.0, False),
        (1.0, 0.69, False),
        (None, 0.9, False),
    ],
)
def test_a_story_is_breaking_from_both_limits_on(
    score: float | None, confidence: float, *, is_breaking: bool
) -> None:
    story = scored_story(0, score, confidence=confidence)

    found = breaking_stories([story], LIMITS, since=story.known_at - HOUR)

    assert found == ([story] if is_breaking else [])


def test_what_was_known_at_the_bars_beginning_is_not_of_it() -> None:
    story = scored_story(0, 0.9)

    assert breaking_stories([story], LIMITS, since=story.known_at) == []
    assert breaking_stories([story], LIMITS, since=story.known_at - timedelta(microseconds=1))


def test_a_retold_story_is_not_breaking_even_if_the_first_was_known_before() -> None:
    told = "Tesla recalls every car it has ever made over faulty brakes"
    first, again = (scored_story(hours, -0.9, headline=told) for hours in (0, 3))

    assert breaking_stories([first, again], LIMITS, since=first.known_at) == []
    assert breaking_stories([again], LIMITS, since=first.known_at) == [again]


def test_the_store_looks_three_days_back_for_what_was_told() -> None:
    told = "Tesla recalls every car it has ever made over faulty brakes"
    within, beyond = -70.0, -80.0
    again = scored_story(0, -0.9, headline=told)

    def found(earlier: float) -> int:
        store = score_store(scored_story(earlier, -0.9, headline=told), again)
        stored = StoredSentiment(store, SCORER, LIMITS)
        return len(stored.breaking("TSLA", since=NOON, until=NOON + HOUR))

    assert (found(within), found(beyond)) == (0, 1)


def test_a_window_ends_with_its_last_moment() -> None:
    story = scored_story(0, 0.9)
    stored = StoredSentiment(score_store(story), SCORER, LIMITS)

    def known(until: datetime) -> int:
        return len(stored.breaking("TSLA", since=NOON, until=until))

    assert known(story.known_at) == 1
    assert known(story.known_at - timedelta(microseconds=1)) == 0
