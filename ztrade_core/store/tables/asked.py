"""The table of what vendors were asked and answered."""

import sqlalchemy as sa

from ztrade_core.store.tables.metadata import METADATA, text
from ztrade_core.store.types import Instant

ASKED_RANGES = sa.Table(
    "asked_ranges",
    METADATA,
    text("symbol", primary_key=True),
    text("timeframe", primary_key=True),
    text("vendor", primary_key=True),
    sa.Column("start", Instant(), primary_key=True, autoincrement=False),
    sa.Column("stop", Instant(), primary_key=True, autoincrement=False),
    sa.Column("rows", sa.Integer(), nullable=False),
    sa.Column("answered_at", Instant(), nullable=False),
)
"""One row is a vendor's whole answer to `start <= open < stop` of a series: so many bars."""
