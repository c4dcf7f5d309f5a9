"""The reversion's sum, carried from bar to bar; the decision is `strategies.mean_reversion.step`."""

from typing import Any

from ztrade_core.indicators.z_score import deviation_of, mean_of
from ztrade_core.strategies.mean_reversion import step, z_of
from ztrade_core.strategies.protocol import HOLD

PERIOD, SUM = 0, 1
MEMORY = 2


def advance(memory: Any, bar: int, seen: int, bars: tuple[Any, ...]) -> None:
    """Take in one bar; `seen` bars of the series came before it."""
    ticks = bars[5]
    memory[SUM] += ticks[bar]
    if seen >= memory[PERIOD]:
        memory[SUM] -= ticks[bar - memory[PERIOD]]


def answer(
    memory: Any, settings: Any, bar: int, seen: int, bars: tuple[Any, ...], in_position: bool  # noqa: FBT001
) -> tuple[int, float]:
    """Return action and confidence on the bar taken in last."""
    period = memory[PERIOD]
    if seen + 1 < period:
        return HOLD, 0.0
    ticks = bars[5]
    mean = mean_of(memory[SUM], period)
    deviation = deviation_of(ticks, bar + 1 - period, period, mean)
    z = z_of(ticks[bar], mean, deviation)
    found = step(z, in_position, (settings[0], settings[1], settings[2]))
    return found[0], found[1]
