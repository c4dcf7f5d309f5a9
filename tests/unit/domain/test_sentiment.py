"""Sentiment over time: a reading is known from its moment on, and unsound readings are refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.domain.time import MICROSECOND, to_micros

NOON = datetime(2022, 12, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def series(**changed: Any) -> SentimentSeries:
    """Read at noon, no news from 1 pm on, read again at 2 pm."""
    moments = [to_micros(NOON + HOUR * each) for each in range(3)]
    arrays: dict[str, Any] = {
        "known_at": np.array(moments, dtype=np.int64),
        "scores": np.array([0.5, np.nan, -1.0]),
        "confidences": np.array([0.25, np.nan, 1.0]),
    }
    return SentimentSeries(**(arrays | changed), scorer="test")


def test_a_reading_is_known_from_its_very_moment_until_the_next() -> None:
    mood = series()
    first = SentimentReading(score=0.5, confidence=0.25, scorer="test")
    assert mood.as_of(NOON - MICROSECOND) is None
    assert mood.as_of(NOON) == first
    assert mood.as_of(NOON + HOUR - MICROSECOND) == first


def test_no_news_ends_a_reading_and_the_last_one_stays() -> None:
    mood = series()
    assert mood.as_of(NOON + HOUR) is None
    assert mood.as_of(NOON + HOUR * 99) == SentimentReading(
        score=-1.0, confidence=1.0, scorer="test"
    )


def test_all_moments_at_once_are_what_each_is_alone() -> None:
    mood = series()
    moments = [
        NOON + HOUR * step / 2 + MICROSECOND * more for step in range(-1, 6) for more in (-1, 0)
    ]
    scores, confidences = mood.at_each(np.array([to_micros(m) for m in moments], dtype=np.int64))
    alone = [mood.as_of(moment) for moment in moments]
    told = list(zip(scores.tolist(), confidences.tolist(), strict=True))
    assert [None if each is None else (each.score, each.confidence) for each in alone] == [
        None if score != score else (score, weight)  # noqa: PLR0124  (NaN is absent)
        for score, weight in told
    ]


def test_no_readings_at_all_know_nothing() -> None:
    none = series(known_at=np.zeros(0, dtype=np.int64), scores=np.zeros(0), confidences=np.zeros(0))
    assert none.as_of(NOON) is None
    assert np.isnan(none.at_each(np.array([to_micros(NOON)], dtype=np.int64))[0]).all()


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"scores": np.array([0.5, 0.1])}, "one moment, one score and one confidence"),
        ({"known_at": np.array([1.0, 2.0, 3.0])}, "int64 microseconds"),
        ({"known_at": np.array([1, 2, 2], dtype=np.int64)}, "one after another"),
        ({"known_at": np.array([2, 1, 3], dtype=np.int64)}, "one after another"),
        ({"confidences": np.array([0.5, 0.5, 0.5])}, "NaN together"),
        ({"scores": np.array([1.01, np.nan, 0.0])}, "-1..1"),
        ({"confidences": np.array([0.5, np.nan, 1.01])}, "0..1"),
        ({"confidences": np.array([-0.1, np.nan, 1.0])}, "0..1"),
    ],
)
def test_unsound_readings_are_refused(changed: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        series(**changed)
