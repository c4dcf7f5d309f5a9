"""The momentum's sums and extremes, carried from bar to bar; integers, so that nothing drifts.

The decision is `strategies.sentiment_momentum_step.step`; NaN sentiment is none.
"""

import math
from typing import Any

from ztrade_core.backtest.kernel.layout import TOO_FEW_BARS
from ztrade_core.indicators.atr import mean_range, true_range
from ztrade_core.indicators.rsi import rsi_of
from ztrade_core.indicators.sma import mean_price
from ztrade_core.indicators.ticks import tick_of
from ztrade_core.indicators.trend import slope_of
from ztrade_core.indicators.volume_ratio import ratio_of
from ztrade_core.strategies.protocol import HOLD
from ztrade_core.strategies.sentiment_momentum_step import step

RSI, FAST, SLOW, TREND, CHANNEL, VOLUME, ATR, NEEDED = 0, 1, 2, 3, 4, 5, 6, 7
GAINS, LOSSES, FAST_SUM, SLOW_SUM, TREND_SUM, WEIGHTED, RANGES = 8, 9, 10, 11, 12, 13, 14
LOWEST, HIGHEST = 15, 16  # the bars of support and resistance
MEMORY = 17


def advance(memory: Any, agent: int, bar: int, seen: int, bars: tuple[Any, ...]) -> None:
    """Take in one bar; `seen` bars of the series came before it."""
    closes = bars[3]
    now = tick_of(closes[bar])
    memory[agent, FAST_SUM] += now
    memory[agent, SLOW_SUM] += now
    if seen >= memory[agent, FAST]:
        memory[agent, FAST_SUM] -= tick_of(closes[bar - memory[agent, FAST]])
    if seen >= memory[agent, SLOW]:
        memory[agent, SLOW_SUM] -= tick_of(closes[bar - memory[agent, SLOW]])
    take_trend(memory, agent, bar, seen, closes)
    if seen >= 1:
        take_change(memory, agent, now - tick_of(closes[bar - 1]), 1)
        memory[agent, RANGES] += range_of(bar, bars)
    if seen > memory[agent, RSI]:
        first = bar - memory[agent, RSI]
        take_change(memory, agent, tick_of(closes[first]) - tick_of(closes[first - 1]), -1)
    if seen > memory[agent, ATR]:
        memory[agent, RANGES] -= range_of(bar - memory[agent, ATR], bars)
    take_extremes(memory, agent, bar, seen, bars)


def take_trend(memory: Any, agent: int, bar: int, seen: int, closes: Any) -> None:
    """Move the sum of closes weighted by 2i - (n - 1) one bar on, exactly.

    A window that is not full yet counts as if zeros came before it.
    """
    period = memory[agent, TREND]
    now = tick_of(closes[bar])
    gone = tick_of(closes[bar - period]) if seen >= period else 0
    weighted = memory[agent, WEIGHTED] + (period + 1) * gone + (period - 1) * now
    memory[agent, WEIGHTED] = weighted - 2 * memory[agent, TREND_SUM]
    memory[agent, TREND_SUM] += now - gone


def take_change(memory: Any, agent: int, change: int, sign: int) -> None:
    """Add a change of the close to gains or losses, or take it out again."""
    if change > 0:
        memory[agent, GAINS] += sign * change
    else:
        memory[agent, LOSSES] -= sign * change


def range_of(bar: int, bars: tuple[Any, ...]) -> int:
    """Return a bar's true range in ticks."""
    highs, lows, closes = bars[1], bars[2], bars[3]
    return true_range(tick_of(highs[bar]), tick_of(lows[bar]), tick_of(closes[bar - 1]))


def take_extremes(memory: Any, agent: int, bar: int, seen: int, bars: tuple[Any, ...]) -> None:
    """Keep the bars of the lowest low and the highest high; look again when one has left."""
    highs, lows = bars[1], bars[2]
    first = bar + 1 - min(memory[agent, CHANNEL], seen + 1)
    if seen == 0 or lows[bar] <= lows[memory[agent, LOWEST]]:
        memory[agent, LOWEST] = bar
    elif memory[agent, LOWEST] < first:
        memory[agent, LOWEST] = extreme(lows, first, bar, -1.0)
    if seen == 0 or highs[bar] >= highs[memory[agent, HIGHEST]]:
        memory[agent, HIGHEST] = bar
    elif memory[agent, HIGHEST] < first:
        memory[agent, HIGHEST] = extreme(highs, first, bar, 1.0)


def extreme(prices: Any, first: int, last: int, sign: float) -> int:
    """Return the bar of the highest price (sign -1: the lowest), of equal ones the last."""
    found = first
    for each in range(first + 1, last + 1):
        if sign * prices[each] >= sign * prices[found]:
            found = each
    return found


def answer(
    minds: tuple[Any, ...],
    agent: int,
    bar: int,
    seen: int,
    bars: tuple[Any, ...],
    in_position: bool,  # noqa: FBT001
) -> tuple[int, float, int]:
    """Return action, confidence and reason on the bar taken in last."""
    memory, settings = minds[0], minds[1]
    if seen + 1 < memory[agent, NEEDED]:
        return HOLD, 0.0, TOO_FEW_BARS
    highs, lows, closes, volumes = bars[1], bars[2], bars[3], bars[4]
    score, weight = math.nan, math.nan
    if len(bars[6]) > 0:
        score, weight = bars[6][bar], bars[7][bar]
    features = (
        closes[bar],
        rsi_of(float(memory[agent, GAINS]), float(memory[agent, LOSSES])),
        mean_price(memory[agent, FAST_SUM], memory[agent, FAST]),
        mean_price(memory[agent, SLOW_SUM], memory[agent, SLOW]),
        slope_of(memory[agent, WEIGHTED], memory[agent, TREND], tick_of(closes[bar])),
        lows[memory[agent, LOWEST]],
        highs[memory[agent, HIGHEST]],
        ratio_of(volumes, bar, memory[agent, VOLUME]),
        mean_range(memory[agent, RANGES], memory[agent, ATR]),
        score,
        weight,
    )
    terms = (
        settings[agent, 0],
        settings[agent, 1],
        settings[agent, 2],
        settings[agent, 3],
        settings[agent, 4],
        settings[agent, 5],
    )
    found = step(features, terms, in_position)
    return found[0], found[1], found[2]
