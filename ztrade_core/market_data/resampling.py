"""Longer bars from shorter ones, on the calendar's grid.

A long bar is made of the short bars that open from its open on and before it completes: first open,
highest high, lowest low, last close, volumes added in order of time. Which vendor, and whether a bar is
complete yet, is not known here.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ztrade_core.domain.bars import BarSeries, FloatArray, IntArray, empty_series
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import MICROSECOND, Timeframe, from_micros, to_micros
from ztrade_core.errors import InputError
from ztrade_core.ports.clock import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampled:
    """Long bars, and the opens (int64 microseconds) of those left out for want of a short bar."""

    series: BarSeries
    left_out: IntArray


def resampled(
    series: BarSeries, timeframe: Timeframe, calendar: Calendar, *, needs_all: bool = True
) -> Resampled:
    """Return the bars of a longer timeframe.

    `needs_all`: a long bar stands only when every short bar that the calendar expects in it is there;
    else one is enough (a vendor that writes no bar where nothing was traded). Short bars outside every
    session (before its open, after its close) are passed over.

    Raises:
        InputError: the timeframe is not longer than the series' own, or not a multiple of it.
    """
    short = series.timeframe
    if timeframe.micros <= short.micros or timeframe.micros % short.micros:
        raise InputError(f"{timeframe} bars cannot be made of {short} bars: choose a shorter one")
    if not len(series):
        none = empty_series(series.symbol, timeframe)
        return Resampled(series=none, left_out=none.timestamps)
    asset_class = instrument_of(series.symbol).asset_class
    opens, ends = _long_bars(series, asset_class, timeframe, calendar)
    grid = _short_grid(opens, ends, asset_class, short, calendar)
    taken = np.flatnonzero(np.isin(series.timestamps, grid))
    slot = np.searchsorted(opens, series.timestamps[taken], side="right") - 1
    present = np.bincount(slot, minlength=len(opens))
    kept = present > 0
    if needs_all:
        kept &= present >= np.searchsorted(grid, ends) - np.searchsorted(grid, opens)
    wanted = kept[slot]
    return Resampled(
        series=_joined(series, timeframe, opens[kept], (slot[wanted], taken[wanted])),
        left_out=opens[(present > 0) & ~kept],
    )


def _long_bars(
    series: BarSeries, asset_class: AssetClass, timeframe: Timeframe, calendar: Calendar
) -> tuple[IntArray, IntArray]:
    """Return opens and completions of the long bars that may hold a short one."""
    first = from_micros(int(series.timestamps[0])) - timeframe.duration
    grid = calendar.expected_bars(asset_class, timeframe, first, series.last_open + MICROSECOND)
    ends = [calendar.completes_at(asset_class, timeframe, opened) for opened in grid]
    return _micros(grid), _micros(ends)


def _short_grid(
    opens: IntArray, ends: IntArray, asset_class: AssetClass, short: Timeframe, calendar: Calendar
) -> IntArray:
    """Return the opens of all the short bars that long ones are made of."""
    if not len(opens):
        return opens
    start, stop = from_micros(int(opens[0])), from_micros(int(ends[-1]))
    return _micros(calendar.expected_bars(asset_class, short, start, stop))


def _joined(
    series: BarSeries, timeframe: Timeframe, opens: IntArray, members: tuple[IntArray, IntArray]
) -> BarSeries:
    """Join short bars by their long bar's number; `members`: number and index, both ascending."""
    slot, index = members
    starts = np.flatnonzero(np.diff(slot, prepend=-1))
    lasts = np.append(starts[1:], len(slot)) - 1 if len(starts) else starts
    return BarSeries(
        symbol=series.symbol,
        timeframe=timeframe,
        timestamps=opens,
        opens=series.opens[index[starts]],
        highs=np.maximum.reduceat(series.highs[index], starts) if len(starts) else series.highs[:0],
        lows=np.minimum.reduceat(series.lows[index], starts) if len(starts) else series.lows[:0],
        closes=series.closes[index[lasts]],
        volumes=_added(series.volumes[index], starts, lasts),
    )


def _added(values: FloatArray, starts: IntArray, lasts: IntArray) -> FloatArray:
    """Return each group's sum, added one after another: the same bits everywhere."""
    total = np.zeros(len(starts))
    for step in range(int((lasts - starts).max()) + 1 if len(starts) else 0):
        there = starts + step <= lasts
        total[there] += values[starts[there] + step]
    return total


def _micros(instants: list[datetime]) -> IntArray:
    return np.array([to_micros(instant) for instant in instants], dtype=np.int64)
