"""Who told a split, and when a vendor was last asked for a symbol's."""

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import Instant

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the source; build the table of answers."""
    op.add_column("splits", sa.Column("source", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "split_answers",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", name=op.f("pk_split_answers")),
    )


def downgrade() -> None:
    """Drop the table and the source."""
    op.drop_table("split_answers")
    op.drop_column("splits", "source")
