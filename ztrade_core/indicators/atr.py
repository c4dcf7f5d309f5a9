"""The average true range as a plain mean, finite memory.

True range: the largest of high - low, |high - close before|, |low - close before|. Look-back:
`period + 1` bars. Wilder's smoothing remembers all history and is not used.
Source: J. W. Wilder, New Concepts in Technical Trading Systems (1978), chapter 3, without smoothing.
"""

import numpy as np

from ztrade_core.domain.bars import FloatArray, IntArray
from ztrade_core.indicators.ticks import PRICE_SCALE, after_warm_up, check_period, moving_sum


def atr_lookback(period: int) -> int:
    """Return how many bars one value depends on."""
    return period + 1


def true_ranges(highs: IntArray, lows: IntArray, closes: IntArray) -> IntArray:
    """Return the true range of every bar but the first, in ticks, shape `(n - 1,)`."""
    before = closes[:-1]
    return np.maximum(highs[1:], before) - np.minimum(lows[1:], before)


def mean_range(total: int, period: int) -> float:
    """Return the mean of `period` true ranges that add up to `total` ticks, as a price."""
    return float(total) / float(period * PRICE_SCALE)


def true_range(high: int, low: int, before: int) -> int:
    """Return one bar's true range in ticks; `before` is the close of the bar before."""
    return max(high, before) - min(low, before)


def atr(highs: IntArray, lows: IntArray, closes: IntArray, period: int) -> float:
    """Return the mean true range of the last `period` bars (ticks), as a price."""
    check_period(period)
    span = slice(-period - 1, None)
    total = int(true_ranges(highs[span], lows[span], closes[span]).sum())
    return mean_range(total, period)


def atr_series(highs: IntArray, lows: IntArray, closes: IntArray, period: int) -> FloatArray:
    """Return the mean true range at every bar, NaN during warm-up."""
    check_period(period)
    sums = moving_sum(true_ranges(highs, lows, closes), period).astype(float)
    return after_warm_up(sums / float(period * PRICE_SCALE), len(closes))
