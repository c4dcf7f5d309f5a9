"""What was known at a moment, read from wherever bars lie.

`PointInTimeView` is the one implementation of the `MarketView` port: over the store (live runs and
rehearsals) and over preloaded arrays (backtests) alike, so that neither can see what the other
cannot. A reader below it delivers bars by open time; only the view decides which are complete.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from math import nan
from typing import Protocol

from typing_extensions import override

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.snapshots import PairCorrelation, SentimentReading
from ztrade_core.domain.time import (
    MICROSECOND,
    Timeframe,
    from_micros,
    iso_z,
    new_york_date,
    require_utc,
)
from ztrade_core.errors import LookAheadError
from ztrade_core.market_data.correlation import pearson_of_returns
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.market import MarketView

SentimentSource = Callable[[str, datetime], SentimentReading | None]
CorrelationMemo = dict[object, tuple[PairCorrelation, ...]]


class BarReader(Protocol):
    """Bars by open time; complete or not is not its question."""

    def last(self, symbol: str, timeframe: Timeframe, count: int, before: datetime) -> BarSeries:
        """Return the last `count` bars that opened before `before`."""
        ...

    def between(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> BarSeries:
        """Return the bars with `start <= open < stop`."""
        ...

    def source_at(self, symbol: str, timeframe: Timeframe, opened: datetime) -> str:
        """Return the source of the bar that opened then."""
        ...

    def issues(
        self, symbol: str, timeframe: Timeframe, start: datetime | None, stop: datetime
    ) -> tuple[str, ...]:
        """Return what is wrong with the bars of `start <= open < stop` (None: unbounded)."""
        ...


class PointInTimeView(MarketView):
    """Everything complete at `as_of`, and nothing else.

    `memo` keeps correlations per session: for arrays that do not change only.
    """

    def __init__(
        self,
        reader: BarReader,
        calendar: Calendar,
        as_of: datetime,
        *,
        sentiment: SentimentSource | None = None,
        memo: CorrelationMemo | None = None,
    ) -> None:
        self._reader = reader
        self._calendar = calendar
        self._as_of = require_utc(as_of)
        self._sentiment = sentiment
        self._memo = memo

    @property
    @override
    def as_of(self) -> datetime:
        return self._as_of

    @override
    def last_bars(
        self, symbol: str, timeframe: Timeframe, count: int, *, until: datetime | None = None
    ) -> BarSeries:
        horizon = self._horizon(until)
        # One more than asked: at most the newest bar is still incomplete.
        bars = self._reader.last(symbol, timeframe, count + 1, horizon)
        complete = self._complete(bars, horizon)
        return bars.window(max(0, complete - count), complete)

    @override
    def bars_after(
        self, symbol: str, timeframe: Timeframe, after: datetime, *, until: datetime | None = None
    ) -> BarSeries:
        horizon = self._horizon(until)
        bars = self._reader.between(symbol, timeframe, require_utc(after) + MICROSECOND, horizon)
        return bars.window(0, self._complete(bars, horizon))

    @override
    def mark(
        self, symbol: str, timeframe: Timeframe, *, until: datetime | None = None
    ) -> float | None:
        bars = self.last_bars(symbol, timeframe, 1, until=until)
        return float(bars.closes[-1]) if len(bars) else None

    @override
    def source(self, symbol: str, timeframe: Timeframe) -> str:
        bars = self.last_bars(symbol, timeframe, 1)
        return self._reader.source_at(symbol, timeframe, bars.last_open) if len(bars) else ""

    @override
    def correlations(
        self, series: Sequence[tuple[str, Timeframe]], returns: int, min_overlap: int
    ) -> tuple[PairCorrelation, ...]:
        if self._memo is None:
            return self._correlate(series, returns, min_overlap)
        key = (*self._last_session_closes(1), tuple(series), returns, min_overlap)
        if key not in self._memo:
            self._memo[key] = self._correlate(series, returns, min_overlap)
        return self._memo[key]

    @override
    def issues(self, symbol: str, timeframe: Timeframe, since: datetime | None) -> tuple[str, ...]:
        return self._reader.issues(symbol, timeframe, since, self._as_of)

    @override
    def sentiment(self, symbol: str) -> SentimentReading | None:
        return None if self._sentiment is None else self._sentiment(symbol, self._as_of)

    def _horizon(self, until: datetime | None) -> datetime:
        if until is None:
            return self._as_of
        if until > self._as_of:
            raise LookAheadError(
                f"a read until {iso_z(until)} by a view as of {iso_z(self._as_of)}"
            )
        return require_utc(until)

    def _complete(self, bars: BarSeries, horizon: datetime) -> int:
        asset_class = instrument_of(bars.symbol).asset_class
        return self._calendar.complete_count(asset_class, bars.timeframe, bars.timestamps, horizon)

    def _correlate(
        self, series: Sequence[tuple[str, Timeframe]], returns: int, min_overlap: int
    ) -> tuple[PairCorrelation, ...]:
        # One close more than returns + 1: it only bounds the first sampled session.
        closes = self._last_session_closes(returns + 2)
        sampled = {
            symbol: self._session_closes_of(symbol, timeframe, closes)
            for symbol, timeframe in sorted(series)
        }
        return tuple(
            _pair(first, second, sampled, min_overlap) for first, second in combinations(sampled, 2)
        )

    def _last_session_closes(self, count: int) -> list[datetime]:
        today = new_york_date(self._as_of)
        start = today - timedelta(days=2 * count + 14)  # 5 sessions a week, less holidays
        closes = self._calendar.session_closes(start, today)
        return [close for close in closes if close <= self._as_of][-count:]

    def _session_closes_of(
        self, symbol: str, timeframe: Timeframe, closes: Sequence[datetime]
    ) -> list[float]:
        """Return the closes at each session but the first, NaN where it has none.

        Daily bars where they cover at least as many of these sessions as the series' own bars.
        """
        daily = self._sample(symbol, Timeframe.D1, closes)
        if timeframe is Timeframe.D1 or _present(daily) == len(daily):
            return daily
        own = self._sample(symbol, timeframe, closes)
        return daily if _present(daily) >= _present(own) else own

    def _sample(self, symbol: str, timeframe: Timeframe, closes: Sequence[datetime]) -> list[float]:
        if not closes:
            return []
        start = closes[0] - timeframe.duration
        bars = self._reader.between(symbol, timeframe, start, closes[-1])
        asset_class = instrument_of(symbol).asset_class
        return [
            self._close_within(bars, asset_class, after, until) for after, until in pairwise(closes)
        ]

    def _close_within(
        self, bars: BarSeries, asset_class: AssetClass, after: datetime, until: datetime
    ) -> float:
        """Return the close of the last bar that completed in `after < completion <= until`."""
        timeframe = bars.timeframe
        count = self._calendar.complete_count(asset_class, timeframe, bars.timestamps, until)
        if count == 0:
            return nan
        opened = from_micros(int(bars.timestamps[count - 1]))
        if opened + timeframe.duration <= after:
            return nan
        if self._calendar.completes_at(asset_class, timeframe, opened) <= after:
            return nan
        return float(bars.closes[count - 1])


def _present(closes: Sequence[float]) -> int:
    return len([close for close in closes if close == close])  # noqa: PLR0124  (NaN is absent)


def _pair(
    first: str, second: str, sampled: dict[str, list[float]], min_overlap: int
) -> PairCorrelation:
    value, overlap = pearson_of_returns(sampled[first], sampled[second], min_overlap)
    return PairCorrelation(first=first, second=second, value=value, overlap=overlap)
