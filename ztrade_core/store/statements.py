"""The few statements that SQLite and PostgreSQL spell through their own `insert`."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from ztrade_core.store.codecs import Row
from ztrade_core.store.engine import is_sqlite

CHUNK = 500
_Item = TypeVar("_Item")


def insert_unless_there(
    connection: Connection, table: sa.Table, row: Row, *, key: Sequence[str] | None = None
) -> bool:
    """Insert a row; return False, changing nothing, when its key (the primary one) exists."""
    statement = _insert(connection, table).on_conflict_do_nothing(index_elements=_key(table, key))
    counted = statement.execution_options(preserve_rowcount=True)
    return connection.execute(counted, row).rowcount == 1


def put(
    connection: Connection, table: sa.Table, row: Row, *, key: Sequence[str] | None = None
) -> None:
    """Insert a row, or replace everything but the key of the one that exists."""
    names = _key(table, key)
    statement = _insert(connection, table)
    changed = {name: statement.excluded[name] for name in row if name not in names}
    connection.execute(statement.on_conflict_do_update(index_elements=names, set_=changed), row)


def matching(table: sa.Table, **values: Any) -> sa.ColumnElement[bool]:
    """Return the condition that the named columns equal the values."""
    return sa.and_(*(table.c[name] == value for name, value in values.items()))


def in_chunks(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """Yield the items so many at a time as one IN may hold."""
    for first in range(0, len(items), CHUNK):
        yield items[first : first + CHUNK]


def _insert(connection: Connection, table: sa.Table) -> Any:
    if is_sqlite(connection):
        return sqlite.insert(table).inline()
    return postgresql.insert(table).inline()


def _key(table: sa.Table, key: Sequence[str] | None) -> list[str]:
    return list(key) if key else [column.name for column in table.primary_key.columns]
