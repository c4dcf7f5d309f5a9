"""The store in memory, for backtests and tests: the same contract, no database.

One process, one writer at a time. A block that raises is taken back by an undo journal.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from typing_extensions import override

from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Store, UnitOfWork
from ztrade_core.store.journal import Journal
from ztrade_core.store.memory_ledger import MemoryLedger, MemoryTapes
from ztrade_core.store.memory_orders import MemoryOrders
from ztrade_core.store.memory_positions import MemoryAccounts, MemoryHalts, MemoryPositions


class MemoryUnitOfWork(UnitOfWork):
    """The rooms of a memory store."""

    def __init__(self, journal: Journal, *, keep_snapshots: bool) -> None:
        self._ledger = MemoryLedger(journal, keep_snapshots=keep_snapshots)
        self._tapes = MemoryTapes(journal)
        self._orders = MemoryOrders(journal)
        self._positions = MemoryPositions(journal)
        self._accounts = MemoryAccounts(journal)
        self._halts = MemoryHalts(journal)

    @property
    @override
    def ledger(self) -> MemoryLedger:
        return self._ledger

    @property
    @override
    def tapes(self) -> MemoryTapes:
        return self._tapes

    @property
    @override
    def orders(self) -> MemoryOrders:
        return self._orders

    @property
    @override
    def positions(self) -> MemoryPositions:
        return self._positions

    @property
    @override
    def accounts(self) -> MemoryAccounts:
        return self._accounts

    @property
    @override
    def halts(self) -> MemoryHalts:
        return self._halts


class MemoryStore(Store):
    """A store that ends with the process.

    `keep_snapshots` false keeps only the hash of a frozen moment: a backtest can make it again.
    """

    def __init__(self, *, keep_snapshots: bool = True) -> None:
        self._journal = Journal()
        self._unit = MemoryUnitOfWork(self._journal, keep_snapshots=keep_snapshots)
        self._lock = threading.Lock()
        self._owner: int | None = None

    @override
    @contextmanager
    def locked(self) -> Iterator[MemoryUnitOfWork]:
        with self._alone():
            self._journal.begin()
            try:
                yield self._unit
            except BaseException:
                self._journal.end(keep=False)
                raise
            self._journal.end(keep=True)

    @override
    @contextmanager
    def reading(self) -> Iterator[MemoryUnitOfWork]:
        with self._alone():
            yield self._unit

    @contextmanager
    def _alone(self) -> Iterator[None]:
        me = threading.get_ident()
        if self._owner == me:
            raise StoreError("a unit of work is open in this thread already: they do not nest")
        with self._lock:
            self._owner = me
            try:
                yield
            finally:
                self._owner = None
