"""Reconciliations: what comparing our book with the broker's found (RULE_015)."""

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import ROW_NUMBER, Instant, StrictJson

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Build the table."""
    op.create_table(
        "reconciliations",
        sa.Column("id", ROW_NUMBER, sa.Identity(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("clean", sa.Boolean(), nullable=False),
        sa.Column("report", StrictJson(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
    )
    op.create_index(
        op.f("ix_reconciliations_account_account_epoch_id"),
        "reconciliations",
        ["account", "account_epoch", "id"],
        unique=False,
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("reconciliations")
