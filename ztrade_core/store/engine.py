"""The one way to a database: a URL in, a SQLAlchemy engine out.

SQLite runs in WAL with `synchronous=FULL`: a commit is on the disk before it is reported, because
an order intent that a power cut takes back would leave the broker with an order we do not know
(measured cost 0.2 ms a commit). Idle connections are closed before a fork, so that no child
inherits one. Transactions are opened by `transactions`, not here.
"""

import os
import weakref
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError

from ztrade_core.errors import ConfigError
from ztrade_core.store.faults import translate

PATIENCE_SECONDS = 30.0
HURRIED_SECONDS = 2.0
"""The patience of a person who halts: when the database is stuck, the file HALT must come soon."""
READ_ONLY = "ztrade_read_only"
_engines: "weakref.WeakSet[Engine]" = weakref.WeakSet()


def make_engine(url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> Engine:
    """Return an engine for `sqlite:///path`, `postgresql://` or `postgresql+psycopg://`.

    A writer waits at most `patience_seconds` for its turn, and a connection is given up after as
    long, within 2 to 10 s.

    Nothing is connected to yet. Errors of the driver come out as StoreError. Raises ConfigError for
    any other URL.
    """
    target = database_url(url)
    build = _sqlite_engine if target.drivername == "sqlite" else _postgres_engine
    engine = build(target, patience_seconds)
    sa.event.listen(engine, "handle_error", translate, retval=True)
    _engines.add(engine)
    return engine


def database_url(url: str) -> URL:
    """Parse a database URL and name its driver; raise ConfigError when it is not one of ours."""
    try:
        target = sa.make_url(url)
    except ArgumentError as error:
        raise ConfigError(
            "DATABASE_URL is not a URL; write sqlite:///data/ztrade.db or postgresql://user@host/name"
        ) from error
    match target.drivername:
        case "sqlite" | "sqlite+pysqlite":
            if target.database in (None, "", ":memory:"):
                raise ConfigError(
                    "DATABASE_URL: SQLite needs a file, e.g. sqlite:///data/ztrade.db"
                )
            return target.set(drivername="sqlite")
        case "postgres" | "postgresql" | "postgresql+psycopg":
            return target.set(drivername="postgresql+psycopg")
        case other:
            raise ConfigError(f"DATABASE_URL: {other} is not supported; use sqlite or postgresql")


def is_sqlite(bind: Engine | Connection) -> bool:
    """Whether the database is SQLite."""
    return bind.dialect.name == "sqlite"


def _sqlite_engine(url: URL, patience_seconds: float) -> Engine:
    folder = Path(str(url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"the database's folder {folder} cannot be made ({error.strerror}): correct"
            " ZTRADE_DATA_DIR or DATABASE_URL"
        ) from error
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": patience_seconds})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgres_engine(url: URL, patience_seconds: float) -> Engine:
    options = (  # a server that hangs without closing is given up by the keepalives below
        f"-c timezone=UTC -c lock_timeout={round(patience_seconds * 1000)}ms"
        " -c idle_in_transaction_session_timeout=60s"
    )
    return sa.create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": max(2, min(10, round(patience_seconds))),
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
            "application_name": "ztrade",
            "options": options,
        },
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _close_idle_connections() -> None:
    for engine in list(_engines):
        engine.dispose()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_close_idle_connections)
