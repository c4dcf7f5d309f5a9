"""Backtest runs, their trades and equity curves in SQL."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter, ne
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.engine import Connection, Engine
from typing_extensions import override

from ztrade_core.domain.backtests import BacktestFill, BacktestRun, EquityPoint
from ztrade_core.domain.equity import EquityCurve, curve_of
from ztrade_core.errors import InputError, StoreError
from ztrade_core.ports.backtests import BacktestStore, Metrics
from ztrade_core.store.bulk import Column, insert_columns
from ztrade_core.store.codecs import Row, take
from ztrade_core.store.studies import chosen_among, tried_within
from ztrade_core.store.tables.backtests import (
    BACKTEST_PERFORMANCE,
    BACKTEST_RUNS,
    BACKTEST_TRADES,
)
from ztrade_core.store.transactions import reading, writing

FINISHED = "finished"
_TRADE = ("timestamp", "action", "symbol", "quantity", "price", "pnl")


class SqlBacktestStore(BacktestStore):
    """Keeps backtests beside everything else."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @override
    def save(
        self, run: BacktestRun, trades: Sequence[BacktestFill], equity: Sequence[EquityPoint]
    ) -> None:
        trade_columns = _columns(run.run_id, trades, _TRADE)
        equity_columns = _curve_columns(run.run_id, curve_of(equity))
        with writing(self._engine, f"ztrade backtest {run.run_id}") as connection:
            _delete(connection, run.run_id)
            connection.execute(BACKTEST_RUNS.insert(), _run_row(run))
            insert_columns(connection, BACKTEST_TRADES, trade_columns)
            insert_columns(connection, BACKTEST_PERFORMANCE, equity_columns)

    @override
    def runs(self, agent_id: str | None = None, limit: int = 50) -> list[BacktestRun]:
        found = BACKTEST_RUNS.select().order_by(
            BACKTEST_RUNS.c.created_at.desc(), BACKTEST_RUNS.c.id
        )
        if agent_id is not None:
            found = found.where(BACKTEST_RUNS.c.agent_id == agent_id)
        with reading(self._engine) as connection:
            return [_run_of(row) for row in connection.execute(found.limit(limit)).mappings()]

    @override
    def run(self, run_id: str) -> BacktestRun | None:
        ids = BACKTEST_RUNS.c.id
        found = BACKTEST_RUNS.select().where(ids.startswith(run_id, autoescape=True)).order_by(ids)
        with reading(self._engine) as connection:
            rows = connection.execute(found.limit(5)).mappings().all()
        runs = [_run_of(row) for row in rows if row["id"].startswith(run_id)]
        exact = [run for run in runs if run.run_id == run_id]
        if not exact and len(runs) > 1:
            names = ", ".join(run.run_id for run in runs)
            raise InputError(f"run {run_id!r} is ambiguous ({names}): give more of its id")
        return next(iter(exact or runs), None)

    @override
    def trades(self, run_id: str) -> list[BacktestFill]:
        table = BACKTEST_TRADES
        found = table.select().where(table.c.run_id == run_id)
        with reading(self._engine) as connection:
            rows = connection.execute(found.order_by(table.c.timestamp, table.c.id)).mappings()
            return [BacktestFill(**take(row, _TRADE)) for row in rows]

    @override
    def equity(self, run_id: str) -> EquityCurve:
        columns = BACKTEST_PERFORMANCE.c
        found = (
            select(columns.timestamp, columns.portfolio_value, columns.cash_balance)
            .where(columns.run_id == run_id)
            .order_by(columns.timestamp)
        )
        with reading(self._engine) as connection:
            return curve_of([EquityPoint(**row) for row in connection.execute(found).mappings()])

    @override
    def trials(
        self, agent_id: str, start: datetime, end: datetime, by: datetime | None = None
    ) -> list[Metrics]:
        columns = BACKTEST_RUNS.c
        found = (
            select(columns.metrics)
            .where(columns.agent_id == agent_id, columns.status == FINISHED)
            .where(columns.start_date < end, columns.end_date > start)
            .order_by(columns.created_at, columns.id)
        )
        tried = chosen_among(agent_id, start, end, by)
        with reading(self._engine) as connection:
            runs = list(connection.execute(found).scalars())
            rows = connection.execute(tried).mappings().all()
        within = (tried_within(row, start, end, by) for row in rows)
        return [*runs, *(metrics for metrics in within if metrics is not None)]


def _delete(connection: Connection, run_id: str) -> None:
    for column in (BACKTEST_TRADES.c.run_id, BACKTEST_PERFORMANCE.c.run_id, BACKTEST_RUNS.c.id):
        connection.execute(column.table.delete().where(column == run_id))


def _columns(
    run_id: str, values: Sequence[Any], names: tuple[str, ...]
) -> dict[str, Sequence[Any]]:
    """Return values column by column, a run has 100,000 of them; StoreError for a NaN."""
    columns: dict[str, Sequence[Any]] = {"run_id": [run_id] * len(values)}
    for name in names:
        column = list(map(attrgetter(name), values))
        columns[name] = [float(v) if isinstance(v, np.floating) else v for v in column]
        if any(map(ne, column, column)):  # NaN alone is not itself
            at = next(v for v, item in zip(values, column, strict=True) if item != item)  # noqa: PLR0124
            raise StoreError(f"backtest {run_id}: {name} at {at.timestamp} is NaN")
    return columns


def _curve_columns(run_id: str, curve: EquityCurve) -> dict[str, Column]:
    values, cash = curve.portfolio_values, curve.cash_balances
    for name, column in (("portfolio_value", values), ("cash_balance", cash)):
        if np.isnan(column).any():
            at = curve[int(np.argmax(np.isnan(column)))].timestamp
            raise StoreError(f"backtest {run_id}: {name} at {at} is NaN")
    return {
        "run_id": [run_id] * len(curve),
        "timestamp": curve.timestamps.astype("datetime64[us]"),
        "portfolio_value": values,
        "cash_balance": cash,
    }


def _run_row(run: BacktestRun) -> Row:
    return {
        "id": run.run_id,
        "agent_id": run.agent_id,
        "start_date": run.start,
        "end_date": run.end,
        "metrics": run.metrics,
        "config": run.config,
        "status": run.status,
        "created_at": run.created_at,
    }


def _run_of(row: Any) -> BacktestRun:
    return BacktestRun(
        run_id=row["id"],
        agent_id=row["agent_id"],
        start=row["start_date"],
        end=row["end_date"],
        metrics=row["metrics"],
        config=row["config"],
        status=row["status"],
        created_at=row["created_at"],
    )
