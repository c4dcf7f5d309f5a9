"""Transactions on an engine.

A writer on SQLite begins IMMEDIATE, so that it waits for its turn instead of failing half way; on
PostgreSQL it takes an advisory lock where it must be alone. A reader sees one unchanging moment
and cannot write. Two writers nested in one thread would wait for each other: that raises at once.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Final

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from ztrade_core.domain.canonical import sha256_hex
from ztrade_core.errors import StoreError
from ztrade_core.store.engine import READ_ONLY, is_sqlite
from ztrade_core.store.faults import scrubbed, store_error

LEDGER_LOCK: Final = "ztrade ledger"
SCHEMA_LOCK: Final = "ztrade schema"
_SIGNED_64 = 1 << 63
_open_writers = threading.local()


@contextmanager
def writing(engine: Engine, lock: str | None = None) -> Iterator[Connection]:
    """Open a writing transaction; `lock` names what to hold alone on PostgreSQL.

    Commits at the end, rolls back on any exception. Raises StoreError for the driver's errors and
    for a writer inside a writer.
    """
    with _alone_in_thread(engine), translated(engine), engine.begin() as connection:
        if lock is not None:
            hold(connection, lock)
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a reading transaction: one unchanging view of the database, writes refused."""
    options = (
        {READ_ONLY: True}
        if is_sqlite(engine)
        else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    )
    with translated(engine), engine.connect() as fresh:
        connection = fresh.execution_options(**options)
        with connection.begin(), _query_only(connection):
            yield connection


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn what a driver raises when it is used directly into StoreError."""
    try:
        yield
    except (sqlite3.Error, psycopg.Error, SQLAlchemyError) as error:
        raise store_error(engine, error) from error


def hold(connection: Connection, name: str) -> None:
    """Take the named lock until the transaction ends; SQLite's writer is alone already."""
    if not is_sqlite(connection):
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock_key(name))))


def lock_key(name: str) -> int:
    """Return the advisory lock's number, a signed 64-bit integer."""
    number = int(sha256_hex(name)[:16], 16)
    return number - 2 * _SIGNED_64 if number >= _SIGNED_64 else number


def _query_only(connection: Connection) -> "nullcontext[None] | _QueryOnly":
    return _QueryOnly(connection) if is_sqlite(connection) else nullcontext()


class _QueryOnly:
    """SQLite refuses writes on this connection until the block ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.exec_driver_sql("PRAGMA query_only=ON")

    def __exit__(self, *_error: object) -> None:
        self._connection.exec_driver_sql("PRAGMA query_only=OFF")


@contextmanager
def _alone_in_thread(engine: Engine) -> Iterator[None]:
    held: set[str] = _open_writers.__dict__.setdefault("urls", set())
    url = engine.url.render_as_string(hide_password=False)
    if url in held:
        raise StoreError(
            f"{scrubbed(engine)}: a writing transaction is open in this thread already;"
            " finish it before opening another"
        )
    held.add(url)
    try:
        yield
    finally:
        held.discard(url)
