"""The door of the store: what a bar must be to come in.

Prices finite, positive, within what exact sums can hold; low <= open, close <= high; volume finite
and >= 0; stamps ascending without duplicates, on the timeframe's grid, complete when they are
ingested. The first fault in order of rows is reported; where one row has several, in that order.
Rows come from a file (`ztrade_core.market_data.rows`) or from a provider (`check_series`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike

from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import MICROSECOND, from_micros, iso_z, to_micros
from ztrade_core.errors import InputError, UnsoundDataError
from ztrade_core.indicators.ticks import MAX_PRICE
from ztrade_core.ports.clock import Calendar

MAX_VOLUME = 1e15


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The first unsound bar of a series, by its index, and why."""

    index: int
    reason: str


def check_series(series: BarSeries, *, origin: str, calendar: Calendar, known_at: datetime) -> None:
    """Refuse a series that holds an unsound bar.

    Raises:
        UnsoundDataError: naming origin, symbol, timeframe, stamp and reason.
    """
    fault = first_fault(series, calendar, known_at)
    if fault is not None:
        stamp = stamp_text(int(series.timestamps[fault.index]))
        raise UnsoundDataError(
            f"{origin}: {series.symbol} {series.timeframe} {stamp}: {fault.reason}"
        )


def first_fault(series: BarSeries, calendar: Calendar, known_at: datetime) -> Fault | None:
    """Return the first unsound bar, or None when the series is sound.

    Grid and completeness are asked only of rows before the first fault of values or order.
    """
    early = _earliest([*_value_faults(series), *_order_faults(series.timestamps)])
    sound = series if early is None else series.window(0, early.index)
    return _time_fault(sound, calendar, known_at) or early


def stamp_text(stamp: int) -> str:
    """Return a stamp as text; one outside datetime's years as its number."""
    try:
        return iso_z(from_micros(stamp))
    except OverflowError:
        return f"{stamp} microseconds"


def _earliest(faults: list[Fault]) -> Fault | None:
    return min(faults, key=lambda fault: fault.index, default=None)


def _value_faults(series: BarSeries) -> list[Fault]:
    opens, highs, lows, closes = series.opens, series.highs, series.lows, series.closes
    prices = np.stack((opens, highs, lows, closes))
    volumes = series.volumes
    broken = (
        (~np.isfinite(prices).all(axis=0), "a price is not a finite number"),
        (~(prices > 0.0).all(axis=0), "a price is not above 0"),
        ((prices > MAX_PRICE).any(axis=0), f"a price is above {MAX_PRICE:,.0f}"),
        ((lows > opens) | (lows > closes), "the low is above open or close"),
        ((highs < opens) | (highs < closes), "the high is below open or close"),
        (~np.isfinite(volumes), "the volume is not a finite number"),
        (volumes < 0.0, "the volume is negative"),
        (volumes > MAX_VOLUME, f"the volume is above {MAX_VOLUME:g}"),
    )
    return _faults(broken)


def _order_faults(stamps: IntArray) -> list[Fault]:
    duplicate = np.diff(stamps, prepend=stamps[:1] - 1) == 0
    backwards = np.diff(stamps, prepend=stamps[:1] - 1) < 0
    broken = (
        (duplicate, "duplicates the bar before it"),
        (backwards, "is earlier than the bar before it"),
    )
    return _faults(broken)


def _faults(broken: Sequence[tuple[ArrayLike, str]]) -> list[Fault]:
    masks = [(np.asarray(bad), reason) for bad, reason in broken]
    return [Fault(index=int(mask.argmax()), reason=reason) for mask, reason in masks if mask.any()]


def _time_fault(series: BarSeries, calendar: Calendar, known_at: datetime) -> Fault | None:
    """Return the first bar off the grid, before the calendar's years, or not complete yet."""
    asset_class = instrument_of(series.symbol).asset_class
    timeframe, stamps = series.timeframe, series.timestamps
    complete = calendar.complete_count(asset_class, timeframe, stamps, known_at)
    if complete > 0:
        try:
            first, last = from_micros(int(stamps[0])), from_micros(int(stamps[complete - 1]))
            grid = calendar.expected_bars(asset_class, timeframe, first, last + MICROSECOND)
        except (InputError, OverflowError) as error:
            return Fault(index=0, reason=str(error))
        known = np.array([to_micros(opened) for opened in grid], dtype=np.int64)
        on_grid = np.isin(stamps[:complete], known)
        if not bool(on_grid.all()):
            return Fault(index=int(np.argmin(on_grid)), reason=_GRID_TEXTS[timeframe.is_intraday])
    if complete < len(stamps):
        return Fault(index=complete, reason=f"is not complete at {iso_z(known_at)}")
    return None


_GRID_TEXTS = {
    True: "does not open on the grid of its timeframe and session (stocks count from the session's"
    " open, 09:30 New York; crypto from 00:00 UTC)",
    False: "a daily bar opens at 00:00 New York of a session (crypto: 00:00 UTC)",
}
