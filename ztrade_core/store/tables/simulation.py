"""Tables of the simulated broker's own books; our orders and positions never mix with these."""

import sqlalchemy as sa

from ztrade_core.store.tables.metadata import (
    METADATA,
    account_columns,
    account_key,
    fill_columns,
    request_columns,
    text,
)
from ztrade_core.store.types import ROW_NUMBER, ExactDecimal, ExactFloat, Instant

SIMULATED_ACCOUNTS = sa.Table(
    "simulated_accounts",
    METADATA,
    *account_key(),
    sa.Column("opened_at", Instant(), nullable=False),
    sa.Column("initial_cash", ExactFloat(), nullable=False),
    sa.Column("cash", ExactFloat(), nullable=False),
    sa.Column("advanced_to", Instant(), nullable=False),
)
"""One row is one epoch of a simulated account, in USD."""

SIMULATED_POSITIONS = sa.Table(
    "simulated_positions",
    METADATA,
    *account_key(),
    text("symbol", primary_key=True),
    text("agent_id"),
    text("position_id"),
    text("timeframe"),
    sa.Column("quantity", ExactFloat(), nullable=False),
    sa.Column("average_price", ExactFloat(), nullable=False),
    sa.Column("entered_bar", Instant(), nullable=False),
)
"""One row is what a simulated account holds of one symbol."""

SIMULATED_ORDERS = sa.Table(
    "simulated_orders",
    METADATA,
    sa.Column("id", ROW_NUMBER, sa.Identity(), primary_key=True),
    *account_columns(),
    text("broker_order_id"),
    *request_columns(),
    text("status"),
    sa.Column("filled_quantity", ExactDecimal(), nullable=False),
    sa.Column("updated_at", Instant(), nullable=False),
    text("reason"),
    sa.Column("arrival", sa.Integer()),
    sa.UniqueConstraint("account", "account_epoch", "client_order_id"),
    sa.Index(None, "account", "account_epoch", "arrival"),
)
"""One row is one order at the simulated broker; `arrival` orders the working ones, else null."""

SIMULATED_FILLS = sa.Table(
    "simulated_fills",
    METADATA,
    sa.Column("id", ROW_NUMBER, sa.Identity(), primary_key=True),
    *account_columns(),
    *fill_columns(),
    sa.UniqueConstraint("account", "account_epoch", "fill_id"),
    sa.Index(None, "account", "account_epoch", "known_at"),
)
"""One row is one execution at the simulated broker."""
