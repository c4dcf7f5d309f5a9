"""The raw database beside the store: the same bars by the shortest route of each driver, and CPU time.

A raw route does no more than move bytes: rows are encoded before the watch starts, nothing is
compared, nothing comes back as numbers. `store.py` runs the store's own routes beside these.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import Engine

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import Timeframe, from_micros, to_micros
from ztrade_core.store.bar_arrays import BAR, as_array
from ztrade_core.store.bar_rows import COLUMNS, Origin
from ztrade_core.store.bar_rows_postgres import HEADER, TRAILER, encode

BEGINS, MINUTE = 1_577_836_800_000_000, 60_000_000
CAME = from_micros(1_770_000_000_000_000)
SOURCE = "bench:split"
CHUNK = 1 << 20
NUMBERS = "timestamp, open, high, low, close, volume"
CLOCK = "/proc/{pid}/schedstat"  # nanoseconds on a CPU, of the first thread: a backend has one


def random_bars(symbol: str, count: int, seed: int = 7) -> BarSeries:
    """Return minute bars of a seeded random walk in cents."""
    random = np.random.default_rng(seed)
    closes = np.round(100.0 * np.exp(np.cumsum(random.normal(0.0, 2e-4, count))), 2)
    opens = np.round(closes * (1.0 + random.normal(0.0, 1e-4, count)), 2)
    return BarSeries(
        symbol=symbol,
        timeframe=Timeframe.M1,
        timestamps=np.arange(count, dtype=np.int64) * MINUTE + BEGINS,
        opens=opens,
        highs=np.maximum(opens, closes) + 0.02,
        lows=np.minimum(opens, closes) - 0.02,
        closes=closes,
        volumes=np.round(random.lognormal(8.0, 1.0, count)),
    )


@dataclass(frozen=True)
class Spent:
    """Seconds of CPU of this process and of the database's backend, and of the wall clock."""

    client: float
    server: float
    wall: float

    @property
    def cpu(self) -> float:
        """CPU seconds of both sides."""
        return self.client + self.server

    def over(self, count: int) -> "Spent":
        """Return the same for one of `count`."""
        return Spent(self.client / count, self.server / count, self.wall / count)


class Meter:
    """Measures one database's work; SQLite works in this process, so its server takes nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, work: Callable[[], Any]) -> Spent:
        """Do the work on the engine's one pooled connection and return what it took."""
        pid = self._backend()
        server, client, wall = _cpu_of(pid), time.process_time(), time.perf_counter()
        work()
        return Spent(
            client=time.process_time() - client,
            server=_cpu_of(pid) - server,
            wall=time.perf_counter() - wall,
        )

    def _backend(self) -> int | None:
        if self._engine.dialect.name == "sqlite":
            return None
        with self._engine.connect() as connection:
            pid: int = connection.execute(sa.select(sa.func.pg_backend_pid())).scalar_one()
        return pid


def _cpu_of(pid: int | None) -> float:
    if pid is None:
        return 0.0
    return int(Path(CLOCK.format(pid=pid)).read_text().split()[0]) / 1e9


class RawSqlite:
    """`executemany` of ready tuples into a table without index; `fetchall` of a range."""

    def __init__(self, engine: Engine, bars: BarSeries) -> None:
        self._engine = engine
        self._bars = bars
        key, tail = (bars.symbol, bars.timeframe.value), (SOURCE, to_micros(CAME))
        self._tuples = [(*key, *row, *tail) for row in as_array(bars).tolist()]
        self.empty()

    def empty(self) -> None:
        """Drop the raw table and make it again."""
        types = ("TEXT", "TEXT", "INTEGER", *["DOUBLE"] * 5, "TEXT", "INTEGER")
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(COLUMNS, types, strict=True))
        with self._engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS raw_bars")
            connection.exec_driver_sql(f"CREATE TABLE raw_bars ({columns})")

    def load(self) -> None:
        """Insert every bar, in one transaction."""
        marks = ", ".join("?" * len(COLUMNS))
        with self._engine.begin() as connection:
            statement = f"INSERT INTO raw_bars VALUES ({marks})"  # noqa: S608 - question marks
            connection.exec_driver_sql(statement, self._tuples)

    def fetch(self) -> None:
        """Fetch the bars of the series from the store's table, as Python values."""
        self._query(lambda cursor: cursor.fetchall())

    def fetch_array(self) -> None:
        """Fetch them, and make a structured array of them."""
        self._query(lambda cursor: np.array(cursor.fetchall(), dtype=BAR))

    def step(self) -> None:
        """Step through them and throw every row away: no read in Python can be faster."""
        self._query(lambda cursor: deque(cursor, maxlen=0))

    def _query(self, take: Callable[[Any], Any]) -> None:
        query = (
            f"SELECT {NUMBERS} FROM market_bars"  # noqa: S608 - our own names
            " WHERE symbol = ? AND timeframe = ? ORDER BY timestamp"
        )
        with self._engine.connect() as connection:
            cursor = connection.connection.cursor()
            with closing(cursor):
                take(cursor.execute(query, (self._bars.symbol, self._bars.timeframe.value)))


class RawPostgres:
    """Binary COPY of ready bytes into a table with the same key; COPY out, thrown away."""

    def __init__(self, engine: Engine, bars: BarSeries) -> None:
        self._engine = engine
        self._bars = bars
        origin = Origin(
            symbol=bars.symbol, timeframe=bars.timeframe, source=SOURCE, ingested_at=CAME
        )
        self._body = HEADER + encode(as_array(bars), origin) + TRAILER
        self.empty()

    def empty(self) -> None:
        """Drop the raw table and make it again."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS raw_bars")
            connection.exec_driver_sql("CREATE TABLE raw_bars (LIKE market_bars INCLUDING ALL)")

    def load(self) -> None:
        """Copy every bar in, in one transaction."""
        names = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
        route = sql.SQL("COPY raw_bars ({}) FROM STDIN (FORMAT binary)").format(names)
        with self._cursor() as cursor, cursor.copy(route) as copy:
            for start in range(0, len(self._body), CHUNK):
                copy.write(self._body[start : start + CHUNK])

    def fetch(self) -> None:
        """Copy the bars of the series out of the store's table and throw the bytes away."""
        route = sql.SQL(
            "COPY (SELECT {} FROM market_bars WHERE symbol = {} AND timeframe = {}"
            " ORDER BY timestamp) TO STDOUT (FORMAT binary)"
        ).format(
            sql.SQL(NUMBERS), sql.Literal(self._bars.symbol), sql.Literal(self._bars.timeframe)
        )
        with self._cursor() as cursor, cursor.copy(route) as copy:
            for _ in copy:
                pass

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        with self._engine.begin() as connection:
            cursor = connection.connection.cursor()
            with closing(cursor):
                yield cursor
