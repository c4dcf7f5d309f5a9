"""After which moments the future is changed: where a look ahead would pay, and all over the range."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np

from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import from_micros, new_york_date
from ztrade_core.ports.clock import Calendar
from ztrade_core.studies.canary_findings import DRAWN_AT_RANDOM, Moment

AFTER_ENTRY = "right after an entry"
IN_POSITION = "in the middle of a position"
LAST_OF_SESSION = "a session's last bar"
FIRST_THIRD = "after the first third"
BEFORE_END = "just before the end"
AT_RANDOM = DRAWN_AT_RANDOM

Held = Sequence[tuple[int, int]]
"""The bars between which each position was open, in order: of its entry, and of its exit."""


def moments_of(
    series: BarSeries, first: int, held: Held, calendar: Calendar, drawn: IntArray
) -> tuple[Moment, ...]:
    """Return the moments, each bar once, in order of time; `drawn` are bars drawn at random.

    Without a position there is no moment of one; without a bar after it, none is a session's last.
    """
    found: dict[int, str] = {}
    for name, index in _named(series, first, held, calendar):
        found.setdefault(index, name)
    for index in drawn.tolist():
        found.setdefault(index, AT_RANDOM)
    return tuple(
        Moment(name=found[index], index=index, at=completion(series, index, calendar))
        for index in sorted(found)
    )


def drawn_bars(series: BarSeries, first: int, count: int, seed: int) -> IntArray:
    """Return so many bars that are decided on, drawn from a seed."""
    return np.random.default_rng([seed, 0]).integers(first, len(series), count)


def completion(series: BarSeries, index: int, calendar: Calendar) -> datetime:
    """Return when a bar is complete."""
    asset_class = instrument_of(series.symbol).asset_class
    opened = from_micros(int(series.timestamps[index]))
    return calendar.completes_at(asset_class, series.timeframe, opened)


def _named(
    series: BarSeries, first: int, held: Held, calendar: Calendar
) -> Iterator[tuple[str, int]]:
    count = len(series) - first
    if held:
        yield AFTER_ENTRY, held[len(held) // 3][0]
        entered, left = max(held, key=lambda span: span[1] - span[0])
        yield IN_POSITION, (entered + left) // 2
    closing = _session_end(series, first + count // 2, calendar)
    if closing is None:
        closing = _session_end(series, first, calendar)
    if closing is not None:
        yield LAST_OF_SESSION, closing
    yield FIRST_THIRD, first + count // 3
    yield BEFORE_END, max(first, len(series) - 2)


def _session_end(series: BarSeries, begins: int, calendar: Calendar) -> int | None:
    """Return the first bar from `begins` on that no other of its New York day follows."""
    if begins + 1 >= len(series):
        return None
    stamps, day = series.timestamps, new_york_date(completion(series, begins, calendar))
    for index in range(begins, len(series) - 1):
        if new_york_date(from_micros(int(stamps[index + 1]))) != day:
            return index
    return None
