"""The momentum's sums and extremes, carried from bar to bar; integers, so that nothing drifts.

The decision is `strategies.sentiment_momentum_step.step`. A backtest has no sentiment yet: NaN.
"""

import math
from typing import Any

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


def advance(memory: Any, bar: int, seen: int, bars: tuple[Any, ...]) -> None:
    """Take in one bar; `seen` bars of the series came before it."""
    closes = bars[3]
    now = tick_of(closes[bar])
    memory[FAST_SUM] += now
    memory[SLOW_SUM] += now
    if seen >= memory[FAST]:
        memory[FAST_SUM] -= tick_of(closes[bar - memory[FAST]])
    if seen >= memory[SLOW]:
        memory[SLOW_SUM] -= tick_of(closes[bar - memory[SLOW]])
    take_trend(memory, bar, seen, closes)
    if seen >= 1:
        take_change(memory, now - tick_of(closes[bar - 1]), 1)
        memory[RANGES] += range_of(bar, bars)
    if seen > memory[RSI]:
        first = bar - memory[RSI]
        take_change(memory, tick_of(closes[first]) - tick_of(closes[first - 1]), -1)
    if seen > memory[ATR]:
        memory[RANGES] -= range_of(bar - memory[ATR], bars)
    take_extremes(memory, bar, seen, bars)


def take_trend(memory: Any, bar: int, seen: int, closes: Any) -> None:
    """Move the sum of closes weighted by 2i - (n - 1) one bar on, exactly.

    A window that is not full yet counts as if zeros came before it.
    """
    period = memory[TREND]
    now = tick_of(closes[bar])
    gone = tick_of(closes[bar - period]) if seen >= period else 0
    weighted = memory[WEIGHTED] + (period + 1) * gone + (period - 1) * now
    memory[WEIGHTED] = weighted - 2 * memory[TREND_SUM]
    memory[TREND_SUM] += now - gone


def take_change(memory: Any, change: int, sign: int) -> None:
    """Add a change of the close to gains or losses, or take it out again."""
    if change > 0:
        memory[GAINS] += sign * change
    else:
        memory[LOSSES] -= sign * change


def range_of(bar: int, bars: tuple[Any, ...]) -> int:
    """Return a bar's true range in ticks."""
    _, highs, lows, closes, _, _ = bars
    return true_range(tick_of(highs[bar]), tick_of(lows[bar]), tick_of(closes[bar - 1]))


def take_extremes(memory: Any, bar: int, seen: int, bars: tuple[Any, ...]) -> None:
    """Keep the bars of the lowest low and the highest high; look again when one has left."""
    _, highs, lows, _, _, _ = bars
    first = bar + 1 - min(memory[CHANNEL], seen + 1)
    if seen == 0 or lows[bar] <= lows[memory[LOWEST]]:
        memory[LOWEST] = bar
    elif memory[LOWEST] < first:
        memory[LOWEST] = first
        for each in range(first + 1, bar + 1):
            if lows[each] <= lows[memory[LOWEST]]:
                memory[LOWEST] = each
    if seen == 0 or highs[bar] >= highs[memory[HIGHEST]]:
        memory[HIGHEST] = bar
    elif memory[HIGHEST] < first:
        memory[HIGHEST] = first
        for each in range(first + 1, bar + 1):
            if highs[each] >= highs[memory[HIGHEST]]:
                memory[HIGHEST] = each


def answer(
    memory: Any, settings: Any, bar: int, seen: int, bars: tuple[Any, ...], in_position: bool  # noqa: FBT001
) -> tuple[int, float]:
    """Return action and confidence on the bar taken in last."""
    if seen + 1 < memory[NEEDED]:
        return HOLD, 0.0
    _, highs, lows, closes, volumes, _ = bars
    features = (
        closes[bar],
        rsi_of(float(memory[GAINS]), float(memory[LOSSES])),
        mean_price(memory[FAST_SUM], memory[FAST]),
        mean_price(memory[SLOW_SUM], memory[SLOW]),
        slope_of(memory[WEIGHTED], memory[TREND], tick_of(closes[bar])),
        lows[memory[LOWEST]],
        highs[memory[HIGHEST]],
        ratio_of(volumes, bar, memory[VOLUME]),
        mean_range(memory[RANGES], memory[ATR]),
        math.nan,
        math.nan,
    )
    terms = (settings[0], settings[1], settings[2], settings[3], settings[4], settings[5])
    found = step(features, terms, in_position)
    return found[0], found[1]
