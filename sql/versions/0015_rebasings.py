"""Splits that were applied to positions: of our book, and of simulated accounts. Append-only."""

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import ExactDecimal, ExactFloat, Instant, StrictJson

revision = "0015"
down_revision = "0014"

TABLES = ("rebasings", "simulated_rebasings")
FUNCTION = "refuse_ledger_change"  # 0006 made it


def upgrade() -> None:
    """Build the tables and guard them."""
    for table in TABLES:
        _build(table)
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for event in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()"
        )


def downgrade() -> None:
    """Drop the tables, their triggers with them."""
    for table in TABLES:
        op.drop_table(table)


def _build(table: str) -> None:
    op.create_table(
        table,
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position_id", sa.Text(), nullable=False),
        sa.Column("ex_date", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("ratio", ExactFloat(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
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
        sa.PrimaryKeyConstraint(
            "account", "account_epoch", "position_id", "ex_date", name=op.f(f"pk_{table}")
        ),
    )
