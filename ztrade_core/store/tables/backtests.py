"""Tables of backtest results."""

import sqlalchemy as sa

from ztrade_core.store.tables.metadata import METADATA, text
from ztrade_core.store.types import ROW_NUMBER, ExactFloat, Instant, StrictJson

BACKTEST_RUNS = sa.Table(
    "backtest_runs",
    METADATA,
    text("id", primary_key=True),
    text("agent_id"),
    sa.Column("start_date", Instant(), nullable=False),
    sa.Column("end_date", Instant(), nullable=False),
    sa.Column("metrics", StrictJson(), nullable=False),
    sa.Column("config", StrictJson(), nullable=False),
    text("status"),
    sa.Column("created_at", Instant(), nullable=False),
    sa.Index(None, "agent_id", "created_at"),
)
"""One row is one backtest: what determined it, and its metrics by name."""

BACKTEST_TRADES = sa.Table(
    "backtest_trades",
    METADATA,
    sa.Column("id", ROW_NUMBER, sa.Identity(), primary_key=True),
    sa.Column("run_id", sa.Text(), sa.ForeignKey("backtest_runs.id"), nullable=False, index=True),
    sa.Column("timestamp", Instant(), nullable=False),
    text("action"),
    text("symbol"),
    sa.Column("quantity", ExactFloat(), nullable=False),
    sa.Column("price", ExactFloat(), nullable=False),
    sa.Column("pnl", ExactFloat()),
)
"""One row is one execution; `pnl` in USD, null on a buy."""

BACKTEST_PERFORMANCE = sa.Table(
    "backtest_performance",
    METADATA,
    sa.Column("run_id", sa.Text(), sa.ForeignKey("backtest_runs.id"), primary_key=True),
    sa.Column("timestamp", Instant(), primary_key=True, autoincrement=False),
    sa.Column("portfolio_value", ExactFloat(), nullable=False),
    sa.Column("cash_balance", ExactFloat(), nullable=False),
    sqlite_with_rowid=False,
)
"""One row is one point of a run's equity curve, in USD."""
