"""Backtest runs, trades and equity curves."""

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import ROW_NUMBER, ExactFloat, Instant, StrictJson

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Build the tables."""
    _backtest_runs()
    _backtest_trades()
    _backtest_performance()


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "backtest_performance",
        "backtest_trades",
        "backtest_runs",
    ):
        op.drop_table(table)


def _backtest_runs() -> None:
    op.create_table(
        "backtest_runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("start_date", Instant(), nullable=False),
        sa.Column("end_date", Instant(), nullable=False),
        sa.Column("metrics", StrictJson(), nullable=False),
        sa.Column("config", StrictJson(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backtest_runs")),
    )
    op.create_index(
        op.f("ix_backtest_runs_agent_id_created_at"),
        "backtest_runs",
        ["agent_id", "created_at"],
        unique=False,
    )


def _backtest_trades() -> None:
    op.create_table(
        "backtest_trades",
        sa.Column("id", ROW_NUMBER, sa.Identity(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("timestamp", Instant(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("quantity", ExactFloat(), nullable=False),
        sa.Column("price", ExactFloat(), nullable=False),
        sa.Column("pnl", ExactFloat(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["backtest_runs.id"], name=op.f("fk_backtest_trades_run_id_backtest_runs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backtest_trades")),
    )
    op.create_index(op.f("ix_backtest_trades_run_id"), "backtest_trades", ["run_id"], unique=False)


def _backtest_performance() -> None:
    op.create_table(
        "backtest_performance",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("timestamp", Instant(), autoincrement=False, nullable=False),
        sa.Column("portfolio_value", ExactFloat(), nullable=False),
        sa.Column("cash_balance", ExactFloat(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["backtest_runs.id"],
            name=op.f("fk_backtest_performance_run_id_backtest_runs"),
        ),
        sa.PrimaryKeyConstraint("run_id", "timestamp", name=op.f("pk_backtest_performance")),
        sqlite_with_rowid=False,
    )
