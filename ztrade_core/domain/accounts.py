"""What the store keeps per agent and per run: stored positions, closed trades, leases, tapes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.decisions import Proposal, SlotKey
from ztrade_core.domain.time import Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPosition:
    """One agent's position as its fills made it; `quantity` zero is never stored.

    `cost_usd` is what was paid for the whole position, fees included. `realised_usd` is what sells
    of this position brought so far, net of fees and of their share of the cost.
    """

    account: str
    account_epoch: int
    agent_id: str
    symbol: str
    timeframe: Timeframe
    position_id: str
    quantity: Decimal
    average_price: float
    cost_usd: float
    realised_usd: float
    opened_at: datetime
    stop_price: Decimal | None
    target_price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTrade:
    """A position from flat to flat; `pnl_usd` is net of all costs."""

    account: str
    account_epoch: int
    agent_id: str
    symbol: str
    position_id: str
    quantity: Decimal
    entry_price: float
    exit_price: float
    pnl_usd: float
    opened_at: datetime
    closed_at: datetime
    exit_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """A mind's answer, kept the moment it arrived; a claimed slot is never asked twice."""

    key: SlotKey
    snapshot_hash: str
    proposal: Proposal
    mode: str
    run_id: str
    taped_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right of one run to touch the broker for one agent; a later token fences an earlier."""

    account: str
    agent_id: str
    holder: str
    token: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationReport:
    """What reconciling found and did; `clean` when our book and the broker's agree.

    `rebased` says which positions were put on the scale of a split, one sentence each.
    """

    account: str
    at: datetime
    fills_added: int
    orders_updated: int
    adopted: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    mismatches: tuple[str, ...] = ()
    rebased: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing is foreign and nothing disagrees."""
        return not self.foreign and not self.mismatches


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """A stored reconciliation: its report, and what stands against the account after it.

    `report.at` never runs backwards from one row to the next: as of then the book was compared.
    `foreign` and `mismatches` were found now or before and stand until a person clears them.
    `accepted` are foreign orders that a person has cleared: finding them again is no news.
    `cleared_*` say who cleared, when and why, on the row that clearing leaves.
    """

    account_epoch: int
    report: ReconciliationReport
    foreign: tuple[str, ...] = ()
    mismatches: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    cleared_by: str = ""
    cleared_why: str = ""
    cleared_at: datetime | None = None

    @property
    def clean(self) -> bool:
        """Whether nothing stands against the account."""
        return not self.foreign and not self.mismatches

    @property
    def findings(self) -> tuple[str, ...]:
        """What stands, one sentence each."""
        return (*(f"foreign order {order_id}" for order_id in self.foreign), *self.mismatches)

    @property
    def is_quiet(self) -> bool:
        """Whether a later quiet one says all that this one says."""
        report = self.report
        did = report.fills_added or report.orders_updated or report.adopted or report.rebased
        return self.clean and report.clean and not did and not self.cleared_by
