"""The simulated broker's books in memory.

Accounts are copied on load and on save, so that a raising block leaves what was.
"""

import threading
from bisect import bisect_right, insort
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from types import TracebackType

from typing_extensions import override

from ztrade_core.domain.orders import BrokerOrder, Fill
from ztrade_core.domain.rebasing import Rebasing
from ztrade_core.domain.simulation import SimulatedAccount, SimulatedPosition
from ztrade_core.errors import StoreError
from ztrade_core.ports.simulation import SimulationStore, SimulationTransaction
from ztrade_core.store.journal import Journal


@dataclass(slots=True)
class _Books:
    """The newest epoch of one account."""

    account: SimulatedAccount | None = None
    closed: dict[str, BrokerOrder] = field(default_factory=dict)
    fill_ids: set[str] = field(default_factory=set)
    fills: list[tuple[datetime, int, Fill]] = field(default_factory=list)
    rebasings: dict[tuple[str, date], Rebasing] = field(default_factory=dict)


class MemorySimulationStore(SimulationStore):
    """Simulated accounts that end with the process; former epochs are forgotten."""

    def __init__(self) -> None:
        self._books: dict[str, _Books] = {}
        self._journal = Journal()
        self._lock = threading.Lock()
        self._owner: int | None = None

    @override
    def transaction(self, account: str) -> "_Opening":
        return _Opening(self, account)

    def begin(self, account: str) -> "MemorySimulationTransaction":
        """Open the exclusive transaction, waiting for another thread's."""
        me = threading.get_ident()
        if self._owner == me:
            raise StoreError("a simulation transaction is open in this thread: they do not nest")
        self._lock.acquire()
        self._owner = me
        self._journal.begin()
        return MemorySimulationTransaction(self._books, account, self._journal)

    def end(self, *, keep: bool) -> None:
        """Close the transaction; take every write back unless `keep`."""
        try:
            self._journal.end(keep=keep)
        finally:
            self._owner = None
            self._lock.release()


class _Opening(AbstractContextManager["MemorySimulationTransaction"]):
    """One transaction as a `with` block: a class, because a backtest opens thirty a bar."""

    __slots__ = ("_account", "_store")

    def __init__(self, store: MemorySimulationStore, account: str) -> None:
        self._store = store
        self._account = account

    @override
    def __enter__(self) -> "MemorySimulationTransaction":
        return self._store.begin(self._account)

    @override
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._store.end(keep=kind is None)


class MemorySimulationTransaction(SimulationTransaction):
    """The books of one account, in the newest epoch."""

    def __init__(self, books: dict[str, _Books], account: str, journal: Journal) -> None:
        self._all = books
        self._account = account
        self._journal = journal
        self._books = books.get(account) or _Books()

    @override
    def load(self) -> SimulatedAccount | None:
        standing = self._books.account
        return None if standing is None else _copy(standing)

    @override
    def open_epoch(self, account: SimulatedAccount) -> None:
        standing = self._books.account
        epoch = 0 if standing is None else standing.account_epoch
        if account.account_epoch != epoch + 1 or account.account != self._account:
            raise StoreError(
                f"epoch {account.account_epoch} of {account.account} cannot be opened:"
                f" {self._account} stands at epoch {epoch}"
            )
        former = self._books
        self._journal.note(lambda: self._all.__setitem__(self._account, former))
        self._books = _Books(account=_copy(account))
        self._all[self._account] = self._books

    @override
    def save(self, account: SimulatedAccount) -> None:
        books, former = self._books, self._books.account
        key = (account.account, account.account_epoch)
        if former is None or key != (former.account, former.account_epoch):
            raise StoreError(
                f"epoch {account.account_epoch} of {account.account} is not the one that stands"
            )
        self._journal.note(lambda: setattr(books, "account", former))
        books.account = _copy(account)
        for order_id in account.orders:
            self._reopen(order_id)

    @override
    def close_order(self, order: BrokerOrder) -> None:
        order_id, closed = order.request.client_order_id, self._books.closed
        former = closed.get(order_id)
        if former is None:
            self._journal.note(lambda: closed.pop(order_id))
        else:
            self._journal.note(lambda: closed.__setitem__(order_id, former))
        closed[order_id] = order

    @override
    def find_order(self, client_order_id: str) -> BrokerOrder | None:
        closed = self._books.closed.get(client_order_id)
        if closed is not None or self._books.account is None:
            return closed
        return self._books.account.orders.get(client_order_id)

    @override
    def add_fill(self, fill: Fill) -> None:
        books = self._books
        if fill.fill_id in books.fill_ids:
            raise StoreError(f"fill {fill.fill_id} of {self._account} exists already")
        entry = (fill.known_at, len(books.fills), fill)
        self._journal.note(lambda: books.fill_ids.discard(fill.fill_id))
        self._journal.note(lambda: books.fills.remove(entry))
        books.fill_ids.add(fill.fill_id)
        insort(books.fills, entry)

    @override
    def fills(self, *, after: datetime | None) -> list[Fill]:
        fills = self._books.fills
        first = 0 if after is None else bisect_right(fills, after, key=lambda entry: entry[0])
        return [fill for _, _, fill in fills[first:]]

    @override
    def add_rebasing(self, rebasing: Rebasing) -> None:
        kept, key = self._books.rebasings, (rebasing.position_id, rebasing.ex_date)
        if key in kept:
            raise StoreError(f"{rebasing.position_id} has the split of {rebasing.ex_date} already")
        self._journal.note(lambda: kept.pop(key))
        kept[key] = rebasing

    @override
    def rebasings(self, position_id: str | None = None) -> list[Rebasing]:
        kept = self._books.rebasings.values()
        mine = [each for each in kept if position_id in {None, each.position_id}]
        return sorted(mine, key=lambda each: (each.ex_date, each.position_id))

    def _reopen(self, order_id: str) -> None:
        closed = self._books.closed
        order = closed.pop(order_id, None)
        if order is not None:
            self._journal.note(lambda: closed.__setitem__(order_id, order))


def _copy(account: SimulatedAccount) -> SimulatedAccount:
    """Copy by hand: `dataclasses.replace` takes three times as long."""
    return SimulatedAccount(
        account=account.account,
        account_epoch=account.account_epoch,
        opened_at=account.opened_at,
        initial_cash=account.initial_cash,
        cash=account.cash,
        advanced_to=account.advanced_to,
        positions={symbol: _copy_position(held) for symbol, held in account.positions.items()},
        orders=dict(account.orders),
    )


def _copy_position(held: SimulatedPosition) -> SimulatedPosition:
    return SimulatedPosition(
        symbol=held.symbol,
        agent_id=held.agent_id,
        position_id=held.position_id,
        timeframe=held.timeframe,
        quantity=held.quantity,
        average_price=held.average_price,
        entered_bar=held.entered_bar,
    )
