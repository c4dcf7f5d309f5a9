"""Which check held a bar, and what a person decided, why and when."""

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import Instant

revision = "0010"
down_revision = "0009"

TABLE = "quarantined_bars"


def upgrade() -> None:
    """Add the columns."""
    op.add_column(TABLE, sa.Column("check_name", sa.Text(), nullable=False, server_default=""))
    op.add_column(TABLE, sa.Column("outcome", sa.Text(), nullable=True))
    op.add_column(TABLE, sa.Column("released_why", sa.Text(), nullable=True))
    op.add_column(TABLE, sa.Column("released_at", Instant(), nullable=True))


def downgrade() -> None:
    """Drop the columns."""
    for name in ("released_at", "released_why", "outcome", "check_name"):
        op.drop_column(TABLE, name)
