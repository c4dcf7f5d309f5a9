"""What a study may vary: the parameters of an agent's strategy and its limits, each with its range.

A limit's range is that of the agent's file. Not here: which combinations are tried (`candidates`).
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ztrade_core.domain.configuration import AgentConfig, StrategyChoice
from ztrade_core.domain.studies import Parameters
from ztrade_core.errors import ConfigError
from ztrade_core.strategies.registry import strategy_named


class Range(NamedTuple):
    """The values that a parameter may have, both ends allowed."""

    low: float
    high: float
    whole: bool = False


LIMITS: Mapping[str, Range] = {
    "stop_loss_fraction": Range(0.005, 0.20),
    "take_profit_fraction": Range(0.005, 10.0),
    "position_usd": Range(0.01, 1e12),
    "risk_usd": Range(0.01, 1e12),
    "max_daily_trades": Range(1, 10_000, whole=True),
    "min_confidence": Range(0.0, 1.0),
    "max_consecutive_losses": Range(1, 1000, whole=True),
}


def ranges_of(agent: AgentConfig) -> dict[str, Range]:
    """Return everything that can be varied of an agent, by name."""
    strategy = strategy_named(agent.strategy.name)
    own = {each.name: Range(each.low, each.high, each.whole) for each in strategy.parameters}
    return {**own, **LIMITS}


def check_value(agent: AgentConfig, name: str, value: float | None) -> None:
    """Raise ConfigError, naming the parameter, for one that the agent lacks or cannot have so.

    None asks for the name alone.
    """
    known = ranges_of(agent)
    if name not in known:
        raise ConfigError(
            f"{name}: unknown parameter of {agent.agent_id} ({agent.strategy.name}); known:"
            f" {', '.join(known)}"
        )
    low, high, whole = known[name]
    if value is None:
        return
    if not math.isfinite(value) or not low <= value <= high:
        raise ConfigError(f"{name}: {value:g} is not within {low:g}..{high:g}")
    if whole and value != int(value):
        raise ConfigError(f"{name}: {value:g} must be a whole number")


def contradiction(agent: AgentConfig) -> str | None:
    """Return what an agent's parameters contradict each other in, or None."""
    choice, limits = agent.strategy, agent.limits
    given = choice.as_dict()
    strategy = strategy_named(choice.name)
    complete = {each.name: each.default for each in strategy.parameters} | given
    conflict = strategy.conflict(complete)
    if conflict is not None:
        return f"{conflict[0]}: {complete[conflict[0]]:g} {conflict[1]}"
    if limits.position_usd > agent.allocated_usd:
        return f"position_usd: {limits.position_usd:g} is over allocated_usd"
    if limits.risk_usd > limits.position_usd:
        return f"risk_usd: {limits.risk_usd:g} is over position_usd {limits.position_usd:g}"
    return None


def with_values(agent: AgentConfig, parameters: Parameters) -> AgentConfig:
    """Return the agent with these values; nothing is checked."""
    given = dict(parameters)
    limits: dict[str, Any] = {
        name: _typed(name, given.pop(name)) for name in LIMITS if name in given
    }
    strategy = tuple(sorted({**agent.strategy.as_dict(), **given}.items()))
    return replace(
        agent,
        strategy=StrategyChoice(name=agent.strategy.name, parameters=strategy),
        limits=replace(agent.limits, **limits) if limits else agent.limits,
    )


def agent_with(agent: AgentConfig, parameters: Parameters) -> AgentConfig:
    """Return the agent with these parameters of its strategy and limits.

    Raises ConfigError, naming the parameter, for an unknown one, a value outside its range, or
    values that contradict.
    """
    for name, value in parameters:
        check_value(agent, name, value)
    made = with_values(agent, parameters)
    problem = contradiction(made)
    if problem is not None:
        raise ConfigError(problem)
    return made


def value_of(agent: AgentConfig, name: str) -> float:
    """Return what an agent has for a parameter of `ranges_of`."""
    if name in LIMITS:
        return float(getattr(agent.limits, name))
    strategy = strategy_named(agent.strategy.name)
    defaults = {each.name: each.default for each in strategy.parameters}
    return (defaults | agent.strategy.as_dict())[name]


def _typed(name: str, value: float) -> float | int:
    return int(value) if LIMITS[name].whole else float(value)
