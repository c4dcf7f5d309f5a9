"""No two bars have one stamp. A repetition to the last digit is told; one that differs is kept out."""

from collections.abc import Iterator

import numpy as np

from ztrade_core.domain.bars import BarSeries
from ztrade_core.market_data.quality.facts import CalendarFacts, Context
from ztrade_core.market_data.quality.findings import Finding, Seen, Severity, found

NAME = "duplicates"


def check_duplicates(
    bars: BarSeries, _facts: CalendarFacts, _context: Context
) -> Iterator[Finding]:
    """Yield one finding a bar that has the stamp of the bar before it."""
    for row in np.flatnonzero(np.diff(bars.timestamps) == 0) + 1:
        same = bars.bar(int(row)) == bars.bar(int(row) - 1)
        seen = Seen(
            check=NAME,
            severity=Severity.WARN if same else Severity.QUARANTINE,
            observed=2.0,
            limit=1.0,
            text="the bar is there twice, alike" if same else "two bars of one time differ",
        )
        yield found(bars, [int(row)], seen)
