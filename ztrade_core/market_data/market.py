"""The market over the store: views for decisions, and the refresh that fills the store for them.

A view reads the store only; no provider is ever called while something decides. `refresh` asks the
providers in their configured order for what is missing since the last stored bar, and names each
one that it passed over: nothing stands in silently.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from typing_extensions import override

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import MICROSECOND, Timeframe, require_utc, to_micros
from ztrade_core.errors import DataError, NoDataError
from ztrade_core.market_data.soundness import check_series
from ztrade_core.market_data.views import BarReader, PointInTimeView, SentimentSource
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.market import Market, MarketView, RefreshReport
from ztrade_core.ports.providers import BarProvider


class StoreReader(BarReader):
    """Bars as the store holds them."""

    def __init__(self, store: BarStore) -> None:
        self._store = store

    @override
    def last(self, symbol: str, timeframe: Timeframe, count: int, before: datetime) -> BarSeries:
        return self._store.read(symbol, timeframe, stop=before, last=count)

    @override
    def between(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> BarSeries:
        return self._store.read(symbol, timeframe, start=start, stop=stop)

    @override
    def source_at(self, symbol: str, timeframe: Timeframe, opened: datetime) -> str:
        return self._store.source_at(symbol, timeframe, opened)


class StoreMarket(Market):
    """Views on the store, refreshed from `providers` (per asset class, in order of preference).

    A series that has no bars yet is fetched from `history_start` on.
    """

    def __init__(
        self,
        store: BarStore,
        calendar: Calendar,
        *,
        clock: Clock,
        providers: Mapping[AssetClass, Sequence[BarProvider]],
        history_start: datetime,
        sentiment: SentimentSource | None = None,
    ) -> None:
        self._store = store
        self._calendar = calendar
        self._clock = clock
        self._providers = {key: tuple(value) for key, value in providers.items()}
        self._history_start = require_utc(history_start)
        self._sentiment = sentiment

    @override
    def view(self, as_of: datetime) -> MarketView:
        reader = StoreReader(self._store)
        return PointInTimeView(reader, self._calendar, as_of, sentiment=self._sentiment)

    @override
    def refresh(self, symbol: str, timeframe: Timeframe, as_of: datetime) -> RefreshReport:
        asset_class = instrument_of(symbol).asset_class
        stored = self._store.read(symbol, timeframe, last=1)
        start = stored.last_open + MICROSECOND if len(stored) else self._history_start
        newest = self._calendar.expected_bar(asset_class, timeframe, as_of)
        source = self._store.source_at(symbol, timeframe, stored.last_open) if len(stored) else ""
        written, notes = 0, []
        if newest is not None and start <= newest:
            for provider in self._providers.get(asset_class, ()):
                try:
                    written, source = self._fetch_into_store(provider, stored, start, newest)
                    break
                except DataError as error:
                    notes.append(f"{provider.name}: {error}")
            else:
                notes.append(f"no provider delivered {symbol} {timeframe} after {start:%Y-%m-%d}")
        return RefreshReport(
            symbol=symbol, timeframe=timeframe, written=written, source=source, notes=tuple(notes)
        )

    def _fetch_into_store(
        self, provider: BarProvider, wanted: BarSeries, start: datetime, newest: datetime
    ) -> tuple[int, str]:
        """Write what the provider has with `start <= open <= newest`; return rows and source."""
        symbol, timeframe = wanted.symbol, wanted.timeframe
        if not provider.supports(symbol, timeframe):
            raise NoDataError(f"does not offer {symbol} {timeframe}")
        stop = newest + MICROSECOND
        fetched = provider.fetch(symbol, timeframe, start, stop)
        bars = _between(fetched.series, start, stop)
        if not len(bars):
            raise NoDataError(f"has no complete bar of {symbol} {timeframe} after {start}")
        now = self._clock.now()
        check_series(bars, origin=fetched.source, calendar=self._calendar, known_at=now)
        report = self._store.upsert([bars], source=fetched.source, ingested_at=now)[0]
        return report.inserted + report.updated, fetched.source


def _between(series: BarSeries, start: datetime, stop: datetime) -> BarSeries:
    """Keep `start <= open < stop`: an incomplete last bar opens at or after `stop`."""
    stamps = series.timestamps
    inside = (stamps >= to_micros(start)) & (stamps < to_micros(stop))
    return BarSeries(
        symbol=series.symbol,
        timeframe=series.timeframe,
        timestamps=stamps[inside],
        opens=series.opens[inside],
        highs=series.highs[inside],
        lows=series.lows[inside],
        closes=series.closes[inside],
        volumes=series.volumes[inside],
    )
