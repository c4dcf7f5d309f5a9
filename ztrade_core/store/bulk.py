"""Many rows at once, past SQLAlchemy's per-row work: executemany on SQLite, COPY on PostgreSQL.

Values are given as the driver takes them: microseconds on SQLite, aware instants on PostgreSQL.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy.engine import Connection

from ztrade_core.domain.time import require_utc, to_micros
from ztrade_core.store.engine import is_sqlite

Column = Sequence[Any] | NDArray[Any]


def insert_rows(
    connection: Connection,
    table: sa.Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Insert rows, in order; datetimes are converted, floats must be sound already."""
    if is_sqlite(connection):
        _insert_sqlite(connection, table, columns, [tuple(map(_sqlite_value, row)) for row in rows])
        return
    target = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with driver_cursor(connection) as cursor, cursor.copy(target) as copy:
        for row in rows:
            copy.write_row([_postgres_value(value) for value in row])


def insert_columns(connection: Connection, table: sa.Table, columns: Mapping[str, Column]) -> None:
    """Insert rows given column by column, as `insert_rows` does: 100,000 of them at half its cost.

    A column may be an array: of numbers, or of instants as `datetime64[us]`, which are UTC.
    """
    if is_sqlite(connection):
        values = [_sqlite_column(column) for column in columns.values()]
        _insert_sqlite(connection, table, list(columns), list(zip(*values, strict=True)))
        return
    given = [_listed(column) for column in columns.values()]
    insert_rows(connection, table, list(columns), zip(*given, strict=True))


def _insert_sqlite(
    connection: Connection, table: sa.Table, columns: Sequence[str], rows: list[tuple[Any, ...]]
) -> None:
    if rows:
        marks = ", ".join("?" * len(columns))
        names = ", ".join(f'"{name}"' for name in columns)
        connection.exec_driver_sql(
            f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})',  # noqa: S608 - our own names
            rows,
        )


def driver_cursor(connection: Connection) -> Any:
    """Return a cursor of the driver itself, in the connection's transaction."""
    return connection.connection.cursor()


def _listed(column: Column) -> Sequence[Any]:
    if not isinstance(column, np.ndarray):
        return column
    if column.dtype.kind == "M":
        return [at.replace(tzinfo=UTC) for at in column.tolist()]
    values: list[Any] = column.tolist()
    return values


def _sqlite_column(column: Column) -> Sequence[Any]:
    if isinstance(column, np.ndarray):
        values: list[Any] = (column.view(np.int64) if column.dtype.kind == "M" else column).tolist()
        return values
    if not any(issubclass(kind, datetime) for kind in set(map(type, column))):
        return column
    return list(map(_sqlite_value, column))


def _sqlite_value(value: Any) -> Any:
    return to_micros(value) if isinstance(value, datetime) else value


def _postgres_value(value: Any) -> Any:
    return require_utc(value) if isinstance(value, datetime) else value
