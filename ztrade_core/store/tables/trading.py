"""Tables of our book: orders, fills, positions, trades, marks, leases, halts and what is known of brokers."""

import sqlalchemy as sa

from ztrade_core.store.tables.metadata import (
    METADATA,
    account_columns,
    account_key,
    fill_columns,
    request_columns,
    text,
)
from ztrade_core.store.types import ROW_NUMBER, ExactDecimal, ExactFloat, Instant, StrictJson

ORDERS = sa.Table(
    "orders",
    METADATA,
    sa.Column("id", ROW_NUMBER, sa.Identity(), primary_key=True),
    *request_columns(),
    *account_columns(),
    text("decision_id", nullable=True),
    text("status"),
    sa.Column("created_at", Instant(), nullable=False),
    sa.Column("updated_at", Instant(), nullable=False),
    sa.Column("reserved_usd", ExactFloat(), nullable=False),
    text("broker_order_id", nullable=True),
    sa.Column("filled_quantity", ExactDecimal(), nullable=False),
    text("reason"),
    sa.UniqueConstraint("client_order_id"),
    sa.Index(None, "account", "account_epoch", "status"),
    sa.Index(None, "account", "account_epoch", "agent_id", "role", "created_at"),
    sa.Index(None, "account", "account_epoch", "created_at"),
    sa.Index(None, "position_id"),
    sa.Index(None, "decision_id"),
    sa.Index(None, "broker_order_id"),
)
"""One row is one order of ours: the request, and what we know of it."""

FILLS = sa.Table(
    "fills",
    METADATA,
    sa.Column("id", ROW_NUMBER, sa.Identity(), primary_key=True),
    *account_columns(),
    *fill_columns(),
    sa.UniqueConstraint("account", "account_epoch", "fill_id"),
    sa.Index(None, "account", "account_epoch", "known_at"),
    sa.Index(None, "position_id"),
)
"""One row is one execution, once."""

POSITIONS_BY_AGENT = sa.Table(
    "positions_by_agent",
    METADATA,
    *account_key(),
    text("agent_id", primary_key=True),
    text("symbol"),
    text("timeframe"),
    text("position_id"),
    sa.Column("quantity", ExactDecimal(), nullable=False),
    sa.Column("average_price", ExactFloat(), nullable=False),
    sa.Column("cost_usd", ExactFloat(), nullable=False),
    sa.Column("realised_usd", ExactFloat(), nullable=False),
    sa.Column("opened_at", Instant(), nullable=False),
    sa.Column("stop_price", ExactDecimal()),
    sa.Column("target_price", ExactDecimal()),
)
"""One row is one agent's position; a flat agent has none."""

CLOSED_TRADES = sa.Table(
    "closed_trades",
    METADATA,
    *account_key(),
    text("position_id", primary_key=True),
    text("agent_id"),
    text("symbol"),
    sa.Column("quantity", ExactDecimal(), nullable=False),
    sa.Column("entry_price", ExactFloat(), nullable=False),
    sa.Column("exit_price", ExactFloat(), nullable=False),
    sa.Column("pnl_usd", ExactFloat(), nullable=False),
    sa.Column("opened_at", Instant(), nullable=False),
    sa.Column("closed_at", Instant(), nullable=False),
    text("exit_role"),
    sa.Index(None, "account", "account_epoch", "agent_id", "closed_at"),
)
"""One row is a position from flat to flat; `pnl_usd` net of all costs."""

ACCOUNT_SNAPSHOTS = sa.Table(
    "account_snapshots",
    METADATA,
    *account_key(),
    sa.Column("at", Instant(), primary_key=True, autoincrement=False),
    text("kind", primary_key=True),
    sa.Column("equity", ExactFloat(), nullable=False),
    sa.Column("cash", ExactFloat(), nullable=False),
    sa.Column("gross_exposure", ExactFloat(), nullable=False),
    sa.Column("peak_equity", ExactFloat(), nullable=False),
)
"""One row is the account as marked at a moment, in USD."""

LEASES = sa.Table(
    "leases",
    METADATA,
    text("account", primary_key=True),
    text("agent_id", primary_key=True),
    text("holder"),
    sa.Column("token", sa.BigInteger(), nullable=False),
    sa.Column("expires_at", Instant(), nullable=False),
)
"""One row is the right to touch the broker for an agent; an empty holder is nobody."""

TRADING_HALTS = sa.Table(
    "trading_halts",
    METADATA,
    sa.Column("id", ROW_NUMBER, sa.Identity(), primary_key=True),
    text("account"),
    text("halt_id"),
    text("agent_id", nullable=True),
    text("kind"),
    text("who"),
    text("why"),
    sa.Column("since", Instant(), nullable=False),
    sa.Column("lifted_at", Instant()),
    text("lifted_by"),
    text("lifted_why"),
    sa.UniqueConstraint("account", "halt_id"),
)
"""One row is one halt: who, why, since when, and who lifted it."""

RECONCILIATIONS = sa.Table(
    "reconciliations",
    METADATA,
    sa.Column("id", ROW_NUMBER, sa.Identity(), primary_key=True),
    *account_columns(),
    sa.Column("at", Instant(), nullable=False),
    sa.Column("clean", sa.Boolean(), nullable=False),
    sa.Column("report", StrictJson(), nullable=False),
    sa.Index(None, "account", "account_epoch", "id"),
)
"""One row is one comparison of our book with the broker's; `clean` when nothing stands after it."""

BROKER_ACCOUNTS = sa.Table(
    "broker_accounts",
    METADATA,
    *account_key(),
    text("broker"),
    text("account_number"),
    sa.Column("first_seen_at", Instant(), nullable=False),
    sa.UniqueConstraint("account", "broker", "account_number"),
)
"""One row is one account at a broker and the epoch that it is in our book; append-only."""
