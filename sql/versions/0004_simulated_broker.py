"""The simulated broker's own books."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import ROW_NUMBER, ExactDecimal, ExactFloat, Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Build the tables."""
    _simulated_accounts()
    _simulated_positions()
    _simulated_orders()
    _simulated_fills()


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "simulated_fills",
        "simulated_orders",
        "simulated_positions",
        "simulated_accounts",
    ):
        op.drop_table(table)


def _simulated_accounts() -> None:
    op.create_table(
        "simulated_accounts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("initial_cash", ExactFloat(), nullable=False),
        sa.Column("cash", ExactFloat(), nullable=False),
        sa.Column("advanced_to", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account", "account_epoch", name=op.f("pk_simulated_accounts")),
    )


def _simulated_positions() -> None:
    op.create_table(
        "simulated_positions",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("position_id", sa.Text(), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.Column("quantity", ExactFloat(), nullable=False),
        sa.Column("average_price", ExactFloat(), nullable=False),
        sa.Column("entered_bar", Instant(), nullable=False),
        sa.PrimaryKeyConstraint(
            "account", "account_epoch", "symbol", name=op.f("pk_simulated_positions")
        ),
    )


def _simulated_orders() -> None:
    op.create_table(
        "simulated_orders",
        sa.Column("id", ROW_NUMBER, sa.Identity(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("broker_order_id", sa.Text(), nullable=False),
        *_request(),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("filled_quantity", ExactDecimal(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("arrival", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulated_orders")),
        sa.UniqueConstraint(
            "account",
            "account_epoch",
            "client_order_id",
            name=op.f("uq_simulated_orders_account_account_epoch_client_order_id"),
        ),
    )
    op.create_index(
        op.f("ix_simulated_orders_account_account_epoch_arrival"),
        "simulated_orders",
        ["account", "account_epoch", "arrival"],
        unique=False,
    )


def _simulated_fills() -> None:
    op.create_table(
        "simulated_fills",
        sa.Column("id", ROW_NUMBER, sa.Identity(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        *_execution(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulated_fills")),
        sa.UniqueConstraint(
            "account",
            "account_epoch",
            "fill_id",
            name=op.f("uq_simulated_fills_account_account_epoch_fill_id"),
        ),
    )
    op.create_index(
        op.f("ix_simulated_fills_account_account_epoch_known_at"),
        "simulated_fills",
        ["account", "account_epoch", "known_at"],
        unique=False,
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
