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


def advance(kind: int, memory: Any, bar: int, seen: int, bars: tuple[Any, ...]) -> None:
    """Take in one bar."""
    _MINDS[kind].advance(memory, bar, seen, bars)


def answer(
    kind: int, memory: Any, settings: Any, bar: int, seen: int, bars: Any, in_position: bool  # noqa: FBT001, PLR0913
) -> tuple[int, float]:
    """Return action and confidence on the bar taken in last."""
    found = _MINDS[kind].answer(memory, settings, bar, seen, bars, in_position)
    return int(found[0]), float(found[1])
