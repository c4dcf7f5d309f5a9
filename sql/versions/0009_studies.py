"""Studies and their trials."""

import sqlalchemy as sa
from alembic import op

from ztrade_core.store.types import Instant, StrictJson

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Build the tables."""
    op.create_table(
        "studies",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("start_date", Instant(), nullable=False),
        sa.Column("end_date", Instant(), nullable=False),
        sa.Column("config", StrictJson(), nullable=False),
        sa.Column("summary", StrictJson(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studies")),
    )
    op.create_index(
        op.f("ix_studies_agent_id_created_at"), "studies", ["agent_id", "created_at"], unique=False
    )
    op.create_table(
        "study_trials",
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parameters", StrictJson(), nullable=False),
        sa.Column("metrics", StrictJson(), nullable=False),
        sa.Column("why_not_compiled", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_study_trials_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("study_id", "number", name=op.f("pk_study_trials")),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("study_trials")
    op.drop_table("studies")
