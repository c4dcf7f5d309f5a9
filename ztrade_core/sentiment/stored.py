"""Sentiment from stored scores: the one as-of function of live runs, rehearsals and backtests.

A reading at a moment rests on the stories known by then that are at most four half-lives old, less those
that retell one known before. What is known later changes no reading. A series is that very function at
each of its moments: windows slide over the stories, the arithmetic is the same.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import overload

import numpy as np
from typing_extensions import override

from ztrade_core.domain.bars import IntArray
from ztrade_core.domain.sentiment import ScoredStory, SentimentCoverage, SentimentSeries
from ztrade_core.domain.sentiment_config import SentimentConfig
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.domain.time import MICROSECOND, from_micros, require_utc, to_micros
from ztrade_core.ports.sentiment import BreakingNews, ScoreStore, SentimentHistory
from ztrade_core.sentiment.aggregation import (
    Heard,
    Terms,
    combined,
    groups_of,
    heard,
    reading_of,
    terms_of,
)
from ztrade_core.sentiment.breaking import breaking_stories
from ztrade_core.sentiment.folding import MEMORY, MEMORY_MICROS, unfolded

_EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


class StoredSentiment(SentimentHistory, BreakingNews):
    """What one scorer's stored scores say of symbols, as of any moment."""

    def __init__(self, store: ScoreStore, scorer: str, config: SentimentConfig) -> None:
        self._store = store
        self._scorer = scorer
        self._config = config

    @property
    def scorer(self) -> str:
        """Whose scores are read."""
        return self._scorer

    def reading(self, symbol: str, as_of: datetime) -> SentimentReading | None:
        """Return what was known of a symbol at a moment; None: there was no news."""
        at = to_micros(require_utc(as_of))
        terms = terms_of(self._config, symbol)
        within = heard(unfolded(self._known(symbol, at, at, terms)))
        return reading_of([each for each in within if each.known_at >= at - terms.reach], at, terms)

    @override
    def series(
        self, symbol: str, moments: IntArray, *, with_arrivals: bool = False
    ) -> SentimentSeries | None:
        """Return the readings at the moments, and (`with_arrivals`) when each story became known."""
        if len(moments) == 0:
            return None
        terms = terms_of(self._config, symbol)
        first, last = int(moments[0]), int(moments[-1])
        stories = self._known(symbol, first, last, terms)
        if not stories and not self._store.known(symbol, self._scorer, *_EVER):
            return None
        within = heard(unfolded(stories))
        if with_arrivals:
            arrivals = [each.known_at for each in within if first < each.known_at < last]
            moments = np.concatenate((moments, np.array(arrivals, dtype=np.int64)))
        return series_of(within, np.unique(moments), terms, self._scorer)

    @override
    def coverage(self, symbol: str, moments: IntArray) -> SentimentCoverage:
        if len(moments) == 0:
            return SentimentCoverage(scorer=self._scorer, stories=0, unscored=0)
        reach = terms_of(self._config, symbol).reach
        start = from_micros(int(moments[0]) - reach)
        stop = from_micros(int(moments[-1])) + MICROSECOND
        return SentimentCoverage(
            scorer=self._scorer,
            stories=len(self._store.known(symbol, self._scorer, start, stop)),
            unscored=self._store.unscored(symbol, self._scorer, start, stop),
        )

    @override
    def breaking(self, symbol: str, *, since: datetime, until: datetime) -> list[ScoredStory]:
        window = (since - MEMORY, until + MICROSECOND)
        stories = self._store.known(symbol, self._scorer, *window)
        return breaking_stories(stories, self._config, since=since)

    def _known(self, symbol: str, first: int, last: int, terms: Terms) -> list[ScoredStory]:
        """Return the stories that readings from `first` to `last` rest on, and what those may retell."""
        return self._store.known(
            symbol,
            self._scorer,
            from_micros(first - terms.reach - MEMORY_MICROS),
            from_micros(last) + MICROSECOND,
        )


def series_of(
    stories: Sequence[Heard], moments: IntArray, terms: Terms, scorer: str
) -> SentimentSeries:
    """Return the readings at ascending moments, of stories as `ScoreStore.known` orders them, retold ones left out."""
    known = np.array([each.known_at for each in stories], dtype=np.int64)
    starts = known.searchsorted(moments - terms.reach, side="left")
    stops = known.searchsorted(moments, side="right")
    scores, confidences = np.full((2, len(moments)), np.nan)
    spans = zip(moments.tolist(), starts.tolist(), stops.tolist(), strict=True)
    for place, (at, start, stop) in enumerate(spans):
        if start < stop:
            total = combined(groups_of(stories[start:stop], at, terms), terms)
            if total is not None:
                scores[place], confidences[place] = total
    return SentimentSeries(
        known_at=moments,
        scores=scores,
        confidences=confidences,
        scorer=scorer,
        readings=_Readings(stories, (moments, starts, stops), terms),
    )


class _Readings(Sequence[SentimentReading | None]):
    """The readings whole, each made when it is looked at: a run may have a million."""

    def __init__(
        self, stories: Sequence[Heard], spans: tuple[IntArray, IntArray, IntArray], terms: Terms
    ) -> None:
        self._stories = stories
        self._spans = spans
        self._terms = terms

    @override
    def __len__(self) -> int:
        return len(self._spans[0])

    @overload
    def __getitem__(self, place: int) -> SentimentReading | None: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[SentimentReading | None]: ...

    @override
    def __getitem__(
        self, place: int | slice
    ) -> SentimentReading | Sequence[SentimentReading | None] | None:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        at, start, stop = (int(array[place]) for array in self._spans)
        return reading_of(self._stories[start:stop], at, self._terms)
