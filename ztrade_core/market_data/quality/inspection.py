"""All checks over one stretch of bars, one after another.

Bars that a check keeps out are not shown to the next one, so that one defect has one name. What becomes
of the bars is not decided here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.market_data.quality import (
    close_stamped,
    duplicates,
    freshness,
    frozen,
    gap,
    grid,
    order,
    scale,
    spike,
    split,
    values,
    wrong_symbol,
    zero_volume,
)
from ztrade_core.market_data.quality import range as range_
from ztrade_core.market_data.quality.facts import CalendarFacts, Context
from ztrade_core.market_data.quality.findings import Finding
from ztrade_core.market_data.vendors.shaping import picked

Check = Callable[[BarSeries, CalendarFacts, Context], Iterable[Finding]]

STAGES: tuple[Check, ...] = (
    values.check_values,
    range_.check_range,
    order.check_order,
    duplicates.check_duplicates,
    close_stamped.check_close_stamped,
    grid.check_grid,
    scale.check_scale,
    spike.check_spike,
    split.check_split,
    wrong_symbol.check_wrong_symbol,
    frozen.check_frozen,
    zero_volume.check_zero_volume,
)
NAMES = (
    values.NAME,
    range_.NAME,
    order.NAME,
    duplicates.NAME,
    close_stamped.NAME,
    grid.NAME,
    scale.NAME,
    spike.NAME,
    split.NAME,
    wrong_symbol.NAME,
    frozen.NAME,
    zero_volume.NAME,
    gap.NAME,
    freshness.NAME,
)
"""Every check; freshness is asked of a whole series, not of a stretch (`ztrade_core.market_data.review`)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inspection:
    """What was found, and the rows that no finding keeps out, ascending in time, none twice."""

    findings: tuple[Finding, ...]
    sound: IntArray


def inspect(bars: BarSeries, facts: CalendarFacts, context: Context) -> Inspection:
    """Return what all checks (but freshness) find, with rows of `bars` as they were given."""
    findings: list[Finding] = []
    rows = np.arange(len(bars))
    for check in STAGES:
        left = picked(bars, rows)
        told = [_in_rows(finding, rows) for finding in check(left, facts, context)]
        findings += told
        rows = rows[~np.isin(rows, _left_out(told))]
    findings += gap.check_gap(bars, facts, context)
    return Inspection(findings=tuple(findings), sound=rows)


def _left_out(findings: Sequence[Finding]) -> list[int]:
    """Return the rows that the next check does not see: kept out, or there already."""
    return [
        row
        for finding in findings
        if finding.quarantines or finding.check == duplicates.NAME
        for row in finding.rows
    ]


def _in_rows(finding: Finding, rows: IntArray) -> Finding:
    return replace(finding, rows=tuple(int(rows[row]) for row in finding.rows))
