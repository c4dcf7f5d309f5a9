"""Old bars and equity curves in SQL: counted, deleted a chunk a transaction, the file made small again.

Nothing else is ever deleted for its age: ledger, orders, fills, positions and halts have no door here.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from typing_extensions import override

from ztrade_core.domain.time import Timeframe
from ztrade_core.ports.retention import Need, OldCurves, Retention
from ztrade_core.store.bar_counts import recount
from ztrade_core.store.engine import is_sqlite
from ztrade_core.store.statements import matching
from ztrade_core.store.tables.backtests import BACKTEST_PERFORMANCE, BACKTEST_RUNS
from ztrade_core.store.tables.market import MARKET_BARS
from ztrade_core.store.tables.simulation import (
    SIMULATED_ACCOUNTS,
    SIMULATED_ORDERS,
    SIMULATED_POSITIONS,
)
from ztrade_core.store.tables.trading import BROKER_ACCOUNTS, POSITIONS_BY_AGENT
from ztrade_core.store.transactions import reading, translated, writing

_BULKY = ("market_bars", "bar_counts", "backtest_performance")


class SqlRetention(Retention):
    """Old rows on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @override
    def needs(self) -> list[Need]:
        with reading(self._engine) as connection:
            epochs = _newest_epochs(connection)
            return [
                Need(
                    symbol=row["symbol"],
                    timeframe=Timeframe(row["timeframe"]),
                    since=row["since"],
                    why=f"{what} of {row['agent_id']} in the account {row['account']}",
                )
                for what, query in _open_things()
                for row in connection.execute(query).mappings()
                if row["account_epoch"] >= epochs.get(row["account"], row["account_epoch"])
            ]

    @override
    def bars_before(self, symbol: str, timeframe: Timeframe, before: datetime) -> int:
        counted = sa.select(sa.func.count()).where(_older(symbol, timeframe, before))
        with reading(self._engine) as connection:
            return connection.execute(counted).scalar_one()

    @override
    def delete_bars(
        self, symbol: str, timeframe: Timeframe, before: datetime, *, at_most: int
    ) -> int:
        stamp = MARKET_BARS.c.timestamp
        older = _older(symbol, timeframe, before)
        beyond = sa.select(stamp).where(older).order_by(stamp).offset(at_most).limit(1)
        with writing(self._engine, f"ztrade bars {symbol} {timeframe.value}") as connection:
            until = connection.execute(beyond).scalar() or before
            gone = MARKET_BARS.delete().where(_older(symbol, timeframe, until))
            return connection.execute(_counting(gone)).rowcount

    @override
    def curves_before(self, before: datetime) -> OldCurves:
        points = BACKTEST_PERFORMANCE.c
        counted = sa.select(sa.func.count(sa.distinct(points.run_id)), sa.func.count())
        with reading(self._engine) as connection:
            found = connection.execute(counted.where(points.run_id.in_(_old_runs(before))))
            runs, held = found.one()
        return OldCurves(runs=runs, points=held)

    @override
    def delete_curves(self, before: datetime, *, at_most_runs: int) -> int:
        has_curve = sa.exists().where(BACKTEST_PERFORMANCE.c.run_id == BACKTEST_RUNS.c.id)
        oldest = _old_runs(before).where(has_curve).order_by(BACKTEST_RUNS.c.created_at)
        with writing(self._engine) as connection:
            ids = connection.execute(oldest.limit(at_most_runs)).scalars().all()
            gone = BACKTEST_PERFORMANCE.delete().where(BACKTEST_PERFORMANCE.c.run_id.in_(ids))
            return connection.execute(_counting(gone)).rowcount


def compact(engine: Engine, *, full: bool = False) -> tuple[int, int]:
    """Give deleted rows' space back and count the bars anew; return the bytes before and after.

    SQLite rewrites its file, and needs as much free disk meanwhile. PostgreSQL vacuums and analyzes
    the bulky tables: the space is used again; `full` gives it to the disk and locks them meanwhile.
    """
    before = stored_bytes(engine)
    with writing(engine) as connection:
        recount(connection)
    raw = engine.raw_connection()
    try:
        with translated(engine):
            if is_sqlite(engine):
                cursor = raw.cursor()
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.close()
            else:
                _vacuum(raw, "FULL, ANALYZE" if full else "ANALYZE")
    finally:
        raw.close()
    return before, stored_bytes(engine)


def stored_bytes(engine: Engine) -> int:
    """Return the size of the whole database."""
    with reading(engine) as connection:
        if is_sqlite(connection):
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())
        size = sa.func.pg_database_size(sa.func.current_database())
        return int(connection.execute(sa.select(size)).scalar_one())


def _vacuum(raw: sa.PoolProxiedConnection, options: str) -> None:
    driver = raw.driver_connection
    if driver is None:
        return
    driver.rollback()
    driver.autocommit = True
    try:
        for table in _BULKY:
            driver.execute(f"VACUUM ({options}) {table}")
    finally:
        driver.autocommit = False


def _open_things() -> list[tuple[str, sa.Select[Any]]]:
    held, traded, orders = SIMULATED_POSITIONS.c, POSITIONS_BY_AGENT.c, SIMULATED_ORDERS.c
    return [
        ("the position", _rows_since(POSITIONS_BY_AGENT, traded.opened_at)),
        ("the position", _rows_since(SIMULATED_POSITIONS, held.entered_bar)),
        (
            "a working order",
            _rows_since(SIMULATED_ORDERS, orders.decided_bar).where(orders.arrival.is_not(None)),
        ),
    ]


def _rows_since(table: sa.Table, since: sa.ColumnElement[Any]) -> sa.Select[Any]:
    columns = table.c
    return sa.select(
        columns.account,
        columns.account_epoch,
        columns.agent_id,
        columns.symbol,
        columns.timeframe,
        since.label("since"),
    )


def _newest_epochs(connection: Connection) -> dict[str, int]:
    """Return each account's epoch: what an earlier one holds is history."""
    epochs: dict[str, int] = {}
    for table in (SIMULATED_ACCOUNTS, BROKER_ACCOUNTS):
        newest = sa.select(table.c.account, sa.func.max(table.c.account_epoch))
        for account, epoch in connection.execute(newest.group_by(table.c.account)):
            epochs[account] = max(epoch, epochs.get(account, epoch))
    return epochs


def _older(symbol: str, timeframe: Timeframe, before: datetime) -> sa.ColumnElement[bool]:
    series = matching(MARKET_BARS, symbol=symbol, timeframe=timeframe.value)
    return series & (MARKET_BARS.c.timestamp < before)


def _old_runs(before: datetime) -> sa.Select[tuple[str]]:
    return sa.select(BACKTEST_RUNS.c.id).where(BACKTEST_RUNS.c.created_at < before)


def _counting(statement: sa.Delete) -> sa.Delete:
    return statement.execution_options(preserve_rowcount=True)
