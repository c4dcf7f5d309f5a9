"""Brings a database to the code's schema, and refuses to work on any other.

One set of numbered migrations in `sql/` for both databases. An upgrade is one transaction (SQLite
BEGIN IMMEDIATE, PostgreSQL under an advisory lock): it happens whole or not at all. Alembic is
imported only when something is asked.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ztrade_core.errors import StoreError
from ztrade_core.store.engine import PATIENCE_SECONDS, database_url, make_engine
from ztrade_core.store.faults import scrubbed
from ztrade_core.store.schema import VERSION_TABLE
from ztrade_core.store.transactions import SCHEMA_LOCK, reading, writing

if TYPE_CHECKING:
    from alembic.config import Config

SQL_FOLDER = Path(__file__).resolve().parents[2] / "sql"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaStatus:
    """Where a database stands: its revision (None when empty), the code's, and what is between.

    `newer_than_code`: its revision is one that this code does not know.
    """

    current: str | None
    head: str
    pending: tuple[str, ...]
    newer_than_code: bool

    @property
    def is_current(self) -> bool:
        """Whether the database has exactly the code's schema."""
        return self.current == self.head


def upgrade(url: str) -> SchemaStatus:
    """Apply every pending migration; return where the database stands afterwards.

    Raises StoreError for a schema newer than the code, and when the database refuses.
    """
    from alembic import command  # noqa: PLC0415 - heavy, and rarely needed

    engine = make_engine(url)
    try:
        with writing(engine, SCHEMA_LOCK) as connection:
            before = _status(connection)
            _refuse_newer(before, engine)
            if before.pending:
                command.upgrade(_config(connection), "head")
            return _status(connection)
    finally:
        engine.dispose()


def status(url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> SchemaStatus:
    """Return where a database stands, changing nothing; a SQLite file that is not there is empty."""
    target = database_url(url)
    if target.drivername == "sqlite" and not Path(str(target.database)).exists():
        return _compare(None)
    engine = make_engine(url, patience_seconds=patience_seconds)
    try:
        with reading(engine) as connection:
            return _status(connection)
    finally:
        engine.dispose()


def require_current(engine: Engine) -> None:
    """Raise StoreError unless the database has the code's schema."""
    with reading(engine) as connection:
        found = _status(connection)
    _refuse_newer(found, engine)
    if not found.is_current:
        raise StoreError(
            f"{scrubbed(engine)}: its schema is {found.current or 'empty'}, the code needs"
            f" {found.head}; run `ztrade db upgrade`"
        )


def _refuse_newer(found: SchemaStatus, engine: Engine) -> None:
    if found.newer_than_code:
        raise StoreError(
            f"{scrubbed(engine)}: its schema {found.current} is newer than this code, which knows"
            f" up to {found.head}; update Ztrade, or point DATABASE_URL to another database"
        )


def _status(connection: Connection) -> SchemaStatus:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return _compare(None)
    rows = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalars().all()  # noqa: S608 - a constant
    return _compare(rows[0] if rows else None)


def _compare(current: str | None) -> SchemaStatus:
    known = _revisions()
    newer = current is not None and current not in known
    done = 0 if current is None or newer else known.index(current) + 1
    return SchemaStatus(
        current=current,
        head=known[-1],
        pending=() if newer else tuple(known[done:]),
        newer_than_code=newer,
    )


def _revisions() -> list[str]:
    """Return the revisions in order: the numbers that the files' names begin with."""
    names = sorted(path.name for path in (SQL_FOLDER / "versions").glob("[0-9]*.py"))
    if not names or not (SQL_FOLDER / "env.py").exists():
        raise StoreError(
            f"the migrations are not at {SQL_FOLDER}: run Ztrade from its checkout,"
            " where `sql/` lies beside `ztrade_core/`"
        )
    return [name.split("_", 1)[0] for name in names]


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - heavy, and rarely needed

    config = Config()
    config.set_main_option("script_location", str(SQL_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
