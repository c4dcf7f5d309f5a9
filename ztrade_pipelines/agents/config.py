"""What a person may ask of an agent's run: flat, every key optional."""

import dagster as dg
from pydantic import Field


class CycleConfig(dg.Config):
    """One cycle's run configuration. Everything may be left out: then the agent decides, now, live."""

    as_of: str | None = Field(
        default=None,
        description="A past moment with an offset, e.g. 2022-12-28T15:00:00Z: the run reads the"
        " store only and trades on the account `rehearsal`. Left out: now, on the account `paper`.",
    )
    dry_run: bool = Field(
        default=False,
        description="Decide and judge, but claim nothing and send nothing; it may be repeated.",
    )
    mode: str | None = Field(
        default=None,
        description="Who decides: strategy, automated, subagent, manual. Left out: the agent's own.",
    )
    story: str | None = Field(
        default=None,
        description="The id of a breaking story about the agent's symbol: it decides on that, outside its"
        " schedule, at most once a bar. Left out: on the last complete bar.",
    )
    manual_action: str | None = Field(
        default=None, description="A person's decision: buy, sell or hold. The rules stand."
    )
    manual_confidence: float | None = Field(default=None, description="From 0 to 1.")
    manual_rationale: str | None = Field(default=None, description="Why; it is recorded.")
    manual_stop_price: float | None = Field(
        default=None, description="Absolute price; left out: the agent's distance."
    )
    manual_target_price: float | None = Field(
        default=None, description="Absolute price; left out: the agent's distance."
    )
    manual_quantity: float | None = Field(
        default=None, description="Shares or coins, at most; left out: sized by the rules."
    )
