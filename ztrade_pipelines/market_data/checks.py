"""What must be true of a loaded window of bars: one asset check for each quality check of core.

A run evaluates each of them once, over its whole range of days, and the page keeps every evaluation with
its window. (Dagster's own partitions of checks are a preview in 1.13, and know no ranges.)
ERROR is what keeps bars out (they wait in the quarantine, and entries are denied); WARN is told only.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from ztrade_core.domain.time import iso_z
from ztrade_core.domain.words import are, counted
from ztrade_pipelines import ui

if TYPE_CHECKING:
    from ztrade_core.market_data.quality.findings import Finding
    from ztrade_core.market_data.review import QualityReview
    from ztrade_core.market_data.windows import WindowReport
    from ztrade_core.ports.quarantine import QuarantinedBar

GAP, FRESHNESS = "gap", "freshness"
CHECKS = {
    "values": ("numbers_are_sound", "Prices are finite and above 0; volumes are not negative."),
    "range": ("low_and_high_hold_the_bar", "low <= open, close <= high."),
    "order": ("stamps_ascend", "Stamps never go back."),
    "duplicates": ("no_bar_is_there_twice", "No two bars have one stamp."),
    "close_stamped": ("stamps_are_opens", "Bars are stamped with their open, not their close."),
    "grid": ("stamps_lie_on_the_grid", "Bars open on the grid of timeframe and session."),
    "scale": ("prices_keep_their_unit", "No stretch of prices is x100 or x1000 off."),
    "spike": ("no_bar_is_a_spike", "No bar goes far away and comes straight back."),
    "split": ("splits_are_adjusted", "No step between days is an unadjusted split."),
    "wrong_symbol": ("level_connects", "The prices connect to the stored bars of the symbol."),
    "frozen": ("feed_moves", "No run of equal bars is longer than the history makes possible."),
    "zero_volume": ("bars_have_volume", "No bar is without volume."),
    GAP: ("no_bar_is_missing", "Every bar that the exchange calendar expects is there."),
    FRESHNESS: (
        "newest_bar_is_there",
        "While its agent's loop or refresh runs: the bar that the exchange calendar wants is there.",
    ),
}
"""The quality checks of core by their names: the asset check, and what is true when it passes."""
FIRST = 10
COLUMNS = ("first", "last", "bars", "observed", "limit", "what")
HELD_COLUMNS = ("open_time", "source", "open", "high", "low", "close", "volume", "why")


def bar_checks(key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """Return the checks of one series."""
    return [dg.AssetCheckSpec(name=n, asset=key, description=d) for n, d in CHECKS.values()]


def bar_evaluations(
    key: dg.AssetKey, report: "WindowReport", review: "QualityReview"
) -> Iterator[dg.AssetCheckResult]:
    """Yield one evaluation a check but for freshness, which is not a matter of the window.

    Bars in quarantine fail theirs until a person releases them.
    """
    for check, (name, description) in CHECKS.items():
        if check == FRESHNESS:
            continue
        found, held = review.of(check), review.held_by(check)
        missing = len(report.missing) if check == GAP else 0
        is_grave = bool(held) or any(finding.quarantines for finding in found)
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=name,
            passed=not (found or held or missing),
            severity=dg.AssetCheckSeverity.ERROR if is_grave else dg.AssetCheckSeverity.WARN,
            description=_sentence(found, held, missing) or description,
            metadata=_metadata(report, found, held, missing if check == GAP else None),
        )


def _sentence(
    found: Sequence["Finding"], held: Sequence["QuarantinedBar"], missing: int
) -> str | None:
    parts = []
    if held:
        bars = f"{counted(len(held), 'bar')} {are(len(held))}"
        parts.append(f"{bars} in quarantine: {held[0].reason}")
    if missing:
        parts.append(f"{counted(missing, 'expected bar')} {are(missing)} missing")
    elif found and not held:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        parts.append(f"{found[0].sentence()}{more}")
    return "; ".join(parts)


def _metadata(
    report: "WindowReport",
    found: Sequence["Finding"],
    held: Sequence["QuarantinedBar"],
    missing: int | None,
) -> ui.Metadata:
    from ztrade_pipelines.market_data.describe import finding_rows, held_rows  # noqa: PLC0415

    window = report.window
    shown = {
        "window": f"{iso_z(window.start)} to {iso_z(window.stop)}",
        "rows": len(report.bars),
        "findings": len(found),
        "bars_found": sum(finding.count for finding in found),
        "in_quarantine": len(held),
        "missing": missing,
        "expected": None if missing is None else report.expected,
        "first_findings": ui.table(COLUMNS, finding_rows(found[:FIRST])) if found else None,
        "first_held": ui.table(HELD_COLUMNS, held_rows(held[:FIRST])) if held else None,
    }
    return ui.without_absent(shown)
