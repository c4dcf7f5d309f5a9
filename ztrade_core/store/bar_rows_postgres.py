"""Bars in and out of PostgreSQL by binary COPY, encoded and decoded by numpy.

Every field of one series has a fixed width, so that a batch is one structured array: no Python
loop over rows. Source: PostgreSQL documentation, COPY, "Binary Format".
"""

import struct
from io import BytesIO
from typing import Any, Final

import numpy as np
from psycopg import sql
from sqlalchemy.engine import Connection
from typing_extensions import override

from ztrade_core.domain.bars import IntArray
from ztrade_core.domain.time import Timeframe, from_micros, to_micros
from ztrade_core.store.bar_arrays import BAR, OPEN, SOURCED_BAR, VALUES, BarArray
from ztrade_core.store.bar_rows import COLUMNS, BarRows, Origin, Range
from ztrade_core.store.bulk import driver_cursor

_POSTGRES_EPOCH: Final = 946_684_800_000_000
HEADER: Final = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
TRAILER: Final = struct.pack(">h", -1)
_CHUNK_BYTES: Final = 1 << 20
_NUMBERS = sql.SQL(", ").join(map(sql.Identifier, ("timestamp", *VALUES)))
_ALL = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
_STAGE = "CREATE TEMP TABLE IF NOT EXISTS changed_bars (LIKE market_bars) ON COMMIT DROP"
_MERGE = sql.SQL(
    "INSERT INTO market_bars ({columns}) SELECT {columns} FROM changed_bars"
    " ON CONFLICT (symbol, timeframe, timestamp) DO UPDATE SET {assignments}"
).format(
    columns=_ALL,
    assignments=sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in COLUMNS[3:]
    ),
)


class PostgresBarRows(BarRows):
    """COPY for reads and new rows; changed rows through a temporary table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def read(self, wanted: Range) -> BarArray:
        conditions = [_is_series(wanted.symbol, wanted.timeframe.value)]
        if wanted.start is not None:
            conditions.append(sql.SQL("timestamp >= {}").format(_instant(wanted.start)))
        if wanted.stop is not None:
            conditions.append(sql.SQL("timestamp < {}").format(_instant(wanted.stop)))
        where = sql.SQL(" AND ").join(conditions)
        query = sql.SQL("SELECT {} FROM market_bars WHERE {} ORDER BY timestamp").format(
            _NUMBERS, where
        )
        if wanted.last is None:
            return self._fetch(query, BAR)
        newest = sql.SQL("{} DESC LIMIT {}").format(query, sql.Literal(wanted.last))
        return self._fetch(newest, BAR)[::-1]

    @override
    def opens(self, symbol: str, timeframe: Timeframe) -> IntArray:
        query = sql.SQL("SELECT timestamp FROM market_bars WHERE {} ORDER BY timestamp").format(
            _is_series(symbol, timeframe.value)
        )
        return np.ascontiguousarray(self._fetch(query, OPEN)["timestamp"])

    @override
    def read_beside(self, rows: BarArray, origin: Origin) -> BarArray:
        query = sql.SQL(
            "SELECT {}, (source = {})::int::float8 FROM market_bars"
            " WHERE {} AND timestamp BETWEEN {} AND {} ORDER BY timestamp"
        ).format(
            _NUMBERS,
            sql.Literal(origin.source),
            _is_series(origin.symbol, origin.timeframe.value),
            _instant(int(rows["timestamp"][0])),
            _instant(int(rows["timestamp"][-1])),
        )
        return self._fetch(query, SOURCED_BAR)

    @override
    def insert(self, rows: BarArray, origin: Origin) -> None:
        self._copy_in("market_bars", rows, origin)

    @override
    def update(self, rows: BarArray, origin: Origin) -> None:
        with driver_cursor(self._connection) as cursor:
            cursor.execute(_STAGE)
            cursor.execute("TRUNCATE changed_bars")
        self._copy_in("changed_bars", rows, origin)
        with driver_cursor(self._connection) as cursor:
            cursor.execute(_MERGE)

    def _fetch(self, query: sql.Composable, dtype: np.dtype[np.void]) -> BarArray:
        copy_out = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(query)
        content = BytesIO()  # joined as they come: the driver's blocks, kept, cost three times this
        with driver_cursor(self._connection) as cursor, cursor.copy(copy_out) as copy:
            content.writelines(copy)
        return decode(content.getbuffer(), dtype)

    def _copy_in(self, table: str, rows: BarArray, origin: Origin) -> None:
        copy_in = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
            sql.Identifier(table), _ALL
        )
        body = memoryview(encode(rows, origin)).cast("B")
        with driver_cursor(self._connection) as cursor, cursor.copy(copy_in) as copy:
            copy.write(HEADER)
            for start in range(0, len(body), _CHUNK_BYTES):
                copy.write(body[start : start + _CHUNK_BYTES])
            copy.write(TRAILER)


def encode(rows: BarArray, origin: Origin) -> bytes:
    """Return bars of one origin as the rows of a binary COPY."""
    texts = {
        "symbol": origin.symbol.encode(),
        "timeframe": origin.timeframe.value.encode(),
        "source": origin.source.encode(),
    }
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name in COLUMNS:
        width = f"V{len(texts[name])}" if name in texts else _wire_type(name)
        fields += [(f"{name}_bytes", ">i4"), (name, width)]
    wire = np.empty(len(rows), dtype=fields)
    wire["fields"] = len(COLUMNS)
    for name in COLUMNS:
        wire[f"{name}_bytes"] = wire.dtype[name].itemsize
    for name, text in texts.items():
        wire[name] = np.void(text)
    wire["timestamp"] = rows["timestamp"] - _POSTGRES_EPOCH
    wire["ingested_at"] = to_micros(origin.ingested_at) - _POSTGRES_EPOCH
    for name in VALUES:
        wire[name] = rows[name]
    return wire.tobytes()


def decode(content: bytes | memoryview, dtype: np.dtype[np.void]) -> BarArray:
    """Return the rows of a binary COPY of a timestamp and float8 columns."""
    names = dtype.names or ()
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name in names:
        fields += [(f"{name}_bytes", ">i4"), (name, _wire_type(name))]
    wire_type = np.dtype(fields)
    count = (len(content) - len(HEADER) - len(TRAILER)) // wire_type.itemsize
    wire = np.frombuffer(content, dtype=wire_type, offset=len(HEADER), count=count)
    rows = np.empty(count, dtype=dtype)
    for name in names:
        rows[name] = wire[name]
    rows["timestamp"] += _POSTGRES_EPOCH
    return rows


def _wire_type(name: str) -> str:
    return ">i8" if name in ("timestamp", "ingested_at") else ">f8"


def _is_series(symbol: str, timeframe: str) -> sql.Composable:
    return sql.SQL("symbol = {} AND timeframe = {}").format(
        sql.Literal(symbol), sql.Literal(timeframe)
    )


def _instant(micros: int) -> Any:
    return sql.Literal(from_micros(micros))
