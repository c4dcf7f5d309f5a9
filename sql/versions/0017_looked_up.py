"""Indexes for what is looked up: a day's decisions, and an order by the broker's id of it."""

from alembic import op

revision = "0017"
down_revision = "0016"

INDEXES = (("decisions", "as_of"), ("orders", "broker_order_id"))


def upgrade() -> None:
    """Build the indexes."""
    for table, column in INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    """Drop them."""
    for table, column in reversed(INDEXES):
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
