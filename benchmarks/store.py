"""The store of bars beside the raw database: CPU a bar, ratios against the goals, on both databases.

    python benchmarks/store.py [--bars N] [--rows N] [--full] [--only sqlite|postgresql]

CPU is this process's and, on PostgreSQL, its backend's (/proc); the checkpointer and the WAL writer
are not counted. Raw and store take turns, the least of each counts: what disturbs only adds. A bigger
load ratio is better; of reads a smaller one. `--rows` (4 million; `--full` 20 million) is how big the
table is made for the as-of read of 200 bars. Databases live in a temporary folder, SQLite with
`synchronous=FULL`, PostgreSQL without fsync.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from store_routes import (
    BEGINS,
    CAME,
    MINUTE,
    SOURCE,
    Meter,
    RawPostgres,
    RawSqlite,
    Spent,
    random_bars,
)

from ztrade_core.domain.time import Timeframe, from_micros
from ztrade_core.store.bars import SqlBarStore
from ztrade_core.store.engine import is_sqlite, make_engine
from ztrade_core.store.migrations import upgrade

ROUNDS = 5
SERIES_BARS = 200_000
SMALL_ROWS, TEN_MILLION = 1_000_000, 10_000_000
ROWS, FULL_ROWS = 4_000_000, 20_000_000
LAST = 200
READS = 300
LATER = CAME + timedelta(days=1)
GOALS = {
    "postgresql": {"load": 0.5, "re-run": 0.7, "read": 1.3, "as-of": 2.0},
    "sqlite": {"load": 0.45, "re-run": 0.5, "read": 0.75, "as-of": 2.0},
}
RAW_NAMES = {
    "postgresql": ("binary COPY, same key", "COPY, discarded"),
    "sqlite": ("executemany, no index", "fetchall"),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=300_000, help="bars of one load")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the table read as of")
    parser.add_argument("--full", action="store_true", help=f"{FULL_ROWS:,} rows")
    parser.add_argument("--only", choices=sorted(GOALS))
    wanted = parser.parse_args()
    rows = FULL_ROWS if wanted.full else wanted.rows
    if wanted.only != "postgresql":
        with sqlite() as engine:
            measure(engine, wanted.bars, rows)
    if wanted.only != "sqlite":
        with postgres() as engine:
            measure(engine, wanted.bars, rows)


@contextmanager
def sqlite() -> Iterator[Engine]:
    """A migrated SQLite file in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="ztrade-bench-") as folder:
        yield from migrated(f"sqlite:///{Path(folder) / 'bench.db'}")


@contextmanager
def postgres() -> Iterator[Engine]:
    """A migrated database on a server of our own."""
    sys.path.append(str(Path(__file__).parents[1]))
    from tests.fakes.postgres import EmbeddedPostgres  # noqa: PLC0415 - found by the line above

    with EmbeddedPostgres() as server:
        yield from migrated(server.url(server.create_database()))


def migrated(url: str) -> Iterator[Engine]:
    """Bring a database to the schema and lend an engine on it."""
    upgrade(url)
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def measure(engine: Engine, bars: int, rows: int) -> None:
    """Print every figure of one database."""
    name = engine.dialect.name
    print(f"\n{name} {version(engine)}, {bars:,} bars a load, least of {ROUNDS}")
    print(f"{'':28s}{'client us':>10s}{'server us':>10s}{'CPU us':>10s}{'ratio':>8s}  goal")
    loads_and_reads(engine, bars)
    as_of(engine, rows)


def loads_and_reads(engine: Engine, bars: int) -> None:
    """Load, re-run and read one series, raw and through the store by turns."""
    store, meter, series = SqlBarStore(engine), Meter(engine), random_bars("AAA", bars)
    raw = RawSqlite(engine, series) if is_sqlite(engine) else RawPostgres(engine, series)
    works: dict[str, Callable[[], Any]] = {
        "raw load": raw.load,
        "store load": lambda: store.upsert([series], source=SOURCE, ingested_at=CAME),
        "store re-run": lambda: store.upsert([series], source=SOURCE, ingested_at=LATER),
        "raw read": raw.fetch,
        "store read": lambda: store.read("AAA", Timeframe.M1),
    }
    if isinstance(raw, RawSqlite):
        works |= {"array": raw.fetch_array, "step": raw.step}
    least: dict[str, Spent] = {}
    sizes: dict[str, int] = {}
    for _ in range(ROUNDS):
        raw.empty()
        emptied(engine)
        for key, work in works.items():
            spent = meter.of(work)
            least[key] = min(spent, least.get(key, spent), key=lambda one: one.cpu)
            sizes[key] = size(engine)
    grown = sizes["store re-run"] - sizes["store load"]
    shown(engine, {key: spent.over(bars) for key, spent in least.items()})
    print(f"re-run: the table grew by {grown:,} bytes of {sizes['store load']:,}")
    emptied(engine)


def shown(engine: Engine, least: dict[str, Spent]) -> None:
    """Print the routes' figures a bar."""
    wrote, fetched = RAW_NAMES[engine.dialect.name]
    line(f"load  {wrote}", least["raw load"])
    for key in ("load", "re-run"):
        ratio = least["raw load"].cpu / least[f"store {key}"].cpu
        line(f"store {key}", least[f"store {key}"], ratio, goal(engine, key, ratio))
    line(f"read  {fetched}", least["raw read"])
    ratio = least["store read"].cpu / least["raw read"].cpu
    line("store read to numpy", least["store read"], ratio, goal(engine, "read", ratio))
    for key, said in (("array", "fetchall to an array"), ("step", "rows thrown away")):
        if key in least:
            line(f"read  {said}", least[key], least["store read"].cpu / least[key].cpu, "to it")


def as_of(engine: Engine, rows: int) -> None:
    """Read the last bars before random moments, at a million rows and at many more."""
    store, meter = SqlBarStore(engine), Meter(engine)
    held, least = 0, 0.0
    for wanted in sorted({min(SMALL_ROWS, rows), min(TEN_MILLION, rows), rows}):
        ends = wanted // SERIES_BARS
        spent = meter.of(partial(fill, store, held, ends))
        came, held = (ends - held) * SERIES_BARS, ends
        if not came:
            continue
        print(
            f"filled to {wanted:>11,}        {spent.cpu / came * 1e6:31.2f} us CPU a bar,"
            f" {came / spent.wall:,.0f} bars/s"
        )
        took, wall = reads(store, meter, held)
        least = least or took
        verdict = goal(engine, "as-of", took / least) if wanted > SMALL_ROWS else ""
        print(
            f"as of, last {LAST} at {wanted:>11,} {took * 1e6:24.0f} us CPU a read,"
            f" {wall * 1e3:.2f} ms, ratio {took / least:.2f}  {verdict}"
        )
        listed = min(meter.of(store.status).cpu for _ in range(3))
        print(f"status of {held:>3} series {listed * 1e3:35.1f} ms CPU")


def fill(store: SqlBarStore, begins: int, ends: int) -> None:
    """Put whole series in, one a transaction."""
    bars = random_bars("S000", SERIES_BARS)
    for index in range(begins, ends):
        one = replace(bars, symbol=f"S{index:03d}")
        store.upsert([one], source=SOURCE, ingested_at=CAME)


def reads(store: SqlBarStore, meter: Meter, count: int) -> tuple[float, float]:
    """Return the median CPU and wall seconds of reads before random moments of random series."""
    random = np.random.default_rng(11)
    moments = random.integers(LAST, SERIES_BARS, READS) * MINUTE + BEGINS
    symbols = random.integers(0, count, READS)
    took = [
        meter.of(partial(store.read, f"S{symbol:03d}", Timeframe.M1, stop=stop, last=LAST))
        for symbol, stop in zip(symbols, map(from_micros, moments.tolist()), strict=True)
    ]
    return statistics.median(one.cpu for one in took), statistics.median(one.wall for one in took)


def goal(engine: Engine, key: str, ratio: float) -> str:
    """Return the goal and whether it is met."""
    wanted = GOALS[engine.dialect.name][key]
    at_least = key in ("load", "re-run")
    met = ratio >= wanted if at_least else ratio <= wanted
    return f"{'>=' if at_least else '<='} {wanted}  {'met' if met else 'MISSED'}"


def line(name: str, spent: Spent, ratio: float | None = None, said: str = "") -> None:
    """Print one route."""
    parts = (spent.client, spent.server, spent.cpu)
    figures = "".join(f"{part * 1e6:10.3f}" for part in parts)
    print(f"{name:28s}{figures}{'' if ratio is None else f'{ratio:8.2f}  {said}'}")


def emptied(engine: Engine) -> None:
    """Empty the store's table."""
    with engine.begin() as connection:
        verb = "DELETE FROM" if is_sqlite(engine) else "TRUNCATE"
        connection.exec_driver_sql(f"{verb} market_bars")


def size(engine: Engine) -> int:
    """Return the bytes of the table with its index; on SQLite of the whole file."""
    with engine.connect() as connection:
        if is_sqlite(engine):
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())
        found = sa.select(sa.func.pg_total_relation_size("market_bars"))
        return int(connection.execute(found).scalar_one())


def version(engine: Engine) -> str:
    """Return the database's version."""
    with engine.connect():
        return ".".join(map(str, engine.dialect.server_version_info or ()))


if __name__ == "__main__":
    main()
