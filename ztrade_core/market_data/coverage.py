"""What a stored series lacks of the calendar between its first and its last bar.

Grids are built session by session with numpy: a year of minutes costs a millisecond. What lies after
the last bar is freshness, not a gap.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ztrade_core.domain.bars import IntArray
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import MICROSECOND, Timeframe, from_micros, to_micros
from ztrade_core.ports.clock import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Bars the calendar expects and the store lacks: how many, in how many gaps, the longest one."""

    missing: int
    gaps: int
    longest_bars: int
    longest_from: datetime | None


COMPLETE = Coverage(missing=0, gaps=0, longest_bars=0, longest_from=None)


def expected_opens(
    calendar: Calendar,
    asset_class: AssetClass,
    timeframe: Timeframe,
    first: datetime,
    last: datetime,
) -> IntArray:
    """Return the opens that the calendar has in `first <= open <= last`, ascending microseconds.

    Raises InputError for instants outside the calendar's years.
    """
    low, high, length = to_micros(first), to_micros(last), timeframe.micros
    if asset_class is AssetClass.CRYPTO:
        return np.arange(-(-low // length) * length, high + 1, length, dtype=np.int64)
    if timeframe in (Timeframe.D1, Timeframe.H1):
        opens = calendar.expected_bars(asset_class, timeframe, first, last + MICROSECOND)
        return np.array([to_micros(opened) for opened in opens], dtype=np.int64)
    return _in_sessions(calendar, timeframe, first, last)


def coverage_of(opens: IntArray, expected: IntArray) -> Coverage:
    """Compare stored opens with the expected ones, both ascending; stored ones off the grid are none."""
    lacks = ~np.isin(expected, opens, assume_unique=True)
    if not lacks.any():
        return COMPLETE
    edges = np.flatnonzero(np.diff(np.concatenate(([False], lacks, [False])).astype(np.int8)))
    begins, lengths = edges[::2], edges[1::2] - edges[::2]
    longest = int(np.argmax(lengths))
    return Coverage(
        missing=int(lacks.sum()),
        gaps=len(lengths),
        longest_bars=int(lengths[longest]),
        longest_from=from_micros(int(expected[begins[longest]])),
    )


def _in_sessions(
    calendar: Calendar, timeframe: Timeframe, first: datetime, last: datetime
) -> IntArray:
    """Return a stock's intraday opens: from each session's open, by its length, to its close."""
    days = Timeframe.D1.duration
    hours = calendar.expected_bars(AssetClass.STOCK, Timeframe.H1, first - days, last + MICROSECOND)
    starts = np.array([to_micros(opened) for opened in hours], dtype=np.int64)
    found = calendar.session_closes((first - days).date(), (last + days).date())
    closes = np.array([to_micros(close) for close in found], dtype=np.int64)
    sessions, firsts = np.unique(closes.searchsorted(starts, side="right"), return_index=True)
    opens, closes = starts[firsts], closes[sessions]
    counts = -(-(closes - opens) // timeframe.micros)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    grid = np.repeat(opens, counts) + (np.arange(len(before)) - before) * timeframe.micros
    inside: IntArray = grid[(grid >= to_micros(first)) & (grid <= to_micros(last))]
    return inside
