"""The low is the lowest of a bar's prices and the high the highest."""

from collections.abc import Iterator

import numpy as np

from ztrade_core.domain.bars import BarSeries
from ztrade_core.market_data.quality.facts import CalendarFacts, Context
from ztrade_core.market_data.quality.findings import Finding, Seen, Severity, found

NAME = "range"


def check_range(bars: BarSeries, _facts: CalendarFacts, _context: Context) -> Iterator[Finding]:
    """Yield one finding a bar whose low or high does not hold its open and close."""
    bottom = np.minimum(bars.opens, bars.closes)
    top = np.maximum(bars.opens, bars.closes)
    too_high, too_low = bars.lows > bottom, bars.highs < top
    for row in np.flatnonzero(too_high | too_low):
        low, high = float(bars.lows[row]), float(bars.highs[row])
        if too_high[row]:
            observed, limit, name = low, float(bottom[row]), "the low is above open or close"
        else:
            observed, limit, name = high, float(top[row]), "the high is below open or close"
        seen = Seen(
            check=NAME,
            severity=Severity.QUARANTINE,
            observed=observed,
            limit=limit,
            text=f"{name}: {observed:,.6g} against {limit:,.6g}",
        )
        yield found(bars, [int(row)], seen)
