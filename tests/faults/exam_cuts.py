"""A database that fails at a chosen statement or commit of an engine, as a real one would.

On PostgreSQL the connection's socket is shut, and the driver finds out by itself. SQLite has no
connection to lose: its driver's word for a failing disk is raised in its place.
"""

import os
import socket
import sqlite3
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.fakes.desk_broker import InterposedBroker
from ztrade_core.domain.orders import OrderRequest
from ztrade_core.ports.broker import Broker
from ztrade_core.store.engine import is_sqlite
from ztrade_core.store.tables.trading import ORDERS
from ztrade_core.store.transactions import reading

NOT_FOR_PEOPLE = ("Traceback", "psycopg.", "sqlite3.", "sqlalche.me", "SELECT", "INSERT", "\n")


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Fail at the `number`th (from 1) statement or commit, before it takes effect or after.

    `lasting`: nothing works any more from there on, no new connection either.
    """

    what: str  # "statement" or "commit"
    number: int
    when: str  # "before" or "after"
    lasting: bool

    @property
    def text(self) -> str:
        return f"{self.when} {self.what} {self.number}" + (" for good" if self.lasting else "")


class Witness:
    """A wrap for a kit: sees each order on its way, and whether its intent is committed by then."""

    def __init__(self, sound: Engine) -> None:
        self._sound = sound
        self.sent: list[str] = []
        self.unwritten: list[str] = []

    def __call__(self, broker: Broker) -> Broker:
        return InterposedBroker(broker, {"submit": self._see, "close": self._see}, {})

    def _see(self, request: OrderRequest) -> None:
        self.sent.append(request.client_order_id)
        wanted = ORDERS.c.client_order_id == request.client_order_id
        with reading(self._sound) as connection:
            status = connection.execute(sa.select(ORDERS.c.status).where(wanted)).scalar()
        if status is None:
            self.unwritten.append(f"{request.client_order_id} was sent without an intent")


class Cutter:
    """Counts the statements and commits of an engine, and fails where `arm` says."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._commit = engine.dialect.do_commit
        self._cut: Cut | None = None
        self.counts = {"statement": 0, "commit": 0}
        self.fired = False
        sa.event.listen(engine, "do_execute", self._execute)
        sa.event.listen(engine, "do_connect", self._connect)
        dialect: Any = engine.dialect
        dialect.do_commit = self._do_commit

    def arm(self, cut: Cut | None) -> None:
        """Begin to count anew; `cut` None only counts."""
        self._cut = cut
        self.counts = {"statement": 0, "commit": 0}
        self.fired = False

    def _execute(self, cursor: Any, statement: str, parameters: Any, _context: Any) -> bool:
        if self._due("statement", "before"):
            self._break(cursor.connection)
        cursor.execute(statement, parameters)
        if self._due("statement", "after"):
            self._break(cursor.connection)
        return True

    def _do_commit(self, connection: Any) -> None:
        if self._due("commit", "before"):
            self._break(connection)
        self._commit(connection)
        if self._due("commit", "after"):
            self._break(connection)

    def _connect(self, *_arguments: object) -> None:
        if self._gone:
            raise self._engine.dialect.loaded_dbapi.OperationalError("connection refused")

    @property
    def _gone(self) -> bool:
        return self.fired and self._cut is not None and self._cut.lasting

    def _due(self, what: str, when: str) -> bool:
        if when == "before":
            self.counts[what] += 1
        if self._gone:
            return True
        cut = self._cut
        due = cut is not None and (what, when, self.counts[what]) == (
            cut.what,
            cut.when,
            cut.number,
        )
        self.fired = self.fired or due
        return due

    def _break(self, connection: Any) -> None:
        if is_sqlite(self._engine):
            raise sqlite3.OperationalError("disk I/O error")
        driver = getattr(connection, "driver_connection", connection)
        shut(driver)
        driver.execute("SELECT 1")


def shut(connection: psycopg.Connection[Any]) -> None:
    """Shut a connection's socket under it."""
    with socket.socket(fileno=os.dup(connection.pgconn.socket)) as taken:
        taken.shutdown(socket.SHUT_RDWR)


def untold(text: str) -> list[str]:
    """Return what an error's text has that people should not have to read; empty when it is clear."""
    found = [f"its text has {each!r}: {text}" for each in NOT_FOR_PEOPLE if each in text]
    return found if text.strip() else ["it says nothing"]
