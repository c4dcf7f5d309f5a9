"""Which combinations a study tries, in which order, and which of the tried ones is the best."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.studies import Parameters, SearchMethod, StudyPlan, Trial
from ztrade_core.studies.parameters import contradiction, with_values

SHARPE = "sharpe"
HIGHER_IS_BETTER = (
    SHARPE,
    "probabilistic_sharpe",
    "sortino",
    "calmar",
    "total_return",
    "cagr",
    "final_equity_usd",
    "profit_factor",
    "expectancy_usd",
    "average_trade",
    "win_rate",
)
LOWER_IS_BETTER = ("max_drawdown", "max_drawdown_days", "volatility")
RANKABLE = (*HIGHER_IS_BETTER, *LOWER_IS_BETTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What is tried, in order; `dropped` combinations contradicted themselves."""

    kept: tuple[Parameters, ...]
    dropped: int


def combinations(plan: StudyPlan) -> int:
    """Return how many combinations the ranges hold."""
    return math.prod(len(values) for _, values in plan.ranges)


def candidates_of(plan: StudyPlan, agent: AgentConfig) -> Candidates:
    """Return what a plan tries of an agent: the whole grid, or a random sample of it.

    The grid runs with the last name fastest. A sample is drawn from the plan's seed, none twice, until
    `samples` do not contradict themselves or all are drawn; it is tried in the grid's order.
    """
    kept: dict[int, Parameters] = {}
    dropped = 0
    for number in _drawn(plan):
        tried = _combination(plan, number)
        if contradiction(with_values(agent, tried)) is None:
            kept[number] = tried
        else:
            dropped += 1
        if plan.method is SearchMethod.RANDOM and len(kept) == plan.samples:
            break
    return Candidates(kept=tuple(kept[number] for number in sorted(kept)), dropped=dropped)


def _drawn(plan: StudyPlan) -> Sequence[int]:
    """Return the numbers of combinations in the order in which they are drawn."""
    every = range(combinations(plan))
    if plan.method is SearchMethod.GRID:
        return every
    return random.Random(plan.seed).sample(every, len(every))  # noqa: S311 - no secret


def _combination(plan: StudyPlan, number: int) -> Parameters:
    found = []
    for name, values in reversed(plan.ranges):
        number, place = divmod(number, len(values))
        found.append((name, values[place]))
    return tuple(sorted(found))


def best_of(trials: Sequence[Trial], rank_by: str) -> Trial | None:
    """Return the best trial by a metric, the first of equals; None when none can win (`ranking`)."""
    ranked = ranking(trials, rank_by)
    return ranked[0] if ranked else None


def ranking(trials: Sequence[Trial], rank_by: str) -> list[Trial]:
    """Return the trials that can win, best first; equals in the order tried.

    One without the metric cannot, nor one without a Sharpe ratio: its days all returned the same, as
    when it never traded. By a figure of which less is better (a drawdown), none without a closed
    trade wins by doing nothing.
    """
    sign = 1.0 if rank_by in LOWER_IS_BETTER else -1.0
    found = [(metric(trial, rank_by), trial) for trial in trials if _can_win(trial, rank_by)]
    scored = [(sign * value, trial.number, trial) for value, trial in found if value is not None]
    return [trial for _, _, trial in sorted(scored, key=lambda each: each[:2])]


def needs(rank_by: str) -> str:
    """Say what a trial needs to win."""
    told = [f"a {rank_by}"] if rank_by == SHARPE else [f"a {rank_by}", "a Sharpe ratio"]
    if rank_by in LOWER_IS_BETTER:
        told.append("a closed trade")
    return " or ".join(told)


def _can_win(trial: Trial, rank_by: str) -> bool:
    traded = rank_by not in LOWER_IS_BETTER or (metric(trial, "trades") or 0.0) > 0.0
    return traded and metric(trial, SHARPE) is not None


def metric(trial: Trial, name: str) -> float | None:
    """Return a trial's metric as a number; None where it does not exist."""
    value = trial.metrics.get(name)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
