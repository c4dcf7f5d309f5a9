"""Studies as values: many backtests of one agent that answer one question together.

A candidate is a set of parameters by name: those of the agent's strategy, and those of its limits
(`stop_loss_fraction`, `min_confidence` ...). A trial is what one candidate came to.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Parameters = tuple[tuple[str, float], ...]
"""Values by name, names ascending."""

Figures = dict[str, float | int | str | None]

OUT_OF_SAMPLE_PREFIX = "out_of_sample_"
"""Before the names of a walk-forward trial's figures in the judged month, beside those in sample."""


class StudyKind(StrEnum):
    """Which question a study answers."""

    SWEEP = "sweep"
    WALK_FORWARD = "walk_forward"
    COSTS = "costs"
    SENTIMENT = "sentiment"


class SearchMethod(StrEnum):
    """How candidates are drawn from ranges."""

    GRID = "grid"
    RANDOM = "random"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlan:
    """What is searched, from config/studies/<agent_id>.yaml.

    `ranges` are the values tried by name, ascending; `samples` of them are drawn at random from
    `seed`, or every combination is tried. `rank_by` names the metric that chooses.
    `in_sample_months` is how much history a month's parameters are fitted on.
    """

    agent_id: str
    method: SearchMethod
    ranges: tuple[tuple[str, tuple[float, ...]], ...]
    rank_by: str
    samples: int
    seed: int
    in_sample_months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One candidate's backtest: `number` counts from 0 in the order tried.

    `why_not_compiled` says why the event loop ran it; empty: the compiled kernel did.
    """

    number: int
    parameters: Parameters
    metrics: Figures
    why_not_compiled: str = field(default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One study. `config` is everything that determined it, `summary` its figures by name.

    `part` is the month of a walk-forward (`2022-05`), else empty. `run_id` is the stored backtest of
    what was chosen, else empty.
    """

    study_id: str
    kind: StudyKind
    agent_id: str
    part: str
    start: datetime
    end: datetime
    config: dict[str, object]
    summary: Figures
    run_id: str
    created_at: datetime
    status: str = field(default="finished")
