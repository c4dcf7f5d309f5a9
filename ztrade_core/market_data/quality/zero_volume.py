"""Bars are of trades: volume 0 is told, and a tail of it at the end is kept out as not of the market.

A tail is kept out from 3 bars of one answer on, where the series' own history makes so long a run
impossible: that is a vendor's filling. One that grows bar by bar is a quiet market, or an outage. A
series that never has volume is told once, and a source without any is told only.
"""

from collections.abc import Iterator

from ztrade_core.domain.bars import BarSeries
from ztrade_core.market_data.quality.facts import CalendarFacts, Context, joined
from ztrade_core.market_data.quality.findings import Finding, Seen, Severity, found, runs_of
from ztrade_core.market_data.quality.scales import longest_possible

NAME = "zero_volume"
FEWEST = 3


def check_zero_volume(
    bars: BarSeries, _facts: CalendarFacts, context: Context
) -> Iterator[Finding]:
    """Yield one finding a run of bars without volume."""
    whole = joined(bars, context)
    empty = whole.bars.volumes == 0.0
    total, size = int(empty.sum()), len(empty)
    for start, stop in runs_of(empty):
        rows = [row - whole.start for row in range(start, stop) if whole.judged(row)]
        if not rows:
            continue
        length = stop - start
        limit = longest_possible(total - length, size - length, FEWEST)
        is_tail = stop == size > length and len(rows) >= limit and context.has_volume
        text = f"{length} bars without volume" if length > 1 else "a bar without volume"
        seen = Seen(
            check=NAME,
            severity=Severity.QUARANTINE if is_tail else Severity.WARN,
            observed=float(length),
            limit=float(limit) if is_tail else 0.0,
            text=f"{text} at the end" if is_tail else text,
        )
        yield found(bars, rows, seen)
