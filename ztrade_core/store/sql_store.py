"""The store on SQLite or PostgreSQL: units of work over one engine.

`locked()` is the one exclusive transaction of the whole ledger, because the chain is one sequence
across accounts. Nesting units of work in a thread is a programming error and raises.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection, Engine
from typing_extensions import override

from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Store, UnitOfWork
from ztrade_core.store.sql_accounts import SqlAccounts, SqlHalts
from ztrade_core.store.sql_answers import SqlAnswers
from ztrade_core.store.sql_ledger import SqlLedger
from ztrade_core.store.sql_orders import SqlOrders
from ztrade_core.store.sql_positions import SqlPositions
from ztrade_core.store.sql_rebasings import SqlRebasings
from ztrade_core.store.sql_reconciliations import SqlReconciliations
from ztrade_core.store.sql_tapes import SqlTapes
from ztrade_core.store.transactions import LEDGER_LOCK, reading, writing


class SqlUnitOfWork(UnitOfWork):
    """The rooms of one transaction on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._ledger = SqlLedger(connection)
        self._tapes = SqlTapes(connection)
        self._orders = SqlOrders(connection)
        self._positions = SqlPositions(connection)
        self._accounts = SqlAccounts(connection)
        self._halts = SqlHalts(connection)
        self._reconciliations = SqlReconciliations(connection)
        self._rebasings = SqlRebasings(connection)
        self._answers = SqlAnswers(connection)

    @property
    @override
    def ledger(self) -> SqlLedger:
        return self._ledger

    @property
    @override
    def tapes(self) -> SqlTapes:
        return self._tapes

    @property
    @override
    def orders(self) -> SqlOrders:
        return self._orders

    @property
    @override
    def positions(self) -> SqlPositions:
        return self._positions

    @property
    @override
    def accounts(self) -> SqlAccounts:
        return self._accounts

    @property
    @override
    def halts(self) -> SqlHalts:
        return self._halts

    @property
    @override
    def reconciliations(self) -> SqlReconciliations:
        return self._reconciliations

    @property
    @override
    def rebasings(self) -> SqlRebasings:
        return self._rebasings

    @property
    @override
    def answers(self) -> SqlAnswers:
        return self._answers


class SqlStore(Store):
    """Opens units of work on an engine whose schema is current."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = threading.local()

    @override
    @contextmanager
    def locked(self) -> Iterator[SqlUnitOfWork]:
        with self._alone(), writing(self._engine, LEDGER_LOCK) as connection:
            yield SqlUnitOfWork(connection)

    @override
    @contextmanager
    def reading(self) -> Iterator[SqlUnitOfWork]:
        with self._alone(), reading(self._engine) as connection:
            yield SqlUnitOfWork(connection)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if getattr(self._thread, "open", False):
            raise StoreError("a unit of work is open in this thread already: they do not nest")
        self._thread.open = True
        try:
            yield
        finally:
            self._thread.open = False
