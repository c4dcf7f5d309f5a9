"""Orders, fills, positions, trades, marks, leases, halts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import ROW_NUMBER, ExactDecimal, ExactFloat, Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Build the tables."""
    _orders()
    _fills()
    _positions_by_agent()
    _closed_trades()
    _account_snapshots()
    _leases()
    _trading_halts()


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "trading_halts",
        "leases",
        "account_snapshots",
        "closed_trades",
        "positions_by_agent",
        "fills",
        "orders",
    ):
        op.drop_table(table)


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", ROW_NUMBER, sa.Identity(), nullable=False),
        *_request(),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("reserved_usd", ExactFloat(), nullable=False),
        sa.Column("broker_order_id", sa.Text(), nullable=True),
        sa.Column("filled_quantity", ExactDecimal(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("client_order_id", name=op.f("uq_orders_client_order_id")),
    )
    op.create_index(
        op.f("ix_orders_account_account_epoch_agent_id_role_created_at"),
        "orders",
        ["account", "account_epoch", "agent_id", "role", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_orders_account_account_epoch_created_at"),
        "orders",
        ["account", "account_epoch", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_orders_account_account_epoch_status"),
        "orders",
        ["account", "account_epoch", "status"],
        unique=False,
    )
    op.create_index(op.f("ix_orders_decision_id"), "orders", ["decision_id"], unique=False)
    op.create_index(op.f("ix_orders_position_id"), "orders", ["position_id"], unique=False)


def _fills() -> None:
    op.create_table(
        "fills",
        sa.Column("id", ROW_NUMBER, sa.Identity(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        *_execution(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fills")),
        sa.UniqueConstraint(
            "account",
            "account_epoch",
            "fill_id",
            name=op.f("uq_fills_account_account_epoch_fill_id"),
        ),
    )
    op.create_index(
        op.f("ix_fills_account_account_epoch_known_at"),
        "fills",
        ["account", "account_epoch", "known_at"],
        unique=False,
    )
    op.create_index(op.f("ix_fills_position_id"), "fills", ["position_id"], unique=False)


def _positions_by_agent() -> None:
    op.create_table(
        "positions_by_agent",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.Column("position_id", sa.Text(), nullable=False),
        sa.Column("quantity", ExactDecimal(), nullable=False),
        sa.Column("average_price", ExactFloat(), nullable=False),
        sa.Column("cost_usd", ExactFloat(), nullable=False),
        sa.Column("realised_usd", ExactFloat(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("stop_price", ExactDecimal(), nullable=True),
        sa.Column("target_price", ExactDecimal(), nullable=True),
        sa.PrimaryKeyConstraint(
            "account", "account_epoch", "agent_id", name=op.f("pk_positions_by_agent")
        ),
    )


def _closed_trades() -> None:
    op.create_table(
        "closed_trades",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("quantity", ExactDecimal(), nullable=False),
        sa.Column("entry_price", ExactFloat(), nullable=False),
        sa.Column("exit_price", ExactFloat(), nullable=False),
        sa.Column("pnl_usd", ExactFloat(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.Column("exit_role", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "account", "account_epoch", "position_id", name=op.f("pk_closed_trades")
        ),
    )
    op.create_index(
        op.f("ix_closed_trades_account_account_epoch_agent_id_closed_at"),
        "closed_trades",
        ["account", "account_epoch", "agent_id", "closed_at"],
        unique=False,
    )


def _account_snapshots() -> None:
    op.create_table(
        "account_snapshots",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("equity", ExactFloat(), nullable=False),
        sa.Column("cash", ExactFloat(), nullable=False),
        sa.Column("gross_exposure", ExactFloat(), nullable=False),
        sa.Column("peak_equity", ExactFloat(), nullable=False),
        sa.PrimaryKeyConstraint(
            "account", "account_epoch", "at", "kind", name=op.f("pk_account_snapshots")
        ),
    )


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account", "agent_id", name=op.f("pk_leases")),
    )


def _trading_halts() -> None:
    op.create_table(
        "trading_halts",
        sa.Column("id", ROW_NUMBER, sa.Identity(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("halt_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=False),
        sa.Column("lifted_why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trading_halts")),
        sa.UniqueConstraint("account", "halt_id", name=op.f("uq_trading_halts_account_halt_id")),
    )


def _request() -> list[sa.Column[Any]]:
    return [
        sa.Column("client_order_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("quantity", ExactDecimal(), nullable=False),
        sa.Column("position_id", sa.Text(), nullable=False),
        sa.Column("decided_bar", Instant(), nullable=False),
        sa.Column("limit_price", ExactDecimal(), nullable=True),
        sa.Column("stop_price", ExactDecimal(), nullable=True),
        sa.Column("target_price", ExactDecimal(), nullable=True),
        sa.Column("stop_order_id", sa.Text(), nullable=True),
        sa.Column("target_order_id", sa.Text(), nullable=True),
        sa.Column("reference_price", ExactDecimal(), nullable=True),
        sa.Column("good_for_bars", sa.Integer(), nullable=False),
    ]


def _execution() -> list[sa.Column[Any]]:
    return [
        sa.Column("fill_id", sa.Text(), nullable=False),
        sa.Column("client_order_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("position_id", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("quantity", ExactDecimal(), nullable=False),
        sa.Column("price", ExactDecimal(), nullable=False),
        sa.Column("fee_usd", ExactDecimal(), nullable=False),
        sa.Column("fee_quantity", ExactDecimal(), nullable=False),
        sa.Column("filled_at", Instant(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
    ]
