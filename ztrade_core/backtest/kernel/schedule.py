"""When bars complete and what the calendar says of them then, for a whole series at once.

On the calendar's grid this is arithmetic on whole arrays; a bar off the grid is asked for one by
one. A test holds both against the `Calendar` port, bar by bar.
"""

from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ztrade_core.backtest.kernel.layout import IN_SESSION, IS_FRESH, IS_LATE
from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import (
    Timeframe,
    from_micros,
    new_york_date,
    new_york_midnight,
    to_micros,
)
from ztrade_core.ports.clock import Calendar

FlagArray = NDArray[np.uint8]


def bar_schedule(
    calendar: Calendar, asset_class: AssetClass, series: BarSeries
) -> tuple[IntArray, FlagArray]:
    """Return the completion of every bar (microseconds) and its flags at that moment."""
    stamps, timeframe = series.timestamps, series.timeframe
    length = timeframe.micros
    on_grid = _on_grid(calendar, asset_class, timeframe, stamps)
    completed = stamps + length
    flags = np.full(len(stamps), IS_FRESH | IN_SESSION, dtype=np.uint8)
    if asset_class is AssetClass.STOCK and len(stamps):
        closes = _closes_after(calendar, stamps)
        completed = closes if timeframe is Timeframe.D1 else np.minimum(completed, closes)
        if timeframe.is_intraday:
            flags[stamps + length >= closes] = IS_FRESH
    for index in np.flatnonzero(~on_grid).tolist():
        completed[index], flags[index] = _asked(
            calendar, asset_class, timeframe, from_micros(int(stamps[index]))
        )
    return completed, flags


def midnights_between(first: int, last: int) -> IntArray:
    """Return New York's midnights from the day of `first` to the day after that of `last`."""
    day, end = new_york_date(from_micros(first)), new_york_date(from_micros(last))
    found = []
    while day <= end + timedelta(days=1):
        found.append(to_micros(new_york_midnight(day)))
        day += timedelta(days=1)
    return np.array(found, dtype=np.int64)


def _on_grid(
    calendar: Calendar, asset_class: AssetClass, timeframe: Timeframe, stamps: IntArray
) -> NDArray[np.bool_]:
    if asset_class is AssetClass.CRYPTO:
        return np.asarray(stamps % timeframe.micros == 0)
    if not len(stamps):
        return np.zeros(0, dtype=np.bool_)
    first, last = from_micros(int(stamps[0])), from_micros(int(stamps[-1]) + 1)
    grid = calendar.expected_stamps(asset_class, timeframe, first, last)
    return np.isin(stamps, grid, assume_unique=True)


def _closes_after(calendar: Calendar, stamps: IntArray) -> IntArray:
    """Return the first session close after each stamp; a far future one where there is none."""
    first, last = from_micros(int(stamps[0])), from_micros(int(stamps[-1]))
    days = timedelta(days=14)  # no week passes without a session
    known = calendar.session_closes(new_york_date(first), new_york_date(last + days))
    closes = np.array([to_micros(each) for each in known] + [2**62], dtype=np.int64)
    return closes[np.searchsorted(closes[:-1], stamps, side="right")]


def _asked(
    calendar: Calendar, asset_class: AssetClass, timeframe: Timeframe, opened: datetime
) -> tuple[int, int]:
    """Ask the calendar about one bar, as a cycle at its completion does."""
    at = calendar.completes_at(asset_class, timeframe, opened)
    expected = calendar.expected_bar(asset_class, timeframe, at)
    is_open, _ = calendar.entry_session(asset_class, timeframe, opened, at)
    flags = IN_SESSION if is_open else 0
    if expected is not None:
        flags |= IS_FRESH if expected == opened else 0
        flags |= IS_LATE if expected > opened else 0
    return to_micros(at), flags
