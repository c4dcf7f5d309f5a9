"""From a vendor's rows to bars as we keep them: numbers checked, stamps open and UTC, sessions cut.

What does not belong here: HTTP, vendors' forms, and whether bars are plausible (the store's door and the
quality checks ask that).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import MICROSECOND, Timeframe, from_micros, iso_z, to_micros
from ztrade_core.errors import NoDataError, UnsoundDataError
from ztrade_core.ports.clock import Calendar

VALUES = ("open", "high", "low", "close", "volume")
Row = tuple[int, float, float, float, float, float]
"""Open stamp in microseconds, open, high, low, close, volume."""


def row_of(opened: datetime, values: Sequence[Any]) -> Row:
    """Return one row; UnsoundDataError when a value is not a number (texts are not read as such)."""
    for name, value in zip(VALUES, values, strict=True):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnsoundDataError(f"its {name} of {iso_z(opened)} is no number")
    first, high, low, last, volume = (float(value) for value in values)
    return to_micros(opened), first, high, low, last, volume


def series_of_rows(symbol: str, timeframe: Timeframe, rows: Sequence[Row]) -> BarSeries:
    """Return rows as a series, ordered by time; equal rows that a page repeats are taken once."""
    table = np.array(sorted(set(rows)), dtype=np.float64).reshape(len(set(rows)), len(VALUES) + 1)
    stamps = np.array(sorted(row[0] for row in set(rows)), dtype=np.int64)
    return BarSeries(
        symbol=symbol,
        timeframe=timeframe,
        timestamps=stamps,
        opens=table[:, 1].copy(),
        highs=table[:, 2].copy(),
        lows=table[:, 3].copy(),
        closes=table[:, 4].copy(),
        volumes=table[:, 5].copy(),
    )


def kept(
    series: BarSeries, start: datetime, stop: datetime, calendar: Calendar, known_at: datetime
) -> BarSeries:
    """Return the bars of `start <= open < stop` that lie on the calendar's grid and are complete.

    So extended hours and the running bar fall away.

    Raises:
        NoDataError: nothing is left.
    """
    asset_class = instrument_of(series.symbol).asset_class
    complete = calendar.complete_count(asset_class, series.timeframe, series.timestamps, known_at)
    bars = series.window(0, complete)
    if len(bars):
        begins = max(start, from_micros(int(bars.timestamps[0])))
        ends = min(stop, bars.last_open + MICROSECOND)
        grid = calendar.expected_bars(asset_class, series.timeframe, begins, max(begins, ends))
        known = np.array([to_micros(opened) for opened in grid], dtype=np.int64)
        bars = picked(bars, np.isin(bars.timestamps, known))
    if not len(bars):
        raise NoDataError(
            f"has no complete bar of {series.symbol} {series.timeframe} from {iso_z(start)} to"
            f" {iso_z(stop)}"
        )
    return bars


def picked(series: BarSeries, mask: Any) -> BarSeries:
    """Return the bars that a boolean mask picks."""
    return BarSeries(
        symbol=series.symbol,
        timeframe=series.timeframe,
        timestamps=series.timestamps[mask],
        opens=series.opens[mask],
        highs=series.highs[mask],
        lows=series.lows[mask],
        closes=series.closes[mask],
        volumes=series.volumes[mask],
    )
