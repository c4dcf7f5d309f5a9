"""What vendors were asked and answered, so that a hole is not asked for again."""

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import Instant

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Build the table."""
    op.create_table(
        "asked_ranges",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("start", Instant(), autoincrement=False, nullable=False),
        sa.Column("stop", Instant(), autoincrement=False, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint(
            "symbol", "timeframe", "vendor", "start", "stop", name=op.f("pk_asked_ranges")
        ),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("asked_ranges")
