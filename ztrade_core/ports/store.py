"""The store as trading sees it: one UnitOfWork for the locked transaction, rooms in it.

`Store.locked()` is exclusive between processes (SQLite BEGIN IMMEDIATE, PostgreSQL advisory lock), commits when
the block ends and rolls back when it raises. `Store.reading()` reads. No broker or model is called inside.
"""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from ztrade_core.domain.accounts import ClosedTrade, Lease, StoredPosition
from ztrade_core.domain.book import AccountSnapshot, Halt
from ztrade_core.domain.broker_accounts import BrokerAccount
from ztrade_core.domain.orders import Fill, Order
from ztrade_core.ports.answers import Answers
from ztrade_core.ports.ledger import Ledger
from ztrade_core.ports.rebasings import Rebasings
from ztrade_core.ports.reconciliations import Reconciliations
from ztrade_core.ports.tapes import Tapes


class Orders(Protocol):
    """Our book of orders and fills."""

    def get(self, client_order_id: str) -> Order | None:
        """Return an order by our id."""
        ...

    def at_broker(self, broker_order_id: str) -> Order | None:
        """Return the newest order that a broker knows by this id."""
        ...

    def insert(self, order: Order) -> None:
        """Add an order. Raises StoreError when its id exists."""
        ...

    def update(self, order: Order) -> None:
        """Replace what is known of an order. Raises StoreError when it does not exist."""
        ...

    def working(self, account: str, account_epoch: int) -> list[Order]:
        """Return every order that may still fill, oldest first."""
        ...

    def of_position(self, position_id: str) -> list[Order]:
        """Return all orders of a position, oldest first."""
        ...

    def of_decision(self, decision_id: str) -> list[Order]:
        """Return the orders a decision asked for."""
        ...

    def recent(self, account: str, account_epoch: int, limit: int = 50) -> list[Order]:
        """Return the newest orders, newest first."""
        ...

    def entries_since(
        self, account: str, account_epoch: int, agent_id: str, since: datetime
    ) -> int:
        """Count the agent's entries created at or after `since` that filled or may still fill."""
        ...

    def entries(self, account: str, account_epoch: int, *, since: datetime) -> list[Order]:
        """Return every agent's entries created at or after `since`, oldest first, however they ended."""
        ...

    def newest_entries(
        self, account: str, account_epoch: int, agent_id: str, limit: int
    ) -> list[Order]:
        """Return the agent's newest entries, newest first."""
        ...

    def add_fill(self, account: str, account_epoch: int, fill: Fill) -> bool:
        """Add an execution; False when its id is known already."""
        ...

    def fills(
        self,
        account: str,
        account_epoch: int,
        *,
        position_id: str | None = None,
        since: datetime | None = None,
    ) -> list[Fill]:
        """Return executions, oldest first; `since`: those that became known after it."""
        ...

    def last_fill_known_at(self, account: str, account_epoch: int) -> datetime | None:
        """Return when the newest stored execution became known."""
        ...


class Positions(Protocol):
    """Per-agent positions and the trades that closed."""

    def get(self, account: str, account_epoch: int, agent_id: str) -> StoredPosition | None:
        """Return the agent's position, None when flat."""
        ...

    def all(self, account: str, account_epoch: int) -> list[StoredPosition]:
        """Return every position, ordered by agent id."""
        ...

    def put(self, position: StoredPosition) -> None:
        """Insert or replace the agent's position."""
        ...

    def remove(self, account: str, account_epoch: int, agent_id: str) -> None:
        """Make the agent flat."""
        ...

    def add_trade(self, trade: ClosedTrade) -> None:
        """Add a closed trade; the same position id changes nothing."""
        ...

    def trades(
        self, account: str, account_epoch: int, agent_id: str | None = None
    ) -> list[ClosedTrade]:
        """Return closed trades, ordered by (closed_at, agent id)."""
        ...


class Accounts(Protocol):
    """Marks of accounts over time, leases on agents, and which account at a broker is meant."""

    def epoch_of(self, account: str, broker: str, account_number: str, at: datetime) -> int:
        """Return the epoch (2, 3, ...) of an account at a broker, first seen `at`; needs the lock."""
        ...

    def broker_account(self, account: str, account_epoch: int) -> BrokerAccount | None:
        """Return which account at a broker an epoch is; None for a simulated one."""
        ...

    def add_snapshot(self, snapshot: AccountSnapshot) -> None:
        """Add or replace the mark of (account, epoch, at, kind)."""
        ...

    def snapshots(
        self,
        account: str,
        account_epoch: int,
        *,
        kind: str | None = None,
        since: datetime | None = None,
    ) -> list[AccountSnapshot]:
        """Return marks in order of time."""
        ...

    def last_snapshot(
        self, account: str, account_epoch: int, *, kind: str | None = None
    ) -> AccountSnapshot | None:
        """Return the newest mark."""
        ...

    def acquire_lease(
        self, account: str, agent_id: str, holder: str, *, now: datetime, seconds: int
    ) -> Lease | None:
        """Take or renew the agent's lease; None while another holder's has not expired."""
        ...

    def lease(self, account: str, agent_id: str) -> Lease | None:
        """Return the agent's lease, expired or not."""
        ...

    def release_lease(self, account: str, agent_id: str, holder: str) -> None:
        """Give the lease back; nothing happens when it is another's."""
        ...


class Halts(Protocol):
    """Halts that stand, and the history of who lifted which."""

    def standing(self, account: str) -> list[Halt]:
        """Return the halts that stand for an account, oldest first."""
        ...

    def add(self, account: str, halt: Halt) -> None:
        """Set a halt; the same (agent, kind) standing already is kept and nothing is added."""
        ...

    def lift(self, account: str, halt_id: str, *, who: str, why: str, at: datetime) -> None:
        """Lift a halt, keeping the record."""
        ...

    def history(self, account: str) -> list[tuple[Halt, datetime | None, str, str]]:
        """Return every halt with when, by whom and why it was lifted; None and empty while it stands."""
        ...


class UnitOfWork(Protocol):
    """The rooms of one transaction."""

    @property
    def ledger(self) -> Ledger:
        """Decisions."""
        ...

    @property
    def tapes(self) -> Tapes:
        """Answers."""
        ...

    @property
    def orders(self) -> Orders:
        """Orders and fills."""
        ...

    @property
    def positions(self) -> Positions:
        """Positions and trades."""
        ...

    @property
    def accounts(self) -> Accounts:
        """Marks, leases, accounts at brokers."""
        ...

    @property
    def halts(self) -> Halts:
        """Halts."""
        ...

    @property
    def reconciliations(self) -> Reconciliations:
        """Reconciliations."""
        ...

    @property
    def rebasings(self) -> Rebasings:
        """Splits that positions came across."""
        ...

    @property
    def answers(self) -> Answers:
        """Minds' answers, word by word."""
        ...


class Store(Protocol):
    """Opens units of work."""

    def locked(self) -> AbstractContextManager[UnitOfWork]:
        """Open the one exclusive read-write transaction."""
        ...

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """Open a read-only transaction."""
        ...
