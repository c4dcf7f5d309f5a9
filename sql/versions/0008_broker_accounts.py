"""Accounts at brokers and the epoch that each is in our book; append-only, like the ledger.

A number that changed its epoch would hide a book that is open, so no row changes after it is written.
"""

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import Instant

revision = "0008"
down_revision = "0007"

TABLE = "broker_accounts"
FUNCTION = "refuse_ledger_change"  # of 0006
ROLE = "ztrade_app"


def upgrade() -> None:
    """Build the table and guard it."""
    op.create_table(
        TABLE,
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("broker", sa.Text(), nullable=False),
        sa.Column("account_number", sa.Text(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account", "account_epoch", name=op.f("pk_broker_accounts")),
        sa.UniqueConstraint(
            "account",
            "broker",
            "account_number",
            name=op.f("uq_broker_accounts_account_broker_account_number"),
        ),
    )
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {TABLE}_no_{event.lower()} BEFORE {event} ON {TABLE}"
                f" BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE}"
        f" FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()"
    )
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
    )
    if _role_exists():
        op.execute(f"GRANT SELECT, INSERT ON {TABLE} TO {ROLE}")
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {TABLE} FROM {ROLE}")


def downgrade() -> None:
    """Drop the table, its triggers with it."""
    op.drop_table(TABLE)


def _role_exists() -> bool:
    found = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    return op.get_bind().execute(found, {"role": ROLE}).first() is not None
