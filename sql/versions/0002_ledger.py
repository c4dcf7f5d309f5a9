"""Decisions, verdicts, inputs, anchors; tapes and proposals."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import ROW_NUMBER, Instant, PlainJson, RecordedFloat

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Build the tables."""
    _decisions()
    _decisions_by_agent()
    _risk_verdicts()
    _decision_inputs()
    _ledger_anchors()
    _tapes()
    _proposals()


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "proposals",
        "tapes",
        "ledger_anchors",
        "decision_inputs",
        "risk_verdicts",
        "decisions",
    ):
        op.drop_table(table)


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("sequence", ROW_NUMBER, autoincrement=False, nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("as_of", Instant(), nullable=False),
        sa.Column("snapshot_hash", sa.Text(), nullable=False),
        sa.Column("config_digest", sa.Text(), nullable=False),
        *_answer(),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("wanted_quantity", RecordedFloat(), nullable=False),
        sa.Column("quantity", RecordedFloat(), nullable=False),
        sa.Column("limit_price", RecordedFloat(), nullable=True),
        sa.Column("stop_price", RecordedFloat(), nullable=True),
        sa.Column("target_price", RecordedFloat(), nullable=True),
        sa.Column("client_order_id", sa.Text(), nullable=True),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("order_digest", sa.Text(), nullable=False),
        sa.Column("previous_digest", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_decisions")),
        sa.UniqueConstraint(
            "account",
            "account_epoch",
            "agent_id",
            "slot",
            name=op.f("uq_decisions_account_account_epoch_agent_id_slot"),
        ),
        sa.UniqueConstraint("decision_id", name=op.f("uq_decisions_decision_id")),
    )


def _decisions_by_agent() -> None:
    op.create_index(
        op.f("ix_decisions_account_agent_id_sequence"),
        "decisions",
        ["account", "agent_id", "sequence"],
        unique=False,
    )


def _risk_verdicts() -> None:
    op.create_table(
        "risk_verdicts",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("observed", RecordedFloat(), nullable=True),
        sa.Column("limit", RecordedFloat(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", "position", name=op.f("pk_risk_verdicts")),
    )


def _decision_inputs() -> None:
    op.create_table(
        "decision_inputs",
        sa.Column("snapshot_hash", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("as_of", Instant(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_hash", name=op.f("pk_decision_inputs")),
    )


def _ledger_anchors() -> None:
    op.create_table(
        "ledger_anchors",
        sa.Column("sequence", ROW_NUMBER, autoincrement=False, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("anchored_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", "place", name=op.f("pk_ledger_anchors")),
    )


def _tapes() -> None:
    op.create_table(
        "tapes",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("snapshot_hash", sa.Text(), nullable=False),
        *_answer(),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("taped_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint(
            "account", "account_epoch", "agent_id", "slot", name=op.f("pk_tapes")
        ),
    )


def _proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", ROW_NUMBER, sa.Identity(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("snapshot_hash", sa.Text(), nullable=False),
        *_answer(),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("taped_at", Instant(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("verdicts", PlainJson(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(
        op.f("ix_proposals_account_agent_id_taped_at"),
        "proposals",
        ["account", "agent_id", "taped_at"],
        unique=False,
    )


def _answer() -> list[sa.Column[Any]]:
    return [
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("confidence", RecordedFloat(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("proposed_stop_price", RecordedFloat(), nullable=True),
        sa.Column("proposed_target_price", RecordedFloat(), nullable=True),
        sa.Column("proposed_quantity", RecordedFloat(), nullable=True),
        sa.Column("factors", PlainJson(), nullable=False),
    ]
