"""The store in memory, for backtests and tests: the same contract, no database.

One process, one writer at a time. A block that raises is taken back by an undo journal.
"""

import threading
from contextlib import AbstractContextManager
from types import TracebackType

from typing_extensions import override

from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Store, UnitOfWork
from ztrade_core.store.journal import Journal
from ztrade_core.store.memory_answers import MemoryAnswers
from ztrade_core.store.memory_ledger import MemoryLedger, MemoryTapes
from ztrade_core.store.memory_orders import MemoryOrders
from ztrade_core.store.memory_positions import MemoryAccounts, MemoryHalts, MemoryPositions
from ztrade_core.store.memory_rebasings import MemoryRebasings
from ztrade_core.store.memory_reconciliations import MemoryReconciliations


class MemoryUnitOfWork(UnitOfWork):
    """The rooms of a memory store."""

    def __init__(self, journal: Journal, *, keep_snapshots: bool) -> None:
        self._ledger = MemoryLedger(journal, keep_snapshots=keep_snapshots)
        self._tapes = MemoryTapes(journal)
        self._orders = MemoryOrders(journal)
        self._positions = MemoryPositions(journal)
        self._accounts = MemoryAccounts(journal)
        self._halts = MemoryHalts(journal)
        self._reconciliations = MemoryReconciliations(journal)
        self._rebasings = MemoryRebasings(journal)
        self._answers = MemoryAnswers(journal)

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

    @property
    @override
    def reconciliations(self) -> MemoryReconciliations:
        return self._reconciliations

    @property
    @override
    def rebasings(self) -> MemoryRebasings:
        return self._rebasings

    @property
    @override
    def answers(self) -> MemoryAnswers:
        return self._answers


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
    def locked(self) -> "_Opening":
        return _Opening(self, writes=True)

    @override
    def reading(self) -> "_Opening":
        return _Opening(self, writes=False)

    def begin(self, *, writes: bool) -> MemoryUnitOfWork:
        """Open a unit of work, waiting for another thread's."""
        me = threading.get_ident()
        if self._owner == me:
            raise StoreError("a unit of work is open in this thread already: they do not nest")
        self._lock.acquire()
        self._owner = me
        if writes:
            self._journal.begin()
        return self._unit

    def end(self, *, keep: bool) -> None:
        """Close the unit of work; take its writes back unless `keep`."""
        try:
            self._journal.end(keep=keep)
        finally:
            self._owner = None
            self._lock.release()


class _Opening(AbstractContextManager[MemoryUnitOfWork]):
    """One unit of work as a `with` block: a class, because a backtest opens thirty a bar."""

    __slots__ = ("_store", "_writes")

    def __init__(self, store: MemoryStore, *, writes: bool) -> None:
        self._store = store
        self._writes = writes

    @override
    def __enter__(self) -> MemoryUnitOfWork:
        return self._store.begin(writes=self._writes)

    @override
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._store.end(keep=kind is None)
