"""Overfit guards of one stored run: what luck explains, and what looks wrong.

A trial is a run of the same agent over an overlapping range, or what a sweep or walk-forward tried
there before the run was made, as the database has them: all that the chosen one was chosen from, the
run itself included.
Runs with the same figures are one trial, because repeating a run tries nothing new; a run that never
traded has no Sharpe ratio, could not have been chosen for it, and is none. Formulas:
`ztrade_core.performance.significance`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ztrade_core.backtest.run_notes import run_notes
from ztrade_core.domain.backtests import BacktestFill, BacktestRun
from ztrade_core.domain.words import counted
from ztrade_core.performance.daily import STOCK_DAYS_A_YEAR
from ztrade_core.performance.ratios import MINIMUM_DAYS
from ztrade_core.performance.significance import (
    LEAST_DAYS,
    deflated_sharpe,
    expected_maximum_sharpe,
    minimum_track_record_days,
    probabilistic_sharpe,
)
from ztrade_core.performance.trades import RoundTrip, closed_trades
from ztrade_core.performance.warning_signs import Grid, Value, warning_signs
from ztrade_core.ports.backtests import BacktestStore, Metrics

IDENTITY = ("days", "total_return", "sharpe", "max_drawdown", "fills")
COMPARABLE = 2.0  # times as long, or as short


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What to hold against a run's Sharpe ratio. None where a figure does not exist.

    `sharpe_by_luck` is what the best of the trials would show without any skill, and
    `trials_deviation` the standard deviation between the trials' Sharpe ratios; both annualised.
    `days_needed` is the length of record at which the Sharpe ratio is above 0 with 95 % confidence.
    """

    probabilistic_sharpe: float | None
    deflated_sharpe: float | None
    trials: int
    trials_deviation: float
    sharpe_by_luck: float | None
    days: int
    days_needed: float | None
    warnings: tuple[str, ...]


def trades_of(run: BacktestRun, fills: Sequence[BacktestFill]) -> list[RoundTrip]:
    """Return a run's closed trades, from its executions and what they paid in coins."""
    return closed_trades(fills, _number(run.metrics, "coin_fees_usd") or 0.0)


def guards_of(run: BacktestRun, trades: Sequence[RoundTrip], backtests: BacktestStore) -> Guards:
    """Return the guards of a run, its trials counted in the store."""
    trials = distinct_trials([run.metrics, *_tried(run, backtests)])
    deviation = trials_deviation(trials, int(_number(run.metrics, "days") or 0))
    daily = deviation / math.sqrt(_days_a_year(run))
    return guards(run, trades, trials=len(trials), deviation=daily)


def _tried(run: BacktestRun, backtests: BacktestStore) -> list[Metrics]:
    return backtests.trials(run.agent_id, run.start, run.end, run.created_at)


def guards(
    run: BacktestRun, trades: Sequence[RoundTrip], *, trials: int, deviation: float
) -> Guards:
    """Return the guards of a run chosen from so many trials.

    `deviation` is the standard deviation between their Sharpe ratios of one day, not annualised;
    where it is not known (NaN), that of a Sharpe ratio without skill over so many days, by which
    estimates scatter anyway: 1 / sqrt(days - 1) (Lo, 2002, Financial Analysts Journal 58(4)).
    """
    metrics = run.metrics
    year = math.sqrt(_days_a_year(run))
    ratio, days = _number(metrics, "sharpe"), int(_number(metrics, "days") or 0)
    skew, kurt = _number(metrics, "skewness"), _number(metrics, "kurtosis")
    if not math.isfinite(deviation):
        deviation = 1.0 / math.sqrt(max(days - 1, 1))
    probability = deflated = luck = needed = None
    if ratio is not None and skew is not None and kurt is not None and days >= LEAST_DAYS:
        daily = ratio / year
        probability = probabilistic_sharpe(daily, days, skew=skew, kurt=kurt)
        deflated = deflated_sharpe(
            daily, days, trials=max(trials, 1), deviation=deviation, skew=skew, kurt=kurt
        )
        luck = expected_maximum_sharpe(max(trials, 1), deviation) * year
        needed = minimum_track_record_days(daily, skew=skew, kurt=kurt)
    return Guards(
        probabilistic_sharpe=probability,
        deflated_sharpe=deflated,
        trials=trials,
        trials_deviation=deviation * year,
        sharpe_by_luck=luck,
        days=days,
        days_needed=needed,
        warnings=(
            *_too_short(days, is_judged=ratio is not None),
            *warning_signs(trades, grid=_grid(run), chosen=_chosen(run)),
            *run_notes(run),
        ),
    )


def _too_short(days: int, *, is_judged: bool) -> list[str]:
    """Warn of a Sharpe ratio made of so few returns that luck cannot be told from skill."""
    if not is_judged or days >= LEAST_DAYS:
        return []
    return [f"{counted(days, 'daily return')}, fewer than {LEAST_DAYS}: luck cannot be told"]


def distinct_trials(found: Sequence[Metrics]) -> list[Metrics]:
    """Return the runs that have a Sharpe ratio, those with the same figures once."""
    distinct = {tuple(metrics.get(name) for name in IDENTITY): metrics for metrics in found}
    return [metrics for metrics in distinct.values() if _number(metrics, "sharpe") is not None]


def trials_deviation(trials: Sequence[Metrics], days: int) -> float:
    """Return the sample deviation of the trials' Sharpe ratios, as annualised as they are.

    Only trials of half to twice the run's days: the ratio of a few days is mostly noise, and would
    make luck look larger (or smaller) than it is at the run's length. NaN when fewer than two are.
    """
    ratios = [
        ratio
        for metrics in trials
        if days / COMPARABLE <= (_number(metrics, "days") or 0.0) <= days * COMPARABLE
        and (ratio := _number(metrics, "sharpe")) is not None
    ]
    if len(ratios) < MINIMUM_DAYS:
        return math.nan
    mean = math.fsum(ratios) / len(ratios)
    squares = math.fsum((ratio - mean) * (ratio - mean) for ratio in ratios)
    return math.sqrt(squares / (len(ratios) - 1))


def _number(metrics: Metrics, name: str) -> float | None:
    value = metrics.get(name)
    return float(value) if isinstance(value, int | float) else None


def _days_a_year(run: BacktestRun) -> int:
    days = run.config.get("annualised_with_days")
    return days if isinstance(days, int) and days > 0 else STOCK_DAYS_A_YEAR


def _grid(run: BacktestRun) -> Grid:
    """Return `{parameter: values tried}` of the study that chose this run; empty without one."""
    grid = run.config.get("grid")
    if not isinstance(grid, dict):
        return {}
    return {str(name): tried for name, tried in grid.items() if isinstance(tried, list)}


def _chosen(run: BacktestRun) -> Mapping[str, Value]:
    """Return the agent's limits and strategy parameters; these are stored as pairs."""
    agent = run.config.get("agent")
    if not isinstance(agent, dict):
        return {}
    limits, strategy = agent.get("limits"), agent.get("strategy")
    pairs = strategy.get("parameters") if isinstance(strategy, dict) else None
    return {
        **(limits if isinstance(limits, dict) else {}),
        **(dict(pairs) if isinstance(pairs, list) else {}),
    }
