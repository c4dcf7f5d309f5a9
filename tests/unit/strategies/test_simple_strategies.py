"""Crossover, mean reversion, and buy and hold, on bars made by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.series import series_of_closes
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.decisions import Action
from ztrade_core.domain.time import Timeframe
from ztrade_core.strategies.protocol import StrategyAnswer, StrategyInput
from ztrade_core.strategies.registry import strategy_named, validate_strategy

START = datetime(2022, 12, 28, 0, 0, tzinfo=UTC)


def bars(*closes: float) -> BarSeries:
    opened = [START + timedelta(hours=hour) for hour in range(len(closes))]
    return series_of_closes("BTC/USD", Timeframe.H1, opened, closes)


def ask(
    name: str,
    parameters: dict[str, float],
    series: BarSeries,
    *,
    in_position: bool,
    min_confidence: float = 0.0,
) -> StrategyAnswer:
    given = StrategyInput(bars=series, in_position=in_position, min_confidence=min_confidence)
    return strategy_named(name).decide(given, validate_strategy(name, parameters))


CROSS = {"fast": 2, "slow": 3}


def test_crossover_buys_on_the_bar_of_the_cross() -> None:
    """Fast 2, slow 3 over 10, 9, 8, 11: before 8.5 < 9, now 9.5 > 9.33."""
    answer = ask("sma_crossover", CROSS, bars(10, 9, 8, 11), in_position=False)
    assert (answer.action, answer.confidence) == (Action.BUY, 0.75)
    factors = dict(answer.factors)
    assert factors["sma_gap_before"] == pytest.approx(8.5 - 9.0)
    assert factors["sma_gap"] == pytest.approx(9.5 - 28 / 3)


def test_crossover_does_not_buy_while_merely_above() -> None:
    assert ask("sma_crossover", CROSS, bars(8, 9, 10, 11), in_position=False).action is Action.HOLD


def test_a_tie_is_not_a_cross() -> None:
    assert ask("sma_crossover", CROSS, bars(10, 9, 9, 9), in_position=False).action is Action.HOLD


def test_leaving_a_tie_upwards_is_a_cross() -> None:
    assert ask("sma_crossover", CROSS, bars(9, 9, 9, 10), in_position=False).action is Action.BUY


def test_crossover_sells_while_below() -> None:
    assert ask("sma_crossover", CROSS, bars(11, 10, 9, 8), in_position=True).action is Action.SELL
    assert ask("sma_crossover", CROSS, bars(8, 9, 10, 11), in_position=True).action is Action.HOLD


def test_a_signal_below_the_agents_minimum_is_held() -> None:
    answer = ask("sma_crossover", CROSS, bars(10, 9, 8, 11), in_position=False, min_confidence=0.76)
    assert answer.action is Action.HOLD
    assert "below the agent's minimum" in answer.reason


REVERT = {"period": 5, "entry_z": 1.5}


def test_mean_reversion_buys_far_below_the_mean() -> None:
    """10, 10, 10, 10, 5: mean 9, deviation 2, z -2; confidence 0.7."""
    answer = ask("mean_reversion", REVERT, bars(10, 10, 10, 10, 5), in_position=False)
    assert (answer.action, answer.confidence) == (Action.BUY, 0.7)
    assert dict(answer.factors)["z_score"] == -2.0


def test_mean_reversion_sells_back_at_the_mean() -> None:
    held = bars(10, 10, 10, 10, 5)
    back = bars(9, 11, 9, 10, 10)
    assert ask("mean_reversion", REVERT, held, in_position=True).action is Action.HOLD
    assert ask("mean_reversion", REVERT, back, in_position=True).action is Action.SELL


def test_mean_reversion_holds_when_prices_stand_still() -> None:
    answer = ask("mean_reversion", REVERT, bars(10, 10, 10, 10, 10), in_position=False)
    assert (answer.action, answer.confidence) == (Action.HOLD, 0.0)
    assert dict(answer.factors)["z_score"] is None


def test_buy_and_hold_buys_once() -> None:
    assert ask("buy_and_hold", {}, bars(10), in_position=False).action is Action.BUY
    assert ask("buy_and_hold", {}, bars(10), in_position=True).action is Action.HOLD
