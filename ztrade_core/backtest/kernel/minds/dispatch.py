"""Which strategy an agent asks, by its number; a compiled kernel gets a shorter form of this."""

from typing import Any

from ztrade_core.backtest.kernel.minds import (
    buy_and_hold,
    mean_reversion,
    sentiment_momentum,
    sma_crossover,
)

KINDS = ("buy_and_hold", "mean_reversion", "sentiment_momentum", "sma_crossover")
_MINDS: Any = (buy_and_hold, mean_reversion, sentiment_momentum, sma_crossover)


def advance(kind: int, memory: Any, agent: int, bar: int, seen: int, bars: tuple[Any, ...]) -> None:
    """Take in one bar."""
    _MINDS[int(kind)].advance(memory, agent, bar, seen, bars)


def answer(
    minds: tuple[Any, ...],
    agent: int,
    bar: int,
    seen: int,
    bars: tuple[Any, ...],
    in_position: bool,  # noqa: FBT001
) -> tuple[int, float, int]:
    """Return action, confidence and reason on the bar taken in last."""
    asked = _MINDS[int(minds[2][agent])].answer
    found = asked(minds, agent, bar, seen, bars, in_position)
    return int(found[0]), float(found[1]), int(found[2])
