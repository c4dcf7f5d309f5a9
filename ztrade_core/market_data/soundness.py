"""The door of the store: what a bar must be to come in.

Prices finite, positive, within what exact sums can hold; low <= open, close <= high; volume finite
and >= 0; stamps ascending without duplicates, on the timeframe's grid, complete when they are
ingested. The first fault in order of rows is reported; where one row has several, in that order.
Rows come from a file (`ztrade_core.market_data.rows`) or from a provider (`check_series`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf

import numpy as np
from numpy.typing import ArrayLike

from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import MICROSECOND, from_micros, iso_z
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
        raise UnsoundDataError(_refusal(series, fault, origin))


def refuse_unsound(series: BarSeries, *, origin: str) -> None:
    """Refuse a series out of order, or with a value that no price or volume can be.

    Grid and greatest values are asked at the store's door alone.

    Raises:
        UnsoundDataError: naming origin, symbol, timeframe, stamp and reason.
    """
    fault = _unsound(series, most_usd=inf, most_volume=inf)
    if fault is not None:
        raise UnsoundDataError(_refusal(series, fault, origin))


def first_fault(series: BarSeries, calendar: Calendar, known_at: datetime) -> Fault | None:
    """Return the first unsound bar, or None when the series is sound.

    Grid and completeness are asked only of rows before the first fault of values or order.
    """
    early = _unsound(series, most_usd=MAX_PRICE, most_volume=MAX_VOLUME)
    sound = series if early is None else series.window(0, early.index)
    return _time_fault(sound, calendar, known_at) or early


def stamp_text(stamp: int) -> str:
    """Return a stamp as text; one outside datetime's years as its number."""
    try:
        return iso_z(from_micros(stamp))
    except OverflowError:
        return f"{stamp} microseconds"


def _refusal(series: BarSeries, fault: Fault, origin: str) -> str:
    stamp = stamp_text(int(series.timestamps[fault.index]))
    return f"{origin}: {series.symbol} {series.timeframe} {stamp}: {fault.reason}"


def _unsound(series: BarSeries, *, most_usd: float, most_volume: float) -> Fault | None:
    values = _value_faults(series, most_usd, most_volume)
    return _earliest([*values, *_order_faults(series.timestamps)])


def _earliest(faults: list[Fault]) -> Fault | None:
    return min(faults, key=lambda fault: fault.index, default=None)


def _value_faults(series: BarSeries, most_usd: float, most_volume: float) -> list[Fault]:
    opens, highs, lows, closes = series.opens, series.highs, series.lows, series.closes
    prices = np.stack((opens, highs, lows, closes))
    volumes = series.volumes
    broken = (
        (~np.isfinite(prices).all(axis=0), "a price is not a finite number"),
        (~(prices > 0.0).all(axis=0), "a price is not above 0"),
        ((prices > most_usd).any(axis=0), f"a price is above {most_usd:,.0f}"),
        ((lows > opens) | (lows > closes), "the low is above open or close"),
        ((highs < opens) | (highs < closes), "the high is below open or close"),
        (~np.isfinite(volumes), "the volume is not a finite number"),
        (volumes < 0.0, "the volume is negative"),
        (volumes > most_volume, f"the volume is above {most_volume:g}"),
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
            grid = calendar.expected_stamps(asset_class, timeframe, first, last + MICROSECOND)
        except (InputError, OverflowError) as error:
            return Fault(index=0, reason=str(error))
        on_grid = np.isin(stamps[:complete], grid)
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
