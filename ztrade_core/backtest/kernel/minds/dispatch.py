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


def search(
    minds: tuple[Any, ...],
    agent: int,
    span: tuple[int, int, int],
    levels: tuple[bool, float, float],
    bars: tuple[Any, ...],
    codes: tuple[Any, int],
) -> tuple[int, int]:
    """Ask a strategy that has a faster way of its own ahead, to where something happens.

    `span`: the series' first bar, the first to take in, the end; `levels`: whether a position is held, its stop
    and target; `codes`: where the reasons of the bars go, and their shift. Return the first bar
    that asks or is touched and the first bar not taken in; (-1, -1) of a strategy without such a way.
    """
    search_own = getattr(_MINDS[int(minds[2][agent])], "search", None)
    if search_own is None:
        return -1, -1
    front, taken = search_own(minds, agent, span, levels, bars, codes)
    return int(front), int(taken)
