"""Tables of splits that were applied: to our positions, and to those of simulated accounts."""

import sqlalchemy as sa

from ztrade_core.store.tables.metadata import METADATA, Columns, account_key, text
from ztrade_core.store.types import ExactDecimal, ExactFloat, Instant, StrictJson


def _columns() -> Columns:
    return [
        *account_key(),
        text("position_id", primary_key=True),
        sa.Column("ex_date", sa.Date(), primary_key=True, autoincrement=False),
        text("agent_id"),
        text("symbol"),
        sa.Column("ratio", ExactFloat(), nullable=False),
        text("source"),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("at_exchange", sa.Boolean(), nullable=False),
        sa.Column("quantity_before", ExactDecimal(), nullable=False),
        sa.Column("quantity_after", ExactDecimal(), nullable=False),
        sa.Column("average_before", ExactFloat(), nullable=False),
        sa.Column("average_after", ExactFloat(), nullable=False),
        sa.Column("stop_before", ExactDecimal()),
        sa.Column("stop_after", ExactDecimal()),
        sa.Column("target_before", ExactDecimal()),
        sa.Column("target_after", ExactDecimal()),
        sa.Column("fraction", ExactFloat(), nullable=False),
        sa.Column("cash_in_lieu_usd", ExactFloat(), nullable=False),
        sa.Column("orders", StrictJson(), nullable=False),
    ]


REBASINGS = sa.Table("rebasings", METADATA, *_columns())
"""One row is one position's split as our book applied it; append-only."""

SIMULATED_REBASINGS = sa.Table("simulated_rebasings", METADATA, *_columns())
"""One row is one position's split as a simulated account applied it; append-only."""
