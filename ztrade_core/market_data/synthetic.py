"""Invented bars for demonstrations and tests, and marked as such: source `synthetic:v1:<seed>`.

A bar is a pure function of seed, symbol, timeframe and open time: no state, no clock, any sub-range
asked alone gives the same bars, on every platform. All timeframes of a symbol are made of the same
invented minutes, so they agree with each other. Bars lie on the calendar's grid, prices on the cent,
around a level that is realistic for known symbols. Changing any number here means a new version.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from typing_extensions import override

from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import (
    EPOCH,
    MICROSECOND,
    Timeframe,
    new_york_date,
    new_york_midnight,
    require_utc,
    to_micros,
)
from ztrade_core.errors import NoDataError
from ztrade_core.market_data.synthetic_levels import NANO, UNIT, digest, level, normal, turbulence
from ztrade_core.market_data.synthetic_minutes import DayPlan, Minutes, minutes_of
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.providers import BarProvider, FetchedBars

VERSION = 1
MINUTE_MICROS = 60_000_000
BASE_DOLLARS = {
    "TSLA": 250,
    "IWM": 200,
    "SPY": 450,
    "AAPL": 180,
    "MSFT": 350,
    "BTC/USD": 40_000,
    "ETH/USD": 2_500,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Character:
    """How an asset class moves: 1e-9 of log price; volume in `1 / volume_unit`."""

    level_percent: int
    gap: int
    wildness: int
    volume_per_minute: int
    volume_unit: float


_STOCK = _Character(
    level_percent=100,
    gap=4_000_000,
    wildness=14_000_000,
    volume_per_minute=50_000,
    volume_unit=1.0,
)
_CRYPTO = _Character(
    level_percent=160, gap=0, wildness=22_000_000, volume_per_minute=400, volume_unit=100.0
)


class SyntheticProvider(BarProvider):
    """Invents bars from a seed."""

    name = "synthetic"

    def __init__(self, seed: int, calendar: Calendar) -> None:
        self._seed = seed
        self._calendar = calendar

    @property
    def source(self) -> str:
        """What the rows carry as their source."""
        return f"synthetic:v{VERSION}:{self._seed}"

    @override
    def supports(self, symbol: str, timeframe: Timeframe) -> bool:
        return True

    @override
    def calls(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> int:
        return 0

    @override
    def fetch(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> FetchedBars:
        asset_class = instrument_of(symbol).asset_class
        days = list(self._days(asset_class, require_utc(start), require_utc(stop)))
        pieces = [self._bars(symbol, timeframe, opened, closed) for opened, closed in days]
        if pieces:
            stamps = np.concatenate([stamps for stamps, _ in pieces])
            inside = slice(*stamps.searchsorted([to_micros(start), to_micros(stop)]).tolist())
            columns = np.concatenate([columns for _, columns in pieces], axis=1)[:, inside]
            if columns.shape[1]:
                series = _series(symbol, timeframe, stamps[inside], columns)
                return FetchedBars(series=series, source=self.source)
        raise NoDataError(f"no {timeframe} bar of {symbol} opens from {start} to {stop}")

    def _days(
        self, asset_class: AssetClass, start: datetime, stop: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """Yield open and close of every session, or UTC day, that reaches into the range."""
        if asset_class is AssetClass.CRYPTO:
            day = EPOCH + (start - EPOCH) // timedelta(days=1) * timedelta(days=1)
            while day < stop:
                yield day, day + timedelta(days=1)
                day += timedelta(days=1)
            return
        first = new_york_midnight(new_york_date(start))
        for stamp in self._calendar.expected_bars(
            asset_class, Timeframe.D1, first, max(first, stop)
        ):
            closed = self._calendar.completes_at(asset_class, Timeframe.D1, stamp)
            grid = self._calendar.expected_bars(asset_class, Timeframe.H1, stamp, closed)
            yield grid[0], closed

    def _bars(
        self, symbol: str, timeframe: Timeframe, opened: datetime, closed: datetime
    ) -> tuple[IntArray, np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
        """Return the day's stamps, and open, high, low, close, volume in shape `(5, n)`."""
        minutes = minutes_of(self._plan(symbol, opened, closed))
        count = len(minutes.opens)
        size = timeframe.micros // MINUTE_MICROS
        starts = np.arange(0, count, size)
        first = to_micros(opened)
        stamps = first + starts * MINUTE_MICROS
        if timeframe is Timeframe.D1 and instrument_of(symbol).asset_class is AssetClass.STOCK:
            stamps = np.array([to_micros(new_york_midnight(new_york_date(opened)))])
        unit = _character(symbol).volume_unit
        return stamps.astype(np.int64), _columns(minutes, starts, size, unit)

    def _plan(self, symbol: str, opened: datetime, closed: datetime) -> DayPlan:
        stream, character = f"{self._seed}|{symbol}|v{VERSION}", _character(symbol)
        day = _trading_day(symbol, opened)
        gap = normal(stream, "gap", day) * character.gap // UNIT
        return DayPlan(
            stream=stream,
            day=day,
            minutes=(closed - opened) // MICROSECOND // MINUTE_MICROS,
            base_cents=_base_cents(symbol, stream),
            first_level=level(stream, day) * character.level_percent // 100 + gap,
            last_level=level(stream, day + 1) * character.level_percent // 100,
            wildness=character.wildness * turbulence(stream, day) // NANO,
            volume_per_minute=character.volume_per_minute * turbulence(stream, day) // NANO,
        )


def _character(symbol: str) -> _Character:
    return _CRYPTO if instrument_of(symbol).asset_class is AssetClass.CRYPTO else _STOCK


def _base_cents(symbol: str, stream: str) -> int:
    dollars = BASE_DOLLARS.get(symbol, 30 + int.from_bytes(digest(stream, "base")[:4]) % 300)
    return 100 * dollars


def _trading_day(symbol: str, opened: datetime) -> int:
    """Return the number of a day: every day for crypto, weekdays only for stocks."""
    ordinal = opened.toordinal()
    if _character(symbol) is _CRYPTO:
        return ordinal
    weeks, weekday = divmod(ordinal - 1, 7)  # ordinal 1 is a Monday
    return 5 * weeks + min(weekday, 4)


def _columns(
    minutes: Minutes, starts: IntArray, size: int, volume_unit: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Put minutes together into bars of `size` minutes, the last one maybe shorter."""
    ends = np.minimum(starts + size, len(minutes.opens)) - 1
    cents = np.stack(
        (
            minutes.opens[starts],
            np.maximum.reduceat(minutes.highs, starts),
            np.minimum.reduceat(minutes.lows, starts),
            minutes.closes[ends],
        )
    )
    volumes = np.add.reduceat(minutes.volumes, starts).astype(np.float64) / volume_unit
    return np.vstack((cents.astype(np.float64) / 100.0, volumes))


def _series(
    symbol: str,
    timeframe: Timeframe,
    stamps: IntArray,
    columns: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> BarSeries:
    opens, highs, lows, closes, volumes = columns
    return BarSeries(
        symbol=symbol,
        timeframe=timeframe,
        timestamps=stamps,
        opens=opens,
        highs=highs,
        lows=lows,
        closes=closes,
        volumes=volumes,
    )
