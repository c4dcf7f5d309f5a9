"""No bar is missing that the calendar expects: half days, holidays and clock changes are no gaps.

Looked at is the span from the first to the last judged bar, and on to the stored bars at both sides.
"""

from collections.abc import Iterator

import numpy as np

from ztrade_core.domain.bars import BarSeries
from ztrade_core.market_data.quality.facts import CalendarFacts, Context
from ztrade_core.market_data.quality.findings import Finding, Severity, runs_of

NAME = "gap"


def check_gap(bars: BarSeries, facts: CalendarFacts, context: Context) -> Iterator[Finding]:
    """Yield one finding a run of missing bars, folded."""
    parts = (context.before.timestamps[-1:], bars.timestamps, context.after.timestamps[:1])
    ends = np.concatenate(parts)
    if not len(ends):
        return
    low, high = int(ends.min()), int(ends.max())
    wanted = facts.expected[(facts.expected > low) & (facts.expected < high)]
    missing = ~np.isin(wanted, bars.timestamps) & ~np.isin(wanted, context.overlap.timestamps)
    for start, stop in runs_of(missing):
        count = stop - start
        yield Finding(
            check=NAME,
            severity=Severity.WARN,
            rows=(),
            first=int(wanted[start]),
            last=int(wanted[stop - 1]),
            count=count,
            observed=float(count),
            limit=0.0,
            text="a bar is missing" if count == 1 else f"{count} bars are missing",
        )
