"""The trend: slope of the least-squares line through the last closes, as a fraction of the price.

With weights w = 2i - (n - 1), i = 0 .. n - 1, the slope per bar is 6 x sum(w x close) over
n(n^2 - 1): the sum is exact in integers, then one division and one by the last close.
Look-back: `period` bars. 0.001 means: the line rises by 0.1 % of the last close per bar.
"""

from functools import lru_cache

import numpy as np

from ztrade_core.domain.bars import FloatArray, IntArray
from ztrade_core.indicators.ticks import after_warm_up, check_period


def trend_lookback(period: int) -> int:
    """Return how many bars one value depends on."""
    return period


def slope_of(weighted: int, period: int, last: int) -> float:
    """Return the slope of a weighted sum of closes (ticks), per bar, over the last close."""
    return float(6 * weighted) / float(period * (period * period - 1)) / float(last)


def trend(closes: IntArray, period: int) -> float:
    """Return the slope over the last `period` closes (ticks), per bar, over the last close."""
    check_period(period, least=2)
    recent = closes[-period:]
    weighted = int((recent * _weights(period)).sum())
    return slope_of(weighted, period, int(recent[-1]))


def trend_series(closes: IntArray, period: int) -> FloatArray:
    """Return the slope at every bar, NaN during warm-up."""
    check_period(period, least=2)
    if len(closes) < period:
        return np.full(len(closes), np.nan)
    weighted = np.correlate(closes, _weights(period), mode="valid")
    slopes = (6 * weighted).astype(float) / _divisor(period)
    return after_warm_up(slopes / closes[period - 1 :].astype(float), len(closes))


@lru_cache(maxsize=64)
def _weights(period: int) -> IntArray:
    weights = 2 * np.arange(period, dtype=np.int64) - (period - 1)
    weights.flags.writeable = False
    return weights


def _divisor(period: int) -> float:
    return float(period * (period * period - 1))
