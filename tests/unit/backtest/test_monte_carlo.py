"""Monte Carlo of trades: by hand where every order can be written down, and by plain loops."""

import math
from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.backtest.monte_carlo import (
    CELLS_AT_ONCE,
    Method,
    Simulation,
    losing_streaks,
    max_drawdowns,
    simulate,
    simulations,
)
from ztrade_core.performance.trades import _longest_losing_streak

CAPITAL = 1000.0


def plain_drawdown(results: list[float]) -> float:
    equity = peak = CAPITAL
    deepest = 0.0
    for result in results:
        equity += result
        peak = max(peak, equity)
        deepest = max(deepest, (peak - equity) / peak)
    return deepest


def simulated(results: list[float], method: Method, paths: int = 1000, seed: int = 1) -> Simulation:
    found = simulate(results, CAPITAL, method, paths=paths, seed=seed)
    assert found is not None
    return found


@given(st.lists(st.lists(st.integers(-200, 200), min_size=4, max_size=4), min_size=1, max_size=9))
def test_paths_are_measured_as_a_plain_loop_would(rows: list[list[int]]) -> None:
    paths = np.array(rows, dtype=np.float64)
    plain = [[float(value) for value in row] for row in rows]
    assert max_drawdowns(paths, CAPITAL).tolist() == pytest.approx(
        [plain_drawdown(r) for r in plain]
    )
    assert losing_streaks(paths).tolist() == [_longest_losing_streak(row) for row in plain]


def test_a_shuffle_keeps_the_return_and_visits_every_order() -> None:
    """+100, -50, -60: -1 % always; the deepest and the shallowest of six orders are both seen."""
    results = [100.0, -50.0, -60.0]
    found = simulated(results, Method.SHUFFLE)
    falls = [plain_drawdown(list(order)) for order in permutations(results)]
    assert found.total_return == pytest.approx((-0.01, -0.01, -0.01))
    assert found.probability_of_loss == 1.0
    assert found.worst_drawdown == pytest.approx(max(falls))
    assert found.max_drawdown[0] == pytest.approx(min(falls))
    assert (found.losing_streak, found.worst_losing_streak) == ((1.0, 2.0, 2.0), 2)


def test_a_bootstrap_of_two_trades_has_three_returns_in_their_proportions() -> None:
    """+100 and -50: +200, +50, -100 with 1/4, 1/2, 1/4; a loss is the last, and one run in four."""
    found = simulated([100.0, -50.0], Method.BOOTSTRAP, paths=40_000)
    assert found.total_return == pytest.approx((-0.1, 0.05, 0.2))
    assert found.probability_of_loss == pytest.approx(0.25, abs=0.01)
    assert found.worst_losing_streak == 2
    assert found.worst_drawdown == pytest.approx(0.10)


def test_a_bootstrap_has_the_mean_of_all_draws() -> None:
    """Three trades, 27 draws: the share that loses is counted, not estimated."""
    results = [30.0, -40.0, 5.0]
    losing = sum(1 for draw in product(results, repeat=3) if sum(draw) < 0.0) / 27
    found = simulated(results, Method.BOOTSTRAP, paths=40_000)
    assert found.probability_of_loss == pytest.approx(losing, abs=0.01)


@pytest.mark.parametrize("method", Method)
def test_the_same_seed_gives_the_same_answer_and_another_one_another(method: Method) -> None:
    results = [float(value) for value in np.random.default_rng(3).normal(1.0, 50.0, 80)]
    first = simulated(results, method, seed=7)
    assert first == simulated(results, method, seed=7)
    assert first.seed == 7
    assert replace(simulated(results, method, seed=8), seed=7) != first


@pytest.mark.parametrize("method", Method)
def test_paths_that_come_in_parts_all_come(method: Method) -> None:
    """5,000 lost trades, 1,000 paths: more than is held at a time, and every path lost."""
    count = 5_000
    assert count * 1000 > CELLS_AT_ONCE
    found = simulated([-0.1] * count, method)
    assert found.probability_of_loss == 1.0
    assert found.worst_losing_streak == count
    assert found.total_return == pytest.approx((-0.5, -0.5, -0.5))


def test_both_methods_stand_side_by_side_with_a_thousand_paths() -> None:
    found = simulations([5.0, -3.0, 2.0], CAPITAL)
    assert [(one.method, one.paths, one.trades) for one in found] == [
        (Method.SHUFFLE, 1000, 3),
        (Method.BOOTSTRAP, 1000, 3),
    ]


def test_without_a_trade_there_is_nothing_to_simulate() -> None:
    assert simulate([], CAPITAL, Method.SHUFFLE) is None
    assert simulations([], CAPITAL) == []


@pytest.mark.parametrize(
    ("results", "capital", "paths", "said"),
    [
        ([1.0], 0.0, 10, "allocated capital"),
        ([1.0], math.nan, 10, "allocated capital"),
        ([1.0], 1.0, 0, "at least one"),
        ([math.nan], 1.0, 10, "not a finite number"),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    results: list[float], capital: float, paths: int, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        simulate(results, capital, Method.SHUFFLE, paths=paths)
