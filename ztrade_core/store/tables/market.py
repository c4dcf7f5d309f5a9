"""Tables of what the market said: bars, splits, news, sentiment."""

import sqlalchemy as sa

from ztrade_core.store.tables.metadata import METADATA, text
from ztrade_core.store.types import ExactFloat, Instant, RecordedFloat, StrictJson

MARKET_BARS = sa.Table(
    "market_bars",
    METADATA,
    text("symbol", primary_key=True),
    text("timeframe", primary_key=True),
    sa.Column("timestamp", Instant(), primary_key=True, autoincrement=False),
    *[sa.Column(n, ExactFloat(), nullable=False) for n in ("open", "high", "low", "close")],
    sa.Column("volume", ExactFloat(), nullable=False),
    text("source"),
    sa.Column("ingested_at", Instant(), nullable=False),
    sqlite_with_rowid=False,
)
"""One row is one bar, stamped with its open; prices in USD, volume in shares or coins."""

BAR_COUNTS = sa.Table(
    "bar_counts",
    METADATA,
    text("symbol", primary_key=True),
    text("timeframe", primary_key=True),
    text("source", primary_key=True),
    sa.Column("bars", sa.BigInteger(), nullable=False),
)
"""One row is how many bars of a series one source holds; no bar is left where it says zero."""

SPLITS = sa.Table(
    "splits",
    METADATA,
    text("symbol", primary_key=True),
    sa.Column("ex_date", sa.Date(), primary_key=True),
    sa.Column("ratio", ExactFloat(), nullable=False),
    sa.Column("source", sa.Text(), nullable=False, server_default=""),
)
"""One row is one split: `ratio` new shares for one old share from `ex_date` on, told by `source`."""

SPLIT_ANSWERS = sa.Table(
    "split_answers",
    METADATA,
    text("symbol", primary_key=True),
    text("vendor"),
    sa.Column("answered_at", Instant(), nullable=False),
)
"""One row is when a vendor last told a symbol's splits."""

QUARANTINED_BARS = sa.Table(
    "quarantined_bars",
    METADATA,
    text("symbol", primary_key=True),
    text("timeframe", primary_key=True),
    sa.Column("timestamp", Instant(), primary_key=True, autoincrement=False),
    *[sa.Column(n, RecordedFloat()) for n in ("open", "high", "low", "close", "volume")],
    text("source", primary_key=True),
    sa.Column("ingested_at", Instant(), nullable=False),
    text("reason"),
    text("released_by", nullable=True),
    sa.Column("check_name", sa.Text(), nullable=False, server_default=""),
    text("outcome", nullable=True),
    text("released_why", nullable=True),
    sa.Column("released_at", Instant()),
)
"""One row is one bar that was held back, as it came, and who released it, how and why."""

NEWS = sa.Table(
    "news",
    METADATA,
    text("id", primary_key=True),
    text("symbol", primary_key=True),
    sa.Column("published_at", Instant(), nullable=False),
    sa.Column("ingested_at", Instant(), nullable=False),
    text("source"),
    text("headline"),
    text("body"),
    text("url"),
    sa.Column("known_at", Instant(), nullable=False),
    sa.Index(None, "symbol", "known_at"),
    sa.Index(None, "symbol", "published_at"),
)
"""One row is one story about one symbol; a decision may see it from `known_at` on."""

SENTIMENT_HISTORY = sa.Table(
    "sentiment_history",
    METADATA,
    text("symbol", primary_key=True),
    sa.Column("timestamp", Instant(), primary_key=True, autoincrement=False),
    sa.Column("score", ExactFloat()),
    sa.Column("confidence", ExactFloat()),
    text("source", primary_key=True),
    text("scorer", primary_key=True),
    text("news_id", primary_key=True),
)
"""One row is one story's score by one scorer: `timestamp` is the story's `known_at`, score -1..1,
confidence 0..1; both NULL: nothing in it can be scored."""

SENTIMENT_SCORES = sa.Table(
    "sentiment_scores",
    METADATA,
    text("scorer", primary_key=True),
    text("text_hash", primary_key=True),
    sa.Column("score", ExactFloat()),
    sa.Column("confidence", ExactFloat()),
)
"""One row is what a scorer said of a text, so that it is not asked again; NULL: nothing to score."""

LATEST_SENTIMENT = sa.Table(
    "latest_sentiment",
    METADATA,
    text("symbol", primary_key=True),
    sa.Column("score", ExactFloat()),
    sa.Column("confidence", ExactFloat()),
    sa.Column("last_updated", Instant(), nullable=False),
    sa.Column("metadata", StrictJson(), nullable=False),
)
"""One row is the newest sentiment of a symbol; score NULL: no news."""
