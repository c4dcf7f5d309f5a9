"""What a proposal changes: the limits that differ from those in force, and which of them a view cannot play."""

from dataclasses import dataclass, fields, replace

from ztrade_core.domain.configuration import Company, OnHalt, RiskLimits

NO_CHANGE = "the proposed limits are those in force: nothing would change"
Limit = float | int | bool | OnHalt | None

BREAKERS = frozenset({"max_daily_loss_fraction", "max_drawdown_fraction", "max_failures_in_a_row"})
FROZEN = frozenset({"correlation_returns", "correlation_min_overlap"})
"""Of these the stored moments keep the outcome: they are not judged again."""
LIVE_ONLY = frozenset(
    {"verify_chain", "respect_halts", "max_clock_skew_seconds", "max_reconciliation_age_seconds"}
    | {"max_failures_in_a_row", "require_same_configuration"}
)
"""What these look at does not go wrong in a simulation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitChange:
    """One limit that the proposal changes; None is off."""

    key: str
    was: Limit
    proposed: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """The company of now, and the limits that are proposed for it."""

    company: Company
    risk: RiskLimits

    @property
    def house(self) -> Company:
        """The company under the proposed limits."""
        return replace(self.company, risk=self.risk)


def changes_of(today: RiskLimits, proposed: RiskLimits) -> tuple[LimitChange, ...]:
    """Return the limits that differ, in the file's order; none when the proposal changes nothing."""
    pairs = (
        (each.name, getattr(today, each.name), getattr(proposed, each.name))
        for each in fields(today)
    )
    return tuple(
        LimitChange(key=key, was=was, proposed=new) for key, was, new in pairs if was != new
    )


def limit_text(limit: Limit) -> str:
    """Return a limit as its file writes it."""
    if limit is None:
        return "off"
    if isinstance(limit, bool):
        return "true" if limit else "false"
    return limit.value if isinstance(limit, OnHalt) else f"{limit:.10g}"
