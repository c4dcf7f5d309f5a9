"""From when on a story is known, scores that may be missing, and the cache of scored texts."""

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import ExactFloat, Instant

revision = "0013"
down_revision = "0012"

INDEXED = ("known_at", "published_at")


def upgrade() -> None:
    """Add the moment and its indexes, let scores be absent, build the cache."""
    op.add_column("news", sa.Column("known_at", Instant(), nullable=True))
    op.execute(
        "UPDATE news SET known_at ="
        " CASE WHEN ingested_at > published_at THEN ingested_at ELSE published_at END"
    )
    with op.batch_alter_table("news") as table:
        table.alter_column("known_at", existing_type=Instant(), nullable=False)
        table.drop_index(op.f("ix_news_symbol_ingested_at"))
    for name in INDEXED:
        op.create_index(op.f(f"ix_news_symbol_{name}"), "news", ["symbol", name], unique=False)
    _let_scores_be_absent(absent=True)
    op.create_table(
        "sentiment_scores",
        sa.Column("scorer", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("score", ExactFloat(), nullable=True),
        sa.Column("confidence", ExactFloat(), nullable=True),
        sa.PrimaryKeyConstraint("scorer", "text_hash", name=op.f("pk_sentiment_scores")),
    )


def downgrade() -> None:
    """Take it back; rows without a score have no place then."""
    op.drop_table("sentiment_scores")
    for table in ("sentiment_history", "latest_sentiment"):
        op.execute(f"DELETE FROM {table} WHERE score IS NULL")  # noqa: S608 - our own names
    _let_scores_be_absent(absent=False)
    for name in INDEXED:
        op.drop_index(op.f(f"ix_news_symbol_{name}"), table_name="news")
    with op.batch_alter_table("news") as table:
        table.drop_column("known_at")
    op.create_index(
        op.f("ix_news_symbol_ingested_at"), "news", ["symbol", "ingested_at"], unique=False
    )


def _let_scores_be_absent(*, absent: bool) -> None:
    for name in ("sentiment_history", "latest_sentiment"):
        with op.batch_alter_table(name) as table:
            for column in ("score", "confidence"):
                table.alter_column(column, existing_type=ExactFloat(), nullable=absent)
