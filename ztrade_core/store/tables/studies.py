"""Tables of studies and what they tried."""

import sqlalchemy as sa

from ztrade_core.store.tables.metadata import METADATA, text
from ztrade_core.store.types import Instant, StrictJson

STUDIES = sa.Table(
    "studies",
    METADATA,
    text("id", primary_key=True),
    text("kind"),
    text("agent_id"),
    text("part"),
    sa.Column("start_date", Instant(), nullable=False),
    sa.Column("end_date", Instant(), nullable=False),
    sa.Column("config", StrictJson(), nullable=False),
    sa.Column("summary", StrictJson(), nullable=False),
    text("run_id"),
    text("status"),
    sa.Column("created_at", Instant(), nullable=False),
    sa.Index(None, "agent_id", "created_at"),
)
"""One row is one study: what determined it, and its figures; `run_id` is empty when nothing was chosen."""

STUDY_TRIALS = sa.Table(
    "study_trials",
    METADATA,
    sa.Column("study_id", sa.Text(), sa.ForeignKey("studies.id"), primary_key=True),
    sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("parameters", StrictJson(), nullable=False),
    sa.Column("metrics", StrictJson(), nullable=False),
    text("why_not_compiled"),
)
"""One row is one candidate's backtest: its parameters and its metrics by name."""
