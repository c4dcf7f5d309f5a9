"""Which combinations are tried, and which of them is the best."""

from dataclasses import replace

import pytest

from tests.unit.risk.builders import agent
from ztrade_core.domain.configuration import AgentConfig, StrategyChoice
from ztrade_core.domain.studies import SearchMethod, StudyPlan, Trial
from ztrade_core.errors import ConfigError
from ztrade_core.studies.candidates import (
    best_of,
    candidates_of,
    combinations,
    needs,
    ranking,
)
from ztrade_core.studies.parameters import agent_with

PLAN = StudyPlan(
    agent_id="agent_tsla",
    method=SearchMethod.GRID,
    ranges=(("fast", (5.0, 10.0, 20.0)), ("slow", (10.0, 20.0, 40.0))),
    rank_by="sharpe",
    samples=4,
    seed=7,
    in_sample_months=6,
)


def crossing() -> AgentConfig:
    return replace(agent(), strategy=StrategyChoice(name="sma_crossover"))


def trial(number: int, value: float | None, name: str = "sharpe") -> Trial:
    return Trial(number=number, parameters=(), metrics={"sharpe": 0.1, "trades": 2, name: value})


def test_a_grid_tries_every_combination_that_does_not_contradict_itself() -> None:
    """10/10, 20/10 and 20/20 cannot be: fast must be less than slow."""
    found = candidates_of(PLAN, crossing())
    pairs = [tuple(value for _, value in each) for each in found.kept]
    assert pairs == [(5, 10), (5, 20), (5, 40), (10, 20), (10, 40), (20, 40)]
    assert found.dropped == combinations(PLAN) - 6 == 3


def test_a_sample_is_drawn_from_its_seed_and_none_twice() -> None:
    plan = replace(PLAN, method=SearchMethod.RANDOM)
    once, again = candidates_of(plan, crossing()), candidates_of(plan, crossing())
    assert once == again
    assert len(set(once.kept)) == len(once.kept) == 4
    assert set(once.kept) <= set(candidates_of(PLAN, crossing()).kept)
    others = [candidates_of(replace(plan, seed=seed), crossing()).kept for seed in range(20)]
    assert len(set(others)) > 1


def test_a_larger_sample_holds_the_smaller_one() -> None:
    plan = replace(PLAN, method=SearchMethod.RANDOM)
    smaller = candidates_of(replace(plan, samples=2), crossing()).kept
    assert set(smaller) < set(candidates_of(plan, crossing()).kept)


def test_a_sample_larger_than_what_there_is_tries_all() -> None:
    plan = replace(PLAN, method=SearchMethod.RANDOM, samples=1000)
    assert candidates_of(plan, crossing()) == candidates_of(PLAN, crossing())


def test_limits_contradict_each_other_too() -> None:
    """A risk over the position, and a position over the allocation."""
    ranges = (("position_usd", (100.0, 1e9)), ("risk_usd", (50.0, 200.0)))
    found = candidates_of(replace(PLAN, ranges=ranges), agent())
    assert found.kept == ((("position_usd", 100.0), ("risk_usd", 50.0)),)
    assert found.dropped == 3


def test_parameters_go_to_the_strategy_and_to_the_limits() -> None:
    trader = agent_with(crossing(), (("fast", 5.0), ("max_daily_trades", 3.0), ("slow", 40.0)))
    assert trader.strategy.as_dict() == {"fast": 5.0, "slow": 40.0}
    assert trader.limits == replace(agent().limits, max_daily_trades=3)
    assert isinstance(trader.limits.max_daily_trades, int)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ((("slwo", 5.0),), "slwo: unknown parameter"),
        ((("slow", 2.0),), "slow: 2 is not within 3"),
        ((("slow", 5.5),), "slow: 5.5 must be a whole number"),
        ((("min_confidence", 1.5),), r"min_confidence: 1.5 is not within 0\.\.1"),
        ((("slow", float("nan")),), "slow: nan is not within"),
        ((("fast", 50.0), ("slow", 40.0)), r"fast: 50 must be less than slow \(40\)"),
    ],
)
def test_what_an_agent_cannot_have_names_the_parameter(
    parameters: tuple[tuple[str, float], ...], said: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{said}"):
        agent_with(crossing(), parameters)


def test_the_best_is_the_first_of_equals_and_never_without_a_figure() -> None:
    trials = [trial(0, None), trial(1, 0.5), trial(2, 1.5), trial(3, 1.5), trial(4, -1.0)]
    assert [each.number for each in ranking(trials, "sharpe")] == [2, 3, 1, 4]
    assert best_of(trials, "sharpe") == trials[2]
    assert best_of([trial(0, None)], "sharpe") is None
    assert best_of([], "sharpe") is None


@pytest.mark.parametrize("rank_by", ["max_drawdown", "volatility"])
@pytest.mark.parametrize("lacks", [{"trades": 0}, {"trades": None}, {"sharpe": None}])
def test_who_never_trades_does_not_win_by_losing_nothing(
    rank_by: str, lacks: dict[str, None]
) -> None:
    idle = Trial(
        number=0, parameters=(), metrics={"sharpe": 0.1, "trades": 2, rank_by: 0.0, **lacks}
    )
    assert ranking([idle, trial(1, 0.3, rank_by)], rank_by) == [trial(1, 0.3, rank_by)]
    assert best_of([idle], rank_by) is None


def test_who_never_moved_does_not_win_by_return_but_who_holds_may() -> None:
    """All that trade lose; buying once and holding closes no trade."""
    idle = Trial(
        number=0, parameters=(), metrics={"sharpe": None, "trades": 0, "total_return": 0.0}
    )
    holds = replace(idle, number=1, metrics={"sharpe": -1.0, "trades": 0, "total_return": -0.1})
    assert best_of([idle, holds], "total_return") == holds
    assert needs("sharpe") == "a sharpe"
    assert needs("calmar") == "a calmar or a Sharpe ratio"


def test_a_smaller_drawdown_is_better() -> None:
    trials = [trial(n, value, "max_drawdown") for n, value in enumerate((0.2, 0.1, 0.3))]
    best = best_of(trials, "max_drawdown")
    assert best is not None
    assert best.number == 1
