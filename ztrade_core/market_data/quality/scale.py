"""Prices keep their unit: a step of x100 or x1000 between two bars is dollars against cents, no market.

The right unit is that of the stored bars before; without any, the one that most bars have.
"""

from collections.abc import Iterator
from math import log

import numpy as np

from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.market_data.quality.facts import CalendarFacts, Context, joined
from ztrade_core.market_data.quality.findings import Finding, Seen, Severity, found, runs_of

NAME = "scale"
TEN = log(10.0)
FEWEST_ZEROS = 2
NEAR = 0.35  # of a natural logarithm: what the market itself may have moved meanwhile


def check_scale(bars: BarSeries, _facts: CalendarFacts, context: Context) -> Iterator[Finding]:
    """Yield one finding a stretch of bars in another unit."""
    whole = joined(bars, context)
    zeros = _zeros(whole.bars)
    if not zeros.any():
        return
    levels = np.cumsum(zeros)
    right = levels[whole.start - 1] if whole.start else _most(levels)
    for start, stop in runs_of(levels != right):
        rows = [row - whole.start for row in range(start, stop) if whole.judged(row)]
        if not rows:
            continue
        factor = 10.0 ** float(abs(levels[start] - right))
        way = "above" if levels[start] > right else "below"
        seen = Seen(
            check=NAME,
            severity=Severity.QUARANTINE,
            observed=factor,
            limit=10.0**FEWEST_ZEROS,
            text=f"the prices are x{factor:,.0f} {way} the rest: another unit",
        )
        yield found(bars, rows, seen)


def _zeros(bars: BarSeries) -> IntArray:
    """Return by how many powers of ten each bar opens above the close before; 0 but for units."""
    steps = np.zeros(len(bars))
    steps[1:] = np.log(bars.opens[1:] / bars.closes[:-1])
    powers = np.rint(steps / TEN)
    is_unit = (np.abs(powers) >= FEWEST_ZEROS) & (np.abs(steps - powers * TEN) < NEAR)
    return np.where(is_unit, powers, 0.0).astype(np.int64)


def _most(levels: IntArray) -> int:
    values, counts = np.unique(levels, return_counts=True)
    return int(values[counts.argmax()])
