"""Tables of what minds outside this process were asked and answered. Append-only by trigger."""

import sqlalchemy as sa

from ztrade_core.store.tables.metadata import METADATA, Columns, account_key, text
from ztrade_core.store.types import ExactFloat, Instant


def _key() -> Columns:
    return [
        *account_key(),
        text("agent_id", primary_key=True),
        text("slot", primary_key=True),
        sa.Column("attempt", sa.Integer(), primary_key=True, autoincrement=False),
        text("run_id"),
    ]


MODEL_QUESTIONS = sa.Table(
    "model_questions",
    METADATA,
    *_key(),
    sa.Column("most_usd", ExactFloat(), nullable=False),
    sa.Column("asked_at", Instant(), nullable=False),
    sa.Index(None, "asked_at"),
)
"""One row is one question that was about to be asked, with the most it may cost."""

MODEL_ANSWERS = sa.Table(
    "model_answers",
    METADATA,
    *_key(),
    text("maker"),
    text("model"),
    text("prompt_digest"),
    text("settings"),
    text("question"),
    text("raw"),
    text("outcome"),
    text("problem"),
    sa.Column("input_tokens", sa.BigInteger(), nullable=False),
    sa.Column("output_tokens", sa.BigInteger(), nullable=False),
    sa.Column("cache_read_tokens", sa.BigInteger(), nullable=False),
    sa.Column("cache_write_tokens", sa.BigInteger(), nullable=False),
    sa.Column("usd", ExactFloat(), nullable=False),
    sa.Column("seconds", ExactFloat(), nullable=False),
    sa.Column("asked_at", Instant(), nullable=False),
    sa.Index(None, "account", "account_epoch", "agent_id", "asked_at"),
)
"""One row is one question and what became of it, word by word, and what it cost."""
