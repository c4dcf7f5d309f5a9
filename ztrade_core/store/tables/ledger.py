"""Tables of the ledger: decisions, what they saw, what the rules said. Append-only by trigger."""

import sqlalchemy as sa

from ztrade_core.store.tables.metadata import (
    METADATA,
    account_columns,
    account_key,
    proposal_columns,
    text,
)
from ztrade_core.store.types import ROW_NUMBER, Instant, PlainJson, RecordedFloat

DECISIONS = sa.Table(
    "decisions",
    METADATA,
    sa.Column("sequence", ROW_NUMBER, primary_key=True, autoincrement=False),
    text("decision_id"),
    *account_columns(),
    text("agent_id"),
    text("slot"),
    text("symbol"),
    sa.Column("decided_at", Instant(), nullable=False),
    sa.Column("as_of", Instant(), nullable=False),
    text("snapshot_hash"),
    text("config_digest"),
    *proposal_columns(),
    text("outcome"),
    text("reason"),
    sa.Column("wanted_quantity", RecordedFloat(), nullable=False),
    sa.Column("quantity", RecordedFloat(), nullable=False),
    sa.Column("limit_price", RecordedFloat()),
    sa.Column("stop_price", RecordedFloat()),
    sa.Column("target_price", RecordedFloat()),
    text("client_order_id", nullable=True),
    text("book"),
    text("order_digest"),
    text("previous_digest"),
    text("digest"),
    sa.UniqueConstraint("decision_id"),
    sa.UniqueConstraint("account", "account_epoch", "agent_id", "slot"),
    sa.Index(None, "account", "agent_id", "sequence"),
    sa.Index(None, "as_of"),
)
"""One row is one decision of one slot, chained by `digest` to the row before it."""

RISK_VERDICTS = sa.Table(
    "risk_verdicts",
    METADATA,
    text("decision_id", primary_key=True),
    sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
    text("rule_id"),
    text("name"),
    sa.Column("passed", sa.Boolean(), nullable=False),
    sa.Column("observed", RecordedFloat()),
    sa.Column("limit", RecordedFloat()),
    text("message"),
)
"""One row is one rule's word on one decision, in the order the rules were asked."""

DECISION_INPUTS = sa.Table(
    "decision_inputs",
    METADATA,
    text("snapshot_hash", primary_key=True),
    text("symbol"),
    sa.Column("as_of", Instant(), nullable=False),
    sa.Column("content", sa.LargeBinary(), nullable=False),
)
"""One row is one frozen moment, compressed, under the hash of its content."""

LEDGER_ANCHORS = sa.Table(
    "ledger_anchors",
    METADATA,
    sa.Column("sequence", ROW_NUMBER, primary_key=True, autoincrement=False),
    text("place", primary_key=True),
    text("digest"),
    sa.Column("anchored_at", Instant(), nullable=False),
)
"""One row says that the head `digest` at `sequence` was shown at `place`."""

TAPES = sa.Table(
    "tapes",
    METADATA,
    *account_key(),
    text("agent_id", primary_key=True),
    text("slot", primary_key=True),
    text("snapshot_hash"),
    *proposal_columns(),
    text("mode"),
    text("run_id"),
    sa.Column("taped_at", Instant(), nullable=False),
)
"""One row is a mind's answer for one slot, kept the moment it arrived."""

PROPOSALS = sa.Table(
    "proposals",
    METADATA,
    sa.Column("id", ROW_NUMBER, sa.Identity(), primary_key=True),
    *account_columns(),
    text("agent_id"),
    text("slot"),
    text("snapshot_hash"),
    *proposal_columns(),
    text("mode"),
    text("run_id"),
    sa.Column("taped_at", Instant(), nullable=False),
    text("outcome"),
    sa.Column("verdicts", PlainJson(), nullable=False),
    sa.Index(None, "account", "agent_id", "taped_at"),
)
"""One row is a dry run's or a shadow's answer: it claims nothing."""
