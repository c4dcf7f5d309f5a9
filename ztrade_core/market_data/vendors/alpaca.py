"""Bars from Alpaca through alpaca-py: stocks with keys, crypto without.

Prices are split-adjusted, not dividend-adjusted; `source` is `alpaca:<feed>:split` for stocks and
`alpaca:us` for crypto. Alpaca writes no bar where nothing was traded. Its stock hours open on the full
hour, ours count from the session's open, so they are made of its quarters; a coin's day of its hours.
Source: Alpaca's Market Data API 1.1.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from typing_extensions import override

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import MICROSECOND, Timeframe, iso_z, parse_instant
from ztrade_core.errors import UnsoundDataError, VendorRefusedError
from ztrade_core.market_data.resampling import resampled
from ztrade_core.market_data.vendors.alpaca_door import AlpacaDoor
from ztrade_core.market_data.vendors.shaping import Row, kept, row_of, series_of_rows
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.providers import BarProvider, FetchedBars
from ztrade_core.wires.pace import Pace

PAGE_BARS = 10_000
MOST_PAGES = 4  # of one window, which fits on one: Alpaca may cut a page short
_FIELDS = ("o", "h", "l", "c", "v")


class AlpacaBars(BarProvider):
    """Bars of stocks and crypto; `keys` None: crypto only."""

    def __init__(
        self,
        *,
        url: str,
        feed: str,
        keys: tuple[SecretStr, SecretStr] | None,
        calendar: Calendar,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self._feed = feed
        self._calendar = calendar
        self._clock = clock
        self._door = AlpacaDoor(url, keys, clock, pace)

    @property
    @override
    def name(self) -> str:
        return "alpaca"

    @override
    def supports(self, symbol: str, timeframe: Timeframe) -> bool:
        return self._door.has_keys or instrument_of(symbol).asset_class is AssetClass.CRYPTO

    @override
    def calls(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> int:
        return sum(1 for _ in _windows(symbol, timeframe, start, stop))

    @override
    def fetch(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> FetchedBars:
        if not self.supports(symbol, timeframe):
            raise VendorRefusedError("stocks need ALPACA_API_KEY and ALPACA_SECRET_KEY")
        asked_at = self._clock.now()  # a bar that completes while we ask is not taken half-built
        rows: list[Row] = []
        asks = self._coins if "/" in symbol else self._stocks
        for begins, ends in _windows(symbol, timeframe, start, stop):
            told = asks(symbol, timeframe, begins, ends)
            rows += _rows(told, symbol, begins, ends)
        series = self._in_our_timeframe(symbol, timeframe, rows)
        bars = kept(series, start, stop, self._calendar, asked_at)
        is_stock = instrument_of(symbol).asset_class is AssetClass.STOCK
        return FetchedBars(
            series=bars, source=f"alpaca:{self._feed}:split" if is_stock else "alpaca:us"
        )

    def _stocks(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> Any:
        from alpaca.data.enums import Adjustment, DataFeed  # noqa: PLC0415 - alpaca-py is slow to load
        from alpaca.data.requests import StockBarsRequest  # noqa: PLC0415

        form = StockBarsRequest(
            symbol_or_symbols=symbol,
            timeframe=_vendors_form(symbol, timeframe),
            start=start,
            end=stop - MICROSECOND,
            limit=PAGE_BARS,
            adjustment=Adjustment.SPLIT,
            feed=DataFeed(self._feed),
        )
        client = self._door.stocks()
        return self._door.asked(lambda: client.get_stock_bars(form), most=MOST_PAGES)

    def _coins(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> Any:
        from alpaca.data.requests import CryptoBarsRequest  # noqa: PLC0415 - slow to load

        form = CryptoBarsRequest(
            symbol_or_symbols=symbol,
            timeframe=_vendors_form(symbol, timeframe),
            start=start,
            end=stop - MICROSECOND,
            limit=PAGE_BARS,
        )
        client = self._door.coins()
        return self._door.asked(lambda: client.get_crypto_bars(form), most=MOST_PAGES)

    def _in_our_timeframe(self, symbol: str, timeframe: Timeframe, rows: list[Row]) -> BarSeries:
        asked = _asked_as(symbol, timeframe)
        series = series_of_rows(symbol, asked, rows)
        if asked is timeframe:
            return series
        return resampled(series, timeframe, self._calendar, needs_all=False).series


def _asked_as(symbol: str, timeframe: Timeframe) -> Timeframe:
    """Return the timeframe to ask for: the series' own, or one that ours is made of."""
    is_stock = instrument_of(symbol).asset_class is AssetClass.STOCK
    if is_stock and timeframe is Timeframe.H1:
        return Timeframe.M15
    if not is_stock and timeframe is Timeframe.D1:
        return Timeframe.H1
    return timeframe


def _windows(
    symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the windows to ask for, each of no more bars around the clock than a page holds.

    Where our bars are made of shorter ones the last reaches to the end of the last long bar.
    """
    asked = _asked_as(symbol, timeframe)
    length = asked.duration * PAGE_BARS
    stop = stop if asked is timeframe else stop + timeframe.duration
    while start < stop:
        yield start, min(start + length, stop)
        start += length


def _vendors_form(symbol: str, timeframe: Timeframe) -> Any:
    from alpaca.data.timeframe import TimeFrame, TimeFrameUnit  # noqa: PLC0415 - slow to load

    forms = {
        Timeframe.M1: (1, TimeFrameUnit.Minute),
        Timeframe.M5: (5, TimeFrameUnit.Minute),
        Timeframe.M15: (15, TimeFrameUnit.Minute),
        Timeframe.H1: (1, TimeFrameUnit.Hour),
        Timeframe.D1: (1, TimeFrameUnit.Day),
    }
    return TimeFrame(*forms[_asked_as(symbol, timeframe)])


def _rows(told: Any, symbol: str, start: datetime, stop: datetime) -> Iterator[Row]:
    """Yield an answer's bars; UnsoundDataError for others than were asked for, or what is no bar."""
    if not isinstance(told, Mapping) or set(told) - {symbol}:
        raise UnsoundDataError(f"it answered for another symbol than {symbol}")
    bars = told.get(symbol) or []
    if not isinstance(bars, list):
        raise UnsoundDataError("its bars are no list")
    for bar in bars:
        try:
            opened = parse_instant(bar["t"])
            row = row_of(opened, [bar[name] for name in _FIELDS])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise UnsoundDataError(f"a bar that is none ({type(error).__name__})") from None
        if not start <= opened < stop:
            raise UnsoundDataError(f"a bar of {iso_z(opened)}, which was not asked for")
        yield row
