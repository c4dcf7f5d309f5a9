"""Bars open on the grid of timeframe and session, and not in the future."""

from collections.abc import Iterator

import numpy as np

from ztrade_core.domain.bars import BarSeries
from ztrade_core.market_data.quality.facts import CalendarFacts, Context
from ztrade_core.market_data.quality.findings import Finding, Seen, Severity, found, runs_of

NAME = "grid"
OFF_GRID = {
    True: "does not open on the grid of its timeframe and session (stocks count from the session's"
    " open, 09:30 New York; crypto from 00:00 UTC)",
    False: "a daily bar opens at 00:00 New York of a session (crypto: 00:00 UTC)",
}


def check_grid(bars: BarSeries, facts: CalendarFacts, _context: Context) -> Iterator[Finding]:
    """Yield one finding a run of bars off the grid, or of bars that are not complete yet."""
    future = bars.timestamps > facts.known_at
    off = ~np.isin(bars.timestamps, facts.expected) & ~future
    for mask, text in (
        (future, "opens in the future"),
        (off, OFF_GRID[facts.timeframe.is_intraday]),
    ):
        for start, stop in runs_of(mask):
            seen = Seen(
                check=NAME,
                severity=Severity.QUARANTINE,
                observed=float(stop - start),
                limit=0.0,
                text=text,
            )
            yield found(bars, range(start, stop), seen)
