"""A look at the quality of what the store holds of a window, by every check.

A defect found in stored bars (a file's, or one that only later bars show) moves them to the quarantine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from ztrade_core.domain.bars import BarSeries, empty_series
from ztrade_core.domain.time import from_micros, new_york_date
from ztrade_core.market_data.admission import context_of
from ztrade_core.market_data.quality.facts import Context, facts_of, joined, no_context
from ztrade_core.market_data.quality.findings import Finding
from ztrade_core.market_data.quality.freshness import check_freshness
from ztrade_core.market_data.quality.inspection import inspect
from ztrade_core.market_data.quarantine import Mask, held_bars
from ztrade_core.market_data.splits import SplitAwareBars, in_units_of
from ztrade_core.ports.bars import BarStore, TracedBars
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.quarantine import (
    HeldRange,
    Outcome,
    Quarantine,
    QuarantinedBar,
    same_values,
)
from ztrade_core.ports.splits import SplitStore


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReview:
    """What the checks found in a window: `findings` in its bars, `held` in quarantine of it.

    `moved` bars were taken out of the store just now; their findings are among `findings`.
    """

    bars: int
    findings: tuple[Finding, ...]
    held: tuple[QuarantinedBar, ...]
    moved: int

    def of(self, check: str) -> tuple[Finding, ...]:
        """Return the findings of one check."""
        return tuple(finding for finding in self.findings if finding.check == check)

    def held_by(self, check: str) -> tuple[QuarantinedBar, ...]:
        """Return the bars that one check holds."""
        return tuple(bar for bar in self.held if bar.check == check)


def review_window(
    window: HeldRange,
    *,
    store: BarStore,
    quarantine: Quarantine,
    calendar: Calendar,
    known_at: datetime,
    splits: SplitStore | None = None,
) -> QualityReview:
    """Inspect the stored bars of a window; what is defective moves to the quarantine."""
    symbol, timeframe = window.symbol, window.timeframe
    traced = store.traced(symbol, timeframe, start=window.start, stop=window.stop)
    bars, findings, moved = traced.series, list[Finding](), 0
    if len(bars):
        shelf = SplitAwareBars(store, splits)
        shown = in_units_of(traced, shelf.splits_of(symbol), new_york_date(known_at))
        context = _around(shelf, shown, traced.sources[-1], known_at)
        facts = facts_of(calendar, joined(shown, context).bars, known_at)
        trusted = _trusted(quarantine, bars, window)
        findings = of_stretch(inspect(shown, facts, context).findings, bars)
        findings = [one for one in findings if not one.rows or not trusted[list(one.rows)].all()]
        moved = quarantine.hold(_defective(traced, findings, ~trusted))
    last = store.read(symbol, timeframe, last=1)
    facts = facts_of(calendar, last, known_at)
    findings += check_freshness(last, facts, no_context(symbol, timeframe))
    held = tuple(quarantine.bars(window, released=False))
    return QualityReview(bars=len(bars), findings=tuple(findings), held=held, moved=moved)


def _around(shelf: SplitAwareBars, bars: BarSeries, source: str, at: datetime) -> Context:
    """Return the stored bars before and after; the bars themselves are no second opinion."""
    found = context_of(shelf, bars, source, at)
    return replace(found, overlap=empty_series(bars.symbol, bars.timeframe))


def of_stretch(findings: Sequence[Finding], bars: BarSeries) -> list[Finding]:
    """Return the findings of the window's own stretch: what is missing beside it is not its matter."""
    first, last = int(bars.timestamps[0]), int(bars.timestamps[-1])
    return [one for one in findings if one.rows or (first < one.first and one.last < last)]


def _trusted(quarantine: Quarantine, bars: BarSeries, window: HeldRange) -> Mask:
    """Return which bars a person released as they are."""
    released = {
        one.bar.timestamp: one.bar
        for one in quarantine.bars(window, released=True)
        if one.release is not None and one.release.outcome is Outcome.AS_IS
    }
    trusted = np.zeros(len(bars), dtype=np.bool_)
    if released:
        for row in np.flatnonzero(np.isin(bars.timestamps, list(released))):
            bar = bars.bar(int(row))
            trusted[row] = same_values(released[bar.timestamp], bar)
    return trusted


def _defective(traced: TracedBars, findings: list[Finding], out: Mask) -> list[QuarantinedBar]:
    """Return the defective bars, each with the source and the arrival that its row has."""
    rows = {int(stamp): row for row, stamp in enumerate(traced.series.timestamps)}
    return [
        replace(
            one,
            source=traced.sources[rows[one.bar.timestamp]],
            ingested_at=from_micros(int(traced.ingested[rows[one.bar.timestamp]])),
        )
        for one in held_bars(traced.series, findings, out, "", traced.series.last_open)
    ]
