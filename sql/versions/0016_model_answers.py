"""What minds outside this process were asked and answered, and what it cost. Append-only."""

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import ExactFloat, Instant

revision = "0016"
down_revision = "0015"

TABLES = ("model_questions", "model_answers")
FUNCTION, ROLE = "refuse_ledger_change", "ztrade_app"  # 0006 made them
TEXTS = ("maker", "model", "prompt_digest", "settings", "question", "raw", "outcome", "problem")
COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


def upgrade() -> None:
    """Build the tables and guard them."""
    op.create_table(
        "model_questions",
        *_key(),
        sa.Column("most_usd", ExactFloat(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        _primary_key("model_questions"),
    )
    op.create_index(op.f("ix_model_questions_asked_at"), "model_questions", ["asked_at"])
    op.create_table(
        "model_answers",
        *_key(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COUNTS),
        sa.Column("usd", ExactFloat(), nullable=False),
        sa.Column("seconds", ExactFloat(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        _primary_key("model_answers"),
    )
    names = ["account", "account_epoch", "agent_id", "asked_at"]
    op.create_index(op.f(f"ix_model_answers_{'_'.join(names)}"), "model_answers", names)
    _guard()


def downgrade() -> None:
    """Drop the tables, their triggers with them."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _key() -> list[sa.Column[object]]:
    return [
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
    ]


def _primary_key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(
        "account", "account_epoch", "agent_id", "slot", "attempt", name=op.f(f"pk_{table}")
    )


def _guard() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in TABLES:
        if not is_sqlite:
            _guard_on_postgres(table)
            continue
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _guard_on_postgres(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
    )
    found = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    if op.get_bind().execute(found, {"role": ROLE}).first() is not None:
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {ROLE}")
