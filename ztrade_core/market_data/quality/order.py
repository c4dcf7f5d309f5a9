"""Stamps never go back. Kept are the bars of the longest run of stamps that does not; the rest is found."""

from bisect import bisect_right
from collections.abc import Iterator

import numpy as np

from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.market_data.quality.facts import CalendarFacts, Context
from ztrade_core.market_data.quality.findings import Finding, Seen, Severity, found, runs_of

NAME = "order"


def check_order(bars: BarSeries, _facts: CalendarFacts, _context: Context) -> Iterator[Finding]:
    """Yield one finding a run of bars that stand out of order."""
    if not (np.diff(bars.timestamps) < 0).any():
        return
    astray = np.ones(len(bars), dtype=np.bool_)
    astray[_longest_ascent(bars.timestamps)] = False
    for start, stop in runs_of(astray):
        seen = Seen(
            check=NAME,
            severity=Severity.QUARANTINE,
            observed=float(stop - start),
            limit=0.0,
            text="stands out of the order of time",
        )
        yield found(bars, range(start, stop), seen)


def _longest_ascent(stamps: IntArray) -> list[int]:
    """Return the indices of a longest subsequence that never falls (patience sorting)."""
    tails: list[int] = []  # smallest last stamp of an ascent of each length
    holders: list[int] = []
    before: list[int] = []
    for index, stamp in enumerate(stamps.tolist()):
        place = bisect_right(tails, stamp)
        if place == len(tails):
            tails.append(stamp)
            holders.append(index)
        else:
            tails[place], holders[place] = stamp, index
        before.append(holders[place - 1] if place else -1)
    chosen: list[int] = []
    index = holders[-1]
    while index >= 0:
        chosen.append(index)
        index = before[index]
    return chosen[::-1]
