"""Sentiment: scored stories, and what was known of one symbol's mood over time.

A reading holds until the next one. Absence is NaN, never 0: before the first reading, and from a
reading that says so on, there is no news.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ztrade_core.domain.bars import FloatArray, IntArray
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.domain.time import to_micros


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredStory:
    """One story about one symbol with one scorer's score; times are aware UTC.

    `score` is -1..1 and `confidence` 0..1; both None: the scorer found nothing to score in it.
    """

    news_id: str
    symbol: str
    published_at: datetime
    known_at: datetime
    source: str
    headline: str
    scorer: str
    score: float | None
    confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestSentiment:
    """A symbol's newest sentiment as of a moment, for people to look at; `reading` None: no news."""

    symbol: str
    as_of: datetime
    reading: SentimentReading | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentCoverage:
    """Over some time: stories that `scorer` scored, and those that it did not (yet)."""

    scorer: str
    stories: int
    unscored: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SentimentSeries:
    """Readings of one symbol, oldest first; every array has shape `(n_readings,)`.

    `known_at` is when a reading could be known, in microseconds since the epoch, strictly ascending.
    `scores` are -1..1 and `confidences` 0..1; both NaN: no news from then on. `scorer` made them.
    `readings` are the same with groups and headlines, where there are such; whoever changes the others
    leaves them out.

    Raises ValueError for arrays that are not so.
    """

    known_at: IntArray
    scores: FloatArray
    confidences: FloatArray
    scorer: str
    readings: Sequence[SentimentReading | None] | None = None

    def __post_init__(self) -> None:
        known_at, scores, confidences = self.known_at, self.scores, self.confidences
        if known_at.ndim != 1 or not known_at.shape == scores.shape == confidences.shape:
            raise ValueError("readings need one moment, one score and one confidence each")
        if known_at.dtype != np.int64 or scores.dtype != np.float64 != confidences.dtype:
            raise ValueError("moments must be int64 microseconds, scores and confidences float64")
        if self.readings is not None and len(self.readings) != len(known_at):
            raise ValueError("whole readings must be one each moment")
        if np.any(known_at[1:] <= known_at[:-1]):
            raise ValueError("readings must be known one after another, each at its own moment")
        absent = np.isnan(scores)
        if np.any(absent != np.isnan(confidences)):
            raise ValueError("score and confidence must be NaN together: no news")
        if np.any(np.abs(scores[~absent]) > 1.0):
            raise ValueError("a score is not within -1..1")
        if np.any((confidences[~absent] < 0.0) | (confidences[~absent] > 1.0)):
            raise ValueError("a confidence is not within 0..1")

    def __len__(self) -> int:
        return len(self.known_at)

    def as_of(self, moment: datetime) -> SentimentReading | None:
        """Return the last reading known at `moment` or before; None: no news then."""
        place = int(self.known_at.searchsorted(to_micros(moment), side="right")) - 1
        if place < 0 or math.isnan(self.scores[place]):
            return None
        if self.readings is not None:
            return self.readings[place]
        return SentimentReading(
            score=float(self.scores[place]),
            confidence=float(self.confidences[place]),
            scorer=self.scorer,
        )

    def at_each(self, moments: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return score and confidence known at each moment (microseconds), NaN where none is."""
        places = self.known_at.searchsorted(moments, side="right")
        scores, confidences = (
            np.concatenate((np.full(1, np.nan), each)) for each in (self.scores, self.confidences)
        )
        return scores[places], confidences[places]
