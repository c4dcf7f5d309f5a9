"""Bars of stocks from Alpha Vantage through its Python client; a key is needed, crypto is not offered.

Prices are raw (as traded), `source` is `alpha_vantage:raw`: splits are taken out on reading. Intraday
comes a month a request, days in one. Its times are New York's without saying so, newest first; hours
are made of quarters, and one that lacks a quarter is left out. What completed within the last 15
minutes is not taken: its feeds may be delayed by that.
Source: Alpha Vantage's documentation of TIME_SERIES_INTRADAY and TIME_SERIES_DAILY. It refuses with HTTP
200 and a sentence, in which the key may stand; alpha_vantage 3.0 has neither timeouts nor a session, so
its one call to the network is replaced by ours.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr
from typing_extensions import override

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import (
    MICROSECOND,
    NEW_YORK,
    Timeframe,
    iso_z,
    new_york_date,
    to_micros,
)
from ztrade_core.errors import (
    NoDataError,
    UnsoundDataError,
    VendorRefusedError,
)
from ztrade_core.market_data.resampling import resampled
from ztrade_core.market_data.vendors.alpha_vantage_door import AlphaVantageDoor, vendors_symbol
from ztrade_core.market_data.vendors.shaping import VALUES, Row, kept, row_of, series_of_rows
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.providers import BarProvider, FetchedBars
from ztrade_core.wires.bounded import WireLimits
from ztrade_core.wires.pace import Pace
from ztrade_core.wires.vendor import VENDOR_LIMITS

COMPACT_BARS = 100
COMPACT_REACH = timedelta(days=138)  # holds no more sessions than that
DELAY = timedelta(minutes=15)
FIRST_MONTH = date(2000, 1, 1)
_INTERVALS = {
    Timeframe.M1: "1min",
    Timeframe.M5: "5min",
    Timeframe.M15: "15min",
    Timeframe.H1: "15min",
}
_ZONES = frozenset({"US/Eastern", "America/New_York"})
_FIELDS = tuple(f"{number}. {name}" for number, name in enumerate(VALUES, 1))
_NUMBER = re.compile(r"\d{1,18}(\.\d{1,18})?", re.ASCII)


class AlphaVantageBars(BarProvider):
    """Raw bars of stocks; `key` None: nothing is served."""

    def __init__(
        self,
        *,
        url: str,
        key: SecretStr | None,
        calendar: Calendar,
        clock: Clock,
        pace: Pace,
        limits: WireLimits = VENDOR_LIMITS,
    ) -> None:
        self._calendar = calendar
        self._clock = clock
        self._door = AlphaVantageDoor(url, key, clock, pace=pace, limits=limits)

    @property
    @override
    def name(self) -> str:
        return "alpha_vantage"

    @override
    def supports(self, symbol: str, timeframe: Timeframe) -> bool:
        return self._door.has_key and instrument_of(symbol).asset_class is AssetClass.STOCK

    @override
    def calls(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> int:
        if not self.supports(symbol, timeframe):
            return 0
        months = _months(start, min(stop, self._clock.now()))
        return len(months) if timeframe.is_intraday else min(1, len(months))

    @override
    def fetch(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> FetchedBars:
        self._require(symbol)
        now = self._clock.now()  # before it is asked: what completes meanwhile is not taken
        months = _months(start, min(stop, now))
        if not months:
            raise NoDataError(
                f"has no bars from {iso_z(start)} to {iso_z(stop)}: they begin in"
                f" {FIRST_MONTH:%Y-%m} and end at {iso_z(now)}"
            )
        self._door.begin(len(months))
        if timeframe.is_intraday:
            told = [row for month in months for row in self._month(symbol, timeframe, month)]
        else:
            told = list(self._days(symbol, start, now))
        first, last = to_micros(start), to_micros(stop + timeframe.duration)
        rows = [row for row in told if first <= row[0] < last]  # the calendar may end beyond
        series = self._in_our_timeframe(symbol, timeframe, rows)
        bars = kept(series, start, stop, self._calendar, now - DELAY)
        return FetchedBars(series=bars, source="alpha_vantage:raw")

    def _require(self, symbol: str) -> None:
        if instrument_of(symbol).asset_class is not AssetClass.STOCK:
            raise VendorRefusedError(f"{symbol}: only stocks are asked for here")
        if not self._door.has_key:
            raise VendorRefusedError("needs ALPHAVANTAGE_API_KEY")

    def _month(self, symbol: str, timeframe: Timeframe, month: str) -> list[Row]:
        """Return the bars of one month (`2022-11`), in the timeframe that is asked for."""
        interval = _INTERVALS[timeframe]
        told = self._door.series(
            "get_intraday",
            symbol=vendors_symbol(symbol),
            interval=interval,
            outputsize="full",
            month=month,
            extended_hours="false",
            adjusted="false",
        )
        facts = _facts(told[1], symbol)
        if facts.get("Interval") != interval:
            raise UnsoundDataError(f"it answered with other bars than {interval}")
        _require_whole(facts)
        return list(_rows(told[0], "%Y-%m-%d %H:%M:%S"))

    def _days(self, symbol: str, start: datetime, now: datetime) -> Iterator[Row]:
        size = "compact" if now - start <= COMPACT_REACH else "full"
        told = self._door.series("get_daily", symbol=vendors_symbol(symbol), outputsize=size)
        facts = _facts(told[1], symbol)
        if size == "full":
            _require_whole(facts)
        return _rows(told[0], "%Y-%m-%d")

    def _in_our_timeframe(self, symbol: str, timeframe: Timeframe, rows: list[Row]) -> BarSeries:
        if timeframe is not Timeframe.H1:
            return series_of_rows(symbol, timeframe, rows)
        quarters = series_of_rows(symbol, Timeframe.M15, rows)
        return resampled(quarters, timeframe, self._calendar).series


def _months(start: datetime, stop: datetime) -> list[str]:
    """Return New York's months that hold `start <= open < stop`, as `2022-11`."""
    if stop <= start:
        return []
    first = max(new_york_date(start), FIRST_MONTH)
    last = new_york_date(stop - MICROSECOND)
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers]


def _facts(meta: Any, symbol: str) -> dict[str, str]:
    """Return an answer's description by name (`Symbol`, `Interval`, ...), checked against the question."""
    if not isinstance(meta, Mapping):
        raise UnsoundDataError("it does not say what it answered")
    facts = {str(name).partition(". ")[2]: str(value) for name, value in meta.items()}
    if quote(facts.get("Symbol", "").upper(), safe="") != vendors_symbol(symbol):
        raise UnsoundDataError(f"it answered for another symbol than {symbol}")
    if facts.get("Time Zone") not in _ZONES:
        raise UnsoundDataError("its times are not New York's")
    return facts


def _require_whole(facts: Mapping[str, str]) -> None:
    if not facts.get("Output Size", "").lower().startswith("full"):
        raise UnsoundDataError(
            f"it answered with the last {COMPACT_BARS} bars where all were asked for"
        )


def _rows(told: Any, form: str) -> Iterator[Row]:
    """Yield an answer's bars, in its own order; UnsoundDataError for what is none."""
    if not isinstance(told, Mapping):
        raise UnsoundDataError("its bars are no list")
    for stamp, bar in told.items():
        try:
            opened = datetime.strptime(stamp, form).replace(tzinfo=NEW_YORK).astimezone(UTC)
            texts = [bar[name] for name in _FIELDS]
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise UnsoundDataError(f"a bar that is none ({type(error).__name__})") from None
        yield row_of(opened, [_number(text) for text in texts])


def _number(text: Any) -> Any:
    """Return a plain decimal's number; None, which is refused, for whatever else."""
    return float(text) if isinstance(text, str) and _NUMBER.fullmatch(text) else None
