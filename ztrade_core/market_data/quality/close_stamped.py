"""Bars are stamped with their open, not with their close.

Evidence of the session (stocks, intraday): no bar at the session's open, one at its close or later.
Evidence of the store (any): the closes equal the stored ones of one bar earlier, not those of the same time.
"""

from collections.abc import Iterator

import numpy as np

from ztrade_core.domain.bars import BarSeries
from ztrade_core.market_data.quality.facts import CalendarFacts, Context
from ztrade_core.market_data.quality.findings import Finding, Seen, Severity, found

NAME = "close_stamped"
HALF = 0.5
FEWEST_SHARED = 10
NEARLY_ALL = 0.9
HARDLY_ANY = 0.2
EQUAL = 1e-6


def check_close_stamped(
    bars: BarSeries, facts: CalendarFacts, context: Context
) -> Iterator[Finding]:
    """Yield one finding on all bars when most whole sessions, or the stored bars, show the shift."""
    share = _shifted_sessions(bars, facts)
    if share > HALF:
        text = (
            f"stamped one bar late: {share:.0%} of the sessions begin after their open and have a bar"
            " at their close"
        )
        yield found(bars, range(len(bars)), _seen(share, text))
        return
    share = _shifted_against_store(bars, context)
    if share > NEARLY_ALL:
        text = (
            f"stamped one bar late: {share:.0%} of the closes are the stored ones of a bar earlier"
        )
        yield found(bars, range(len(bars)), _seen(share, text))


def _seen(share: float, text: str) -> Seen:
    severity = Severity.QUARANTINE
    return Seen(check=NAME, severity=severity, observed=share, limit=HALF, text=text)


def _shifted_sessions(bars: BarSeries, facts: CalendarFacts) -> float:
    """Return the share of sessions, of those with bars at both ends, that are shifted."""
    if not facts.is_stock or not facts.timeframe.is_intraday or not len(facts.expected):
        return 0.0
    sessions = facts.sessions(facts.expected)
    firsts = facts.expected[np.flatnonzero(np.diff(sessions, prepend=-1))]
    closes = facts.closes[facts.sessions(firsts)]
    lasts = facts.expected[facts.expected.searchsorted(closes) - 1]
    length = facts.timeframe.micros
    shifted = whole = 0
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        start, stop = bars.timestamps.searchsorted([first, last + length + 1])
        inside = bars.timestamps[start:stop]
        if not len(inside):
            continue
        late = bool(inside[-1] > last) and bool(inside[0] > first)
        shifted += late
        whole += late or bool(inside[0] == first)
    return shifted / whole if whole else 0.0


def _shifted_against_store(bars: BarSeries, context: Context) -> float:
    """Return the share of closes that equal the stored bar before; 0 where they equal their own."""
    stored = context.overlap
    shared, mine, theirs = np.intersect1d(
        bars.timestamps, stored.timestamps, assume_unique=False, return_indices=True
    )
    inner = theirs > 0
    if int(inner.sum()) < FEWEST_SHARED or not len(shared):
        return 0.0
    closes, place = bars.closes[mine[inner]], theirs[inner]
    same = np.abs(closes / stored.closes[place] - 1.0) < EQUAL
    earlier = np.abs(closes / stored.closes[place - 1] - 1.0) < EQUAL
    return float(earlier.mean()) if float(same.mean()) < HARDLY_ANY else 0.0
