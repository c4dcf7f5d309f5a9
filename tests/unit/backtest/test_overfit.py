"""Overfit guards: trials counted in the store, luck at the run's own length."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ztrade_core.backtest.overfit import distinct_trials, guards, guards_of, trials_deviation
from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.performance.significance import (
    deflated_sharpe,
    expected_maximum_sharpe,
    probabilistic_sharpe,
)
from ztrade_core.store.backtests import SqlBacktestStore

START = datetime(2022, 3, 1, tzinfo=UTC)
YEAR = math.sqrt(252)


def run(run_id: str, sharpe: float | None, *, days: int = 200, **changes: object) -> BacktestRun:
    made = BacktestRun(
        run_id=run_id,
        agent_id="agent_tsla",
        start=START,
        end=START + timedelta(days=300),
        metrics={"sharpe": sharpe, "days": days, "skewness": -0.5, "kurtosis": 5.0},
        config={"annualised_with_days": 252},
        status="finished",
        created_at=START,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_first_run_is_its_own_only_trial(backtests: SqlBacktestStore) -> None:
    """Deflated is probabilistic; luck explains nothing."""
    first = run("a", 1.5)
    backtests.save(first, [], [])
    found = guards_of(first, [], backtests)
    expected = probabilistic_sharpe(1.5 / YEAR, 200, skew=-0.5, kurt=5.0)
    assert (found.trials, found.sharpe_by_luck) == (1, 0.0)
    assert found.probabilistic_sharpe == found.deflated_sharpe == expected


def test_runs_of_the_agent_that_overlap_are_trials(backtests: SqlBacktestStore) -> None:
    """1.5, 0.5 and -0.5 deviate by 1: neither others, nor elsewhere, nor failed, nor a repetition."""
    again = run("again", 0.5)
    before, after = START - timedelta(days=300), START + timedelta(days=300)
    for one in (
        run("a", 1.5),
        run("b", 0.5),
        run("c", -0.5, start=before, end=START + timedelta(days=1)),
        replace(again, metrics={**again.metrics, "a_metric_of_later": 1.0}),
        run("other", 9.0, agent_id="agent_btc"),
        run("earlier", 9.0, start=before, end=START),
        run("later", 9.0, start=after, end=after + timedelta(days=300)),
        run("failed", 9.0, status="failed: storm"),
        run("never traded", None),
    ):
        backtests.save(one, [], [])
    found = guards_of(run("a", 1.5), [], backtests)
    assert found.trials == 3
    assert found.trials_deviation == pytest.approx(1.0)
    assert found.sharpe_by_luck == pytest.approx(expected_maximum_sharpe(3, 1.0))
    assert found.deflated_sharpe == pytest.approx(
        deflated_sharpe(1.5 / YEAR, 200, trials=3, deviation=1.0 / YEAR, skew=-0.5, kurt=5.0)
    )


def test_a_run_that_is_not_stored_yet_counts_itself(backtests: SqlBacktestStore) -> None:
    backtests.save(run("b", 0.5), [], [])
    assert guards_of(run("a", 1.5), [], backtests).trials == 2


def test_the_ratio_of_a_few_days_does_not_widen_luck(backtests: SqlBacktestStore) -> None:
    """It is a trial, but its -40 is noise: the deviation is between runs of like length."""
    for one in (run("a", 1.5), run("b", 0.5), run("short", -40.0, days=2)):
        backtests.save(one, [], [])
    found = guards_of(run("a", 1.5), [], backtests)
    assert found.trials == 3
    assert found.trials_deviation == pytest.approx(math.sqrt(0.5))


def test_without_another_run_of_like_length_chance_itself_deviates(
    backtests: SqlBacktestStore,
) -> None:
    """1 / sqrt(199) a day, annualised."""
    for one in (run("a", 1.5), run("short", -40.0, days=2)):
        backtests.save(one, [], [])
    found = guards_of(run("a", 1.5), [], backtests)
    assert found.trials == 2
    assert found.trials_deviation == pytest.approx(YEAR / math.sqrt(199))


def test_half_and_twice_the_days_are_still_comparable() -> None:
    def of(days: int, sharpe: float) -> dict[str, float | int | str | None]:
        return {"days": days, "sharpe": sharpe}

    trials = [of(100, 1.0), of(400, 3.0), of(99, 50.0), of(401, 50.0)]
    assert trials_deviation(trials, 200) == pytest.approx(math.sqrt(2.0))
    assert math.isnan(trials_deviation(trials[:1], 200))
    assert len(distinct_trials([*trials, *trials])) == 4


def test_a_run_without_a_sharpe_ratio_has_no_guards_and_no_made_up_number(
    backtests: SqlBacktestStore,
) -> None:
    found = guards_of(run("a", None, days=0), [], backtests)
    assert found.probabilistic_sharpe is found.deflated_sharpe is found.days_needed is None
    assert found.sharpe_by_luck is None
    assert found.trials == 0


def test_a_choice_on_the_edge_of_its_grid_is_a_warning() -> None:
    """The grid is what a study stored in the run's configuration."""
    config = {
        "annualised_with_days": 252,
        "grid": {"fast": [5, 10, 20], "slow": [50, 100], "odd": "text"},
        "agent": {
            "strategy": {"name": "sma_crossover", "parameters": [["fast", 20.0], ["slow", 75.0]]}
        },
    }
    found = guards(run("a", 1.0, config=config), [], trials=6, deviation=0.01)
    (warning,) = found.warnings
    assert warning.startswith("fast = 20.0 is the highest value that was tried")


def test_a_few_days_say_nothing_of_luck(backtests: SqlBacktestStore) -> None:
    """Of two returns skewness is always 0 and kurtosis 1: any two gains would be a certainty."""
    found = guards_of(run("a", 40.0, days=19), [], backtests)
    assert found.probabilistic_sharpe is found.deflated_sharpe is found.days_needed is None
    assert found.warnings[0] == "19 daily returns, fewer than 20: luck cannot be told"
    enough = guards_of(run("b", 40.0, days=20), [], backtests)
    assert enough.probabilistic_sharpe is not None
    assert not [each for each in enough.warnings if "luck" in each]
