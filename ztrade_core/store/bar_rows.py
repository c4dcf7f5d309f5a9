"""Bars through the driver itself, one class a database: the measured fastest routes.

Both read a range straight into a structured array and write only rows that are new or changed.
"""

import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import starmap

import numpy as np
from sqlalchemy.engine import Connection
from typing_extensions import override

from ztrade_core.domain.bars import IntArray
from ztrade_core.domain.time import Timeframe, to_micros
from ztrade_core.store.bar_arrays import BAR, OPEN, SOURCED_BAR, VALUES, BarArray
from ztrade_core.store.bulk import driver_cursor

COLUMNS = ("symbol", "timeframe", "timestamp", *VALUES, "source", "ingested_at")
_NUMBERS = ", ".join(("timestamp", *VALUES))
_INSERT = (
    f"INSERT INTO market_bars ({', '.join(COLUMNS)})"  # noqa: S608 - our own names
    f" VALUES ({', '.join('?' * len(COLUMNS))})"
)
_UPDATE = (
    f"UPDATE market_bars SET {', '.join(f'{name} = ?' for name in COLUMNS[3:])}"  # noqa: S608 - our own names
    " WHERE symbol = ? AND timeframe = ? AND timestamp = ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Bars of one series with `start <= open < stop`, in microseconds; `last` the newest only."""

    symbol: str
    timeframe: Timeframe
    start: int | None = None
    stop: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whose bars are written, and when they came."""

    symbol: str
    timeframe: Timeframe
    source: str
    ingested_at: datetime


class BarRows(ABC):
    """Raw rows of market_bars on one connection."""

    @abstractmethod
    def read(self, wanted: Range) -> BarArray:
        """Return the bars of a range, ascending."""

    @abstractmethod
    def opens(self, symbol: str, timeframe: Timeframe) -> IntArray:
        """Return the opens of a whole series, ascending, in microseconds."""

    @abstractmethod
    def read_beside(self, rows: BarArray, origin: Origin) -> BarArray:
        """Return what is stored between the first and last of `rows`, and whether by `origin`."""

    @abstractmethod
    def insert(self, rows: BarArray, origin: Origin) -> None:
        """Write bars that are not there."""

    @abstractmethod
    def update(self, rows: BarArray, origin: Origin) -> None:
        """Write over bars that are there."""


class SqliteBarRows(BarRows):
    """Rows packed as the driver yields them; executemany with tuples of plain Python values.

    Packing keeps no Python object of a row alive: measured 0.9 of `np.fromiter`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def read(self, wanted: Range) -> BarArray:
        conditions, values = (
            ["symbol = ?", "timeframe = ?"],
            [wanted.symbol, wanted.timeframe.value],
        )
        numbers: list[int] = []
        if wanted.start is not None:
            conditions.append("timestamp >= ?")
            numbers.append(wanted.start)
        if wanted.stop is not None:
            conditions.append("timestamp < ?")
            numbers.append(wanted.stop)
        query = f"SELECT {_NUMBERS} FROM market_bars WHERE {' AND '.join(conditions)}"  # noqa: S608 - our own names
        if wanted.last is None:
            return self._fetch(f"{query} ORDER BY timestamp", (*values, *numbers), BAR)
        newest = f"{query} ORDER BY timestamp DESC LIMIT ?"
        return self._fetch(newest, (*values, *numbers, wanted.last), BAR)[::-1]

    @override
    def opens(self, symbol: str, timeframe: Timeframe) -> IntArray:
        query = (
            "SELECT timestamp FROM market_bars WHERE symbol = ? AND timeframe = ?"
            " ORDER BY timestamp"
        )
        found = self._fetch(query, (symbol, timeframe.value), OPEN)
        return np.ascontiguousarray(found["timestamp"])

    @override
    def read_beside(self, rows: BarArray, origin: Origin) -> BarArray:
        query = (
            f"SELECT {_NUMBERS}, source = ? FROM market_bars"  # noqa: S608 - our own names
            " WHERE symbol = ? AND timeframe = ? AND timestamp BETWEEN ? AND ? ORDER BY timestamp"
        )
        first, last = int(rows["timestamp"][0]), int(rows["timestamp"][-1])
        series = (origin.symbol, origin.timeframe.value)
        return self._fetch(query, (origin.source, *series, first, last), SOURCED_BAR)

    @override
    def insert(self, rows: BarArray, origin: Origin) -> None:
        key = (origin.symbol, origin.timeframe.value)
        tail = (origin.source, to_micros(origin.ingested_at))
        values = [(*key, *row, *tail) for row in rows.tolist()]
        self._connection.exec_driver_sql(_INSERT, values)

    @override
    def update(self, rows: BarArray, origin: Origin) -> None:
        key = (origin.symbol, origin.timeframe.value)
        tail = (origin.source, to_micros(origin.ingested_at))
        values = [(*numbers, *tail, *key, stamp) for stamp, *numbers in rows.tolist()]
        self._connection.exec_driver_sql(_UPDATE, values)

    def _fetch(self, query: str, values: tuple[object, ...], dtype: np.dtype[np.void]) -> BarArray:
        pack = struct.Struct(f"=q{'d' * (len(dtype.names or ()) - 1)}").pack
        content = BytesIO()
        cursor = driver_cursor(self._connection)
        try:
            content.writelines(starmap(pack, cursor.execute(query, values)))
        finally:
            cursor.close()
        return np.frombuffer(content.getbuffer(), dtype=dtype)
