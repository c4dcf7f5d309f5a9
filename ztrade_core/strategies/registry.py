"""The strategies by name, and the check of what an agent's YAML asks of them."""

import math
from collections.abc import Mapping

from ztrade_core.errors import ConfigError
from ztrade_core.strategies.buy_and_hold import BuyAndHold
from ztrade_core.strategies.mean_reversion import MeanReversion
from ztrade_core.strategies.protocol import Parameter, Strategy
from ztrade_core.strategies.sentiment_momentum import SentimentMomentum
from ztrade_core.strategies.sma_crossover import SmaCrossover

STRATEGIES: Mapping[str, Strategy] = {
    strategy.name: strategy
    for strategy in (SentimentMomentum(), SmaCrossover(), MeanReversion(), BuyAndHold())
}


def strategy_named(name: str) -> Strategy:
    """Return a strategy by its name.

    Raises:
        ConfigError: there is none of that name; the message lists those there are.
    """
    found = STRATEGIES.get(name)
    if found is None:
        raise ConfigError(f"strategy {name!r} does not exist: choose {', '.join(STRATEGIES)}")
    return found


def validate_strategy(name: str, parameters: Mapping[str, object]) -> dict[str, float]:
    """Return the parameters made complete with defaults.

    Raises:
        ConfigError: an unknown strategy or key, a value of the wrong type or outside its range, or
            values that contradict; the message names strategy and key.
    """
    strategy = strategy_named(name)
    known = {parameter.name: parameter for parameter in strategy.parameters}
    for key in parameters:
        if key not in known:
            allowed = ", ".join(known) or "none"
            raise ConfigError(f"strategy {name}: unknown parameter {key!r} (allowed: {allowed})")
    complete = {key: parameter.default for key, parameter in known.items()}
    complete |= {key: _value(name, known[key], value) for key, value in parameters.items()}
    conflict = strategy.conflict(complete)
    if conflict is not None:
        raise ConfigError(f"strategy {name}: {conflict[0]} {complete[conflict[0]]:g} {conflict[1]}")
    return complete


def _value(name: str, parameter: Parameter, value: object) -> float:
    where = f"strategy {name}: {parameter.name}"
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"{where} must be a number, not {value!r}")
    if parameter.whole and value != int(value):
        raise ConfigError(f"{where} must be a whole number, not {value!r}")
    if not parameter.low <= value <= parameter.high:
        raise ConfigError(f"{where} {value!r} is not within {parameter.low:g}..{parameter.high:g}")
    return float(value)
