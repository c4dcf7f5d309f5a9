"""What must be true of a loaded window of bars."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from ztrade_pipelines import ui

if TYPE_CHECKING:
    from ztrade_core.market_data.windows import WindowReport

SOUND = "bars_are_sound"
COMPLETE = "no_bar_is_missing"

DESCRIPTIONS = {
    SOUND: "Prices are finite and positive, low <= open, close <= high, stamps ascend on the grid.",
    COMPLETE: "Every bar that the exchange calendar expects in the window is there.",
}


def bar_checks(key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """Return the checks of one series."""
    return [dg.AssetCheckSpec(name=n, asset=key, description=d) for n, d in DESCRIPTIONS.items()]


def bar_evaluations(key: dg.AssetKey, report: "WindowReport") -> Iterator[dg.AssetCheckResult]:
    """Yield one evaluation a check. A gap is a warning: vendors have them; rules deny on staleness."""
    yield dg.AssetCheckResult(
        asset_key=key,
        check_name=SOUND,
        passed=report.unsound is None,
        description=report.unsound or DESCRIPTIONS[SOUND],
        metadata={"rows": len(report.bars), "first_unsound": report.unsound or ui.ABSENT},
    )
    yield dg.AssetCheckResult(
        asset_key=key,
        check_name=COMPLETE,
        passed=not report.missing,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(report.missing)} of {report.expected} expected bars are missing",
        metadata={"expected": report.expected, "missing": len(report.missing)},
    )
