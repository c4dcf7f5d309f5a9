"""What an agent's YAML may ask of a strategy."""

import pytest

from ztrade_core.errors import ConfigError
from ztrade_core.strategies.registry import STRATEGIES, strategy_named, validate_strategy


def test_the_four_strategies_are_there() -> None:
    names = ["buy_and_hold", "mean_reversion", "sentiment_momentum", "sma_crossover"]
    assert sorted(STRATEGIES) == names
    assert all(strategy_named(name).name == name for name in names)


@pytest.mark.parametrize("name", STRATEGIES)
def test_defaults_are_complete_and_within_their_own_ranges(name: str) -> None:
    complete = validate_strategy(name, {})
    assert set(complete) == {parameter.name for parameter in STRATEGIES[name].parameters}
    assert validate_strategy(name, complete) == complete


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("astrology", {}, ["astrology", "sma_crossover"]),
        ("sma_crossover", {"speed": 3}, ["sma_crossover", "speed", "fast, slow"]),
        ("buy_and_hold", {"speed": 3}, ["buy_and_hold", "speed", "none"]),
        ("sma_crossover", {"fast": 1}, ["sma_crossover", "fast", "2..499"]),
        ("sma_crossover", {"fast": 2.5}, ["sma_crossover", "fast", "whole number"]),
        ("sma_crossover", {"fast": True}, ["sma_crossover", "fast", "a number"]),
        ("sma_crossover", {"fast": "20"}, ["sma_crossover", "fast", "a number"]),
        ("sma_crossover", {"fast": float("nan")}, ["sma_crossover", "fast", "a number"]),
        ("sma_crossover", {"fast": float("inf")}, ["sma_crossover", "fast"]),
        ("sma_crossover", {"fast": None}, ["sma_crossover", "fast", "a number"]),
        ("sma_crossover", {"fast": 100}, ["sma_crossover", "fast", "less than slow (100)"]),
        ("mean_reversion", {"exit_z": 3}, ["mean_reversion", "exit_z", "less than entry_z (2)"]),
        ("sentiment_momentum", {"sma_slow": 50}, ["sentiment_momentum", "sma_fast", "sma_slow"]),
        ("sentiment_momentum", {"sentiment_weight": 1.5}, ["sentiment_weight", "0..1"]),
    ],
)
def test_a_wrong_choice_names_strategy_and_key(
    name: str, parameters: dict[str, object], words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        validate_strategy(name, parameters)
    assert all(word in str(caught.value) for word in words)
    assert "\n" not in str(caught.value)


def test_lookbacks_follow_the_parameters() -> None:
    crossover = strategy_named("sma_crossover")
    assert crossover.lookback_bars(validate_strategy("sma_crossover", {"slow": 30})) == 31
    momentum = strategy_named("sentiment_momentum")
    assert momentum.lookback_bars(validate_strategy("sentiment_momentum", {})) == 200
    long_trend = validate_strategy("sentiment_momentum", {"trend_period": 300})
    assert momentum.lookback_bars(long_trend) == 300
