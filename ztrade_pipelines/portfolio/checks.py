"""What must be true of the company's portfolio, evaluated with each of its materializations."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from ztrade_pipelines import ui
from ztrade_pipelines.keys import PORTFOLIO

if TYPE_CHECKING:
    from ztrade_core.trading.portfolio import Stock

RECONCILED = "reconciled"
PROTECTED = "protected"
WITHIN_LIMITS = "within_limits"
LEDGER_VERIFIES = "ledger_verifies"

DESCRIPTIONS = {
    RECONCILED: "Our book and the broker's agree: no foreign order, no differing quantity.",
    PROTECTED: "Every open position carries a stop for its whole quantity at the broker.",
    WITHIN_LIMITS: "Day's loss, drawdown, losing streaks and gross exposure are within their limits.",
    LEDGER_VERIFIES: "The decision ledger's hash chain verifies from its last anchor to its head.",
}


def portfolio_checks() -> list[dg.AssetCheckSpec]:
    """Return the checks, none blocking: they report what trading itself enforces."""
    return [
        dg.AssetCheckSpec(name=name, asset=PORTFOLIO, description=text, blocking=False)
        for name, text in DESCRIPTIONS.items()
    ]


def portfolio_evaluations(stock: "Stock") -> Iterator[dg.AssetCheckResult]:
    """Yield one evaluation a check."""
    portfolio, report = stock.portfolio, stock.reconciliation
    fault = portfolio.chain_fault
    broken = () if fault is None else (f"row {fault.sequence}: {fault.problem}",)
    yield _evaluation(RECONCILED, (*report.foreign, *report.mismatches))
    yield _evaluation(PROTECTED, (*portfolio.unprotected, *stock.protection.failed))
    yield _evaluation(WITHIN_LIMITS, portfolio.breaches)
    yield _evaluation(LEDGER_VERIFIES, broken)


def _evaluation(name: str, problems: Sequence[str]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=PORTFOLIO,
        check_name=name,
        passed=not problems,
        severity=dg.AssetCheckSeverity.ERROR,
        description="; ".join(problems) or DESCRIPTIONS[name],
        metadata={"problems": ui.lines(problems)},
    )
