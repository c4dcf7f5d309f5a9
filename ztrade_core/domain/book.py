"""The book that rules judge: positions, open entries, equity and the day's record.

Quantities and money are float64. `None` where a number is missing; rules deny on it.
"""

import math
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One agent's position, from its fills. `quantity` is net of fees taken in the coin.

    `protected_quantity` is what stops open at the broker cover, as our book last knew.
    """

    agent_id: str
    symbol: str
    position_id: str
    quantity: float
    average_price: float
    mark: float
    opened_at: datetime
    stop_price: float | None
    target_price: float | None
    protected_quantity: float

    @property
    def market_value(self) -> float:
        """Quantity times mark, in USD."""
        return self.quantity * self.mark


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEntry:
    """An entry that may still fill; `reserved_usd` is its remaining worst cost, fees included."""

    client_order_id: str
    agent_id: str
    symbol: str
    reserved_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """A standing halt. `agent_id` None is the whole company; `kind` is manual or a breaker's name."""

    halt_id: str
    agent_id: str | None
    kind: str
    who: str
    why: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRecord:
    """What an agent did today and lately. Losing streak: closed trades, flat to flat, net of costs.

    `failures_in_a_row`: entries the broker rejected since the last one it took, and answers of its
    mind that were invalid since the last valid one; those before a person's resume are forgiven.
    """

    agent_id: str
    trades_today: int
    consecutive_losses: int
    failures_in_a_row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The account at one moment, inside the locked transaction."""

    account: str
    account_epoch: int
    equity: float | None
    cash: float | None
    day_base_equity: float | None
    peak_equity: float | None
    positions: tuple[Position, ...]
    open_entries: tuple[OpenEntry, ...]
    records: tuple[AgentRecord, ...]
    halts: tuple[Halt, ...]

    @property
    def total_capital(self) -> float | None:
        """min(equity at 00:00 New York, equity now); None when either is missing or no number."""
        if self.equity is None or self.day_base_equity is None:
            return None
        if not (math.isfinite(self.equity) and math.isfinite(self.day_base_equity)):
            return None
        return min(self.day_base_equity, self.equity)

    def position_of(self, agent_id: str) -> Position | None:
        """Return the agent's position, or None when flat."""
        return next((p for p in self.positions if p.agent_id == agent_id), None)

    def record_of(self, agent_id: str) -> AgentRecord:
        """Return the agent's record; an agent that never traded has an empty one."""
        empty = AgentRecord(
            agent_id=agent_id, trades_today=0, consecutive_losses=0, failures_in_a_row=0
        )
        return next((r for r in self.records if r.agent_id == agent_id), empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSnapshot:
    """The account as marked at a moment. `kind`: day_base, mark, resume (new baselines)."""

    account: str
    account_epoch: int
    at: datetime
    kind: str
    equity: float
    cash: float
    gross_exposure: float
    peak_equity: float
