"""The reversion's sum, carried from bar to bar; the decision is `strategies.mean_reversion.step`."""

from typing import Any

from ztrade_core.backtest.kernel.layout import TOO_FEW_BARS
from ztrade_core.indicators.z_score import deviation_of, mean_of
from ztrade_core.strategies.mean_reversion import step, z_of
from ztrade_core.strategies.protocol import HOLD

PERIOD, SUM = 0, 1
MEMORY = 2


def advance(memory: Any, agent: int, bar: int, seen: int, bars: tuple[Any, ...]) -> None:
    """Take in one bar; `seen` bars of the series came before it."""
    ticks = bars[5]
    memory[agent, SUM] += ticks[bar]
    if seen >= memory[agent, PERIOD]:
        memory[agent, SUM] -= ticks[bar - memory[agent, PERIOD]]


def answer(
    minds: tuple[Any, ...],
    agent: int,
    bar: int,
    seen: int,
    bars: tuple[Any, ...],
    in_position: bool,  # noqa: FBT001
) -> tuple[int, float, int]:
    """Return action, confidence and reason on the bar taken in last."""
    memory, settings, _ = minds
    period = memory[agent, PERIOD]
    if seen + 1 < period:
        return HOLD, 0.0, TOO_FEW_BARS
    ticks = bars[5]
    mean = mean_of(memory[agent, SUM], period)
    deviation = deviation_of(ticks, bar + 1 - period, period, mean)
    z = z_of(ticks[bar], mean, deviation)
    found = step(z, in_position, (settings[agent, 0], settings[agent, 1], settings[agent, 2]))
    return found[0], found[1], found[2]
