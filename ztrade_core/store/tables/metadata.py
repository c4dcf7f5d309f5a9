"""The one MetaData of the schema, and columns that several tables share."""

from typing import Any

import sqlalchemy as sa

from ztrade_core.store.types import ExactDecimal, Instant, PlainJson, RecordedFloat

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

Columns = list[sa.Column[Any]]


def text(name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[Any]:
    """Return a TEXT column."""
    return sa.Column(name, sa.Text(), nullable=nullable, primary_key=primary_key)


def account_key() -> Columns:
    """Return the account and its epoch as the first part of a primary key."""
    return [text("account", primary_key=True), epoch(primary_key=True)]


def account_columns() -> Columns:
    """Return the account and its epoch as ordinary columns."""
    return [text("account"), epoch()]


def epoch(*, primary_key: bool = False) -> sa.Column[Any]:
    """Return the account's epoch."""
    return sa.Column(
        "account_epoch", sa.Integer(), nullable=False, primary_key=primary_key, autoincrement=False
    )


def proposal_columns() -> Columns:
    """Return a mind's answer."""
    return [
        text("action"),
        sa.Column("confidence", RecordedFloat(), nullable=False),
        text("rationale"),
        text("maker"),
        sa.Column("proposed_stop_price", RecordedFloat()),
        sa.Column("proposed_target_price", RecordedFloat()),
        sa.Column("proposed_quantity", RecordedFloat()),
        sa.Column("factors", PlainJson(), nullable=False),
    ]


def request_columns() -> Columns:
    """Return what is sent to a broker."""
    return [
        text("client_order_id"),
        text("agent_id"),
        text("symbol"),
        text("timeframe"),
        text("role"),
        text("side"),
        text("type"),
        sa.Column("quantity", ExactDecimal(), nullable=False),
        text("position_id"),
        sa.Column("decided_bar", Instant(), nullable=False),
        sa.Column("limit_price", ExactDecimal()),
        sa.Column("stop_price", ExactDecimal()),
        sa.Column("target_price", ExactDecimal()),
        text("stop_order_id", nullable=True),
        text("target_order_id", nullable=True),
        sa.Column("reference_price", ExactDecimal()),
        sa.Column("good_for_bars", sa.Integer(), nullable=False),
    ]


def fill_columns() -> Columns:
    """Return an execution."""
    return [
        text("fill_id"),
        text("client_order_id"),
        text("agent_id"),
        text("position_id"),
        text("symbol"),
        text("side"),
        text("role"),
        sa.Column("quantity", ExactDecimal(), nullable=False),
        sa.Column("price", ExactDecimal(), nullable=False),
        sa.Column("fee_usd", ExactDecimal(), nullable=False),
        sa.Column("fee_quantity", ExactDecimal(), nullable=False),
        sa.Column("filled_at", Instant(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
    ]
