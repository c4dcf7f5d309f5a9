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
        description="Who decides: strategy, automated, subagent, ensemble, manual. Left out: the agent's own."
        " `manual` without an answer claims nothing: the step observe then shows the request that a model"
        " would see, and what to write here.",
    )
    story: str | None = Field(
        default=None,
        description="The id of a breaking story about the agent's symbol: it decides on that, outside its"
        " schedule, at most once a bar. Left out: on the last complete bar.",
    )
    manual_answer: str | None = Field(
        default=None,
        description="A person's answer, as one JSON object of the schema that the request shows, e.g."
        """ '{"action": "hold", "confidence": 0.6, "rationale": "why"}' in single quotes, or in the lines"""
        " below a `|`. The rules stand; what cannot be used fails the run and claims nothing.",
    )
    manual_slot: str | None = Field(
        default=None,
        description="The slot that the answer was written for, as the request shows it, e.g."
        " 2022-12-28T14:55:00Z. When another bar is the last by then, the run fails and claims nothing."
        " Left out: the answer is for the last complete bar, whichever that is when the run begins.",
    )
    manual_shown: str | None = Field(
        default=None,
        description="The hash of the moment that was shown, as the request has it: it is kept as what was"
        " asked. Left out: the moment that the run itself froze.",
    )
    manual_seconds: float | None = Field(
        default=None, description="How long the person took; the terminal measures it."
    )
    manual_action: str | None = Field(
        default=None,
        description="In place of manual_answer, its fields one by one: buy, sell or hold.",
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
