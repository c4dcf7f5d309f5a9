"""A market on preloaded arrays: backtests.

The arrays are taken as they are (sound, in order) and never copied: a view's bars are numpy views.
Nothing is refreshed here; nothing touches a store.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from typing_extensions import override

from ztrade_core.domain.bars import BarSeries, empty_series
from ztrade_core.domain.time import Timeframe, to_micros
from ztrade_core.market_data.views import (
    BarReader,
    CorrelationMemo,
    PointInTimeView,
    SentimentSource,
)
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.market import Market, MarketView, RefreshReport

SeriesKey = tuple[str, Timeframe]


class ArrayReader(BarReader):
    """Bars of preloaded series, by bisection of their stamps."""

    def __init__(
        self, series: Sequence[BarSeries], sources: Mapping[SeriesKey, str] | None = None
    ) -> None:
        self._series = {(bars.symbol, bars.timeframe): bars for bars in series}
        self._sources = dict(sources or {})

    @override
    def last(self, symbol: str, timeframe: Timeframe, count: int, before: datetime) -> BarSeries:
        bars = self._of(symbol, timeframe)
        stop = int(bars.timestamps.searchsorted(to_micros(before)))
        return bars.window(max(0, stop - count), stop)

    @override
    def between(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> BarSeries:
        bars = self._of(symbol, timeframe)
        stamps = bars.timestamps
        return bars.window(
            int(stamps.searchsorted(to_micros(start))), int(stamps.searchsorted(to_micros(stop)))
        )

    @override
    def source_at(self, symbol: str, timeframe: Timeframe, opened: datetime) -> str:
        return self._sources.get((symbol, timeframe), "")

    @override
    def issues(
        self, symbol: str, timeframe: Timeframe, start: datetime | None, stop: datetime
    ) -> tuple[str, ...]:
        return ()

    def _of(self, symbol: str, timeframe: Timeframe) -> BarSeries:
        found = self._series.get((symbol, timeframe))
        return empty_series(symbol, timeframe) if found is None else found


class ArrayMarket(Market):
    """Hands out views on preloaded series; `sources` names where each came from."""

    def __init__(
        self,
        series: Sequence[BarSeries],
        calendar: Calendar,
        *,
        sources: Mapping[SeriesKey, str] | None = None,
        sentiment: SentimentSource | None = None,
    ) -> None:
        self._reader = ArrayReader(series, sources)
        self._calendar = calendar
        self._sentiment = sentiment
        self._memo: CorrelationMemo = {}

    @override
    def view(self, as_of: datetime) -> MarketView:
        return PointInTimeView(
            self._reader, self._calendar, as_of, sentiment=self._sentiment, memo=self._memo
        )

    @override
    def refresh(self, symbol: str, timeframe: Timeframe, as_of: datetime) -> RefreshReport:
        return RefreshReport(
            symbol=symbol,
            timeframe=timeframe,
            written=0,
            source="",
            notes=("preloaded bars are not refreshed",),
        )
