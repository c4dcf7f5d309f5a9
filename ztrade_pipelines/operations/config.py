"""What a person must say for an operation: whose account, who asks, and why."""

import dagster as dg
from pydantic import Field

from ztrade_pipelines.resources import PAPER


class AccountConfig(dg.Config):
    """Which account."""

    account: str = Field(default=PAPER, description="paper or rehearsal")


class OverrideConfig(dg.Config):
    """A person's override. Who and why are recorded with it."""

    who: str = Field(description="Your name.")
    why: str = Field(description="The reason, as it shall be read later.")
    agent_id: str | None = Field(
        default=None, description="One agent only, e.g. agent_tsla. Left out: the whole company."
    )
    account: str = Field(default=PAPER, description="paper or rehearsal")


class AuditConfig(dg.Config):
    """What to verify against."""

    anchor: str | None = Field(
        default=None,
        description="A chain head kept outside, SEQUENCE:DIGEST, as a decision's metadata shows it"
        " (`chain_head`): against one, a cut or rewritten tail is found too.",
    )
