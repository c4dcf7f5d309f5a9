"""Bars, splits, news and sentiment."""

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import ExactFloat, Instant, RecordedFloat, StrictJson

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Build the tables."""
    _market_bars()
    _splits()
    _quarantined_bars()
    _news()
    _sentiment_history()
    _latest_sentiment()


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "latest_sentiment",
        "sentiment_history",
        "news",
        "quarantined_bars",
        "splits",
        "market_bars",
    ):
        op.drop_table(table)


def _market_bars() -> None:
    op.create_table(
        "market_bars",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.Column("timestamp", Instant(), autoincrement=False, nullable=False),
        sa.Column("open", ExactFloat(), nullable=False),
        sa.Column("high", ExactFloat(), nullable=False),
        sa.Column("low", ExactFloat(), nullable=False),
        sa.Column("close", ExactFloat(), nullable=False),
        sa.Column("volume", ExactFloat(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ingested_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", "timeframe", "timestamp", name=op.f("pk_market_bars")),
        sqlite_with_rowid=False,
    )


def _splits() -> None:
    op.create_table(
        "splits",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("ex_date", sa.Date(), nullable=False),
        sa.Column("ratio", ExactFloat(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", "ex_date", name=op.f("pk_splits")),
    )


def _quarantined_bars() -> None:
    op.create_table(
        "quarantined_bars",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.Column("timestamp", Instant(), autoincrement=False, nullable=False),
        sa.Column("open", RecordedFloat(), nullable=True),
        sa.Column("high", RecordedFloat(), nullable=True),
        sa.Column("low", RecordedFloat(), nullable=True),
        sa.Column("close", RecordedFloat(), nullable=True),
        sa.Column("volume", RecordedFloat(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ingested_at", Instant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "symbol", "timeframe", "timestamp", "source", name=op.f("pk_quarantined_bars")
        ),
    )


def _news() -> None:
    op.create_table(
        "news",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("ingested_at", Instant(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "symbol", name=op.f("pk_news")),
    )
    op.create_index(
        op.f("ix_news_symbol_ingested_at"), "news", ["symbol", "ingested_at"], unique=False
    )


def _sentiment_history() -> None:
    op.create_table(
        "sentiment_history",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("timestamp", Instant(), autoincrement=False, nullable=False),
        sa.Column("score", ExactFloat(), nullable=False),
        sa.Column("confidence", ExactFloat(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("scorer", sa.Text(), nullable=False),
        sa.Column("news_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "symbol", "timestamp", "source", "scorer", "news_id", name=op.f("pk_sentiment_history")
        ),
    )


def _latest_sentiment() -> None:
    op.create_table(
        "latest_sentiment",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("score", ExactFloat(), nullable=False),
        sa.Column("confidence", ExactFloat(), nullable=False),
        sa.Column("last_updated", Instant(), nullable=False),
        sa.Column("metadata", StrictJson(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", name=op.f("pk_latest_sentiment")),
    )
