"""The crossover's sums, carried from bar to bar; the decision is `strategies.sma_crossover.step`."""

from typing import Any

from ztrade_core.backtest.kernel.layout import TOO_FEW_BARS
from ztrade_core.indicators.ticks import tick_of
from ztrade_core.strategies.protocol import HOLD
from ztrade_core.strategies.sma_crossover import gap_of, step

FAST, SLOW, FAST_SUM, SLOW_SUM, BEFORE, GAP = 0, 1, 2, 3, 4, 5
MEMORY = 6


def advance(memory: Any, agent: int, bar: int, seen: int, bars: tuple[Any, ...]) -> None:
    """Take in one bar; `seen` bars of the series came before it."""
    closes = bars[3]
    fast, slow = memory[agent, FAST], memory[agent, SLOW]
    now = tick_of(closes[bar])
    fast_sum, slow_sum = memory[agent, FAST_SUM] + now, memory[agent, SLOW_SUM] + now
    if seen >= fast:
        fast_sum -= tick_of(closes[bar - fast])
    if seen >= slow:
        slow_sum -= tick_of(closes[bar - slow])
    memory[agent, FAST_SUM], memory[agent, SLOW_SUM] = fast_sum, slow_sum
    memory[agent, BEFORE] = memory[agent, GAP]
    memory[agent, GAP] = gap_of(fast_sum, slow_sum, fast, slow)


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
    if seen < memory[agent, SLOW]:
        return HOLD, 0.0, TOO_FEW_BARS
    found = step(
        memory[agent, BEFORE],
        memory[agent, GAP],
        in_position,
        (settings[agent, 0], settings[agent, 1]),
    )
    return found[0], found[1], found[2]


def search(
    minds: tuple[Any, ...],
    agent: int,
    span: tuple[int, int, int],
    levels: tuple[bool, float, float],
    bars: tuple[Any, ...],
    codes: tuple[Any, int],
) -> tuple[int, int]:
    """Ask ahead with the sums at hand (see `dispatch.search`); the warm-up is left to the pass."""
    memory, settings, _ = minds
    start, bar, end = span
    is_held, stop, target = levels
    fast, slow = memory[agent, FAST], memory[agent, SLOW]
    if bar - start < slow:
        return bar, bar
    highs, lows, closes = bars[1][bar:], bars[2][bar:], bars[3][bar:]
    left_fast, left_slow = bars[3][bar - fast :], bars[3][bar - slow :]
    reasons = codes[0][bar - codes[1] :]
    fast_sum, slow_sum = memory[agent, FAST_SUM], memory[agent, SLOW_SUM]
    before, gap = memory[agent, BEFORE], memory[agent, GAP]
    terms = (settings[agent, 0], settings[agent, 1])
    place, taken, count = 0, 0, end - bar
    while place == taken and place < count:
        now = tick_of(closes[place])
        fast_sum += now - tick_of(left_fast[place])
        slow_sum += now - tick_of(left_slow[place])
        before, gap = gap, gap_of(fast_sum, slow_sum, fast, slow)
        action, _, why = step(before, gap, is_held, terms)
        touched = is_held and (lows[place] <= stop or highs[place] >= target)
        taken += 1
        if action == HOLD and not touched:
            reasons[place] = why
            place += 1
    memory[agent, FAST_SUM], memory[agent, SLOW_SUM] = fast_sum, slow_sum
    memory[agent, BEFORE], memory[agent, GAP] = before, gap
    return bar + place, bar + taken
