"""The crossover's sums, carried from bar to bar; the decision is `strategies.sma_crossover.step`."""

from typing import Any

from ztrade_core.indicators.ticks import tick_of
from ztrade_core.strategies.protocol import HOLD
from ztrade_core.strategies.sma_crossover import gap_of, step

FAST, SLOW, FAST_SUM, SLOW_SUM, BEFORE, GAP = 0, 1, 2, 3, 4, 5
MEMORY = 6


def advance(memory: Any, bar: int, seen: int, bars: tuple[Any, ...]) -> None:
    """Take in one bar; `seen` bars of the series came before it."""
    closes = bars[3]
    fast, slow = memory[FAST], memory[SLOW]
    now = tick_of(closes[bar])
    fast_sum, slow_sum = memory[FAST_SUM] + now, memory[SLOW_SUM] + now
    if seen >= fast:
        fast_sum -= tick_of(closes[bar - fast])
    if seen >= slow:
        slow_sum -= tick_of(closes[bar - slow])
    memory[FAST_SUM], memory[SLOW_SUM] = fast_sum, slow_sum
    memory[BEFORE] = memory[GAP]
    memory[GAP] = gap_of(fast_sum, slow_sum, fast, slow)


def answer(
    memory: Any, settings: Any, bar: int, seen: int, bars: tuple[Any, ...], in_position: bool  # noqa: FBT001
) -> tuple[int, float]:
    """Return action and confidence on the bar taken in last."""
    if seen < memory[SLOW]:
        return HOLD, 0.0
    found = step(memory[BEFORE], memory[GAP], in_position, (settings[0], settings[1]))
    return found[0], found[1]
