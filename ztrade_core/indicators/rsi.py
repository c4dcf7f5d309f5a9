"""The relative strength index in Cutler's form: plain sums of gains and losses, finite memory.

RSI = 100 x gains / (gains + losses) over the last `period` changes of the close; 50 when nothing
moved. Look-back: `period + 1` bars. Wilder's form remembers all history and is not used.
Source: D. Cutler's variant of J. W. Wilder, New Concepts in Technical Trading Systems (1978).
"""

import numpy as np

from ztrade_core.domain.bars import FloatArray, IntArray
from ztrade_core.indicators.ticks import after_warm_up, check_period, moving_sum

NEUTRAL = 50.0


def rsi_lookback(period: int) -> int:
    """Return how many bars one value depends on."""
    return period + 1


def rsi_of(gains: float, losses: float) -> float:
    """Return the index of summed gains and losses, both >= 0."""
    if not gains + losses > 0.0:
        return NEUTRAL
    return 100.0 * gains / (gains + losses)


def rsi(closes: IntArray, period: int) -> float:
    """Return the index of the last `period` changes of the closes (ticks), 0..100."""
    check_period(period)
    recent = closes[-period - 1 :]
    changes = recent[1:] - recent[:-1]
    gains = int(changes[changes > 0].sum())
    return rsi_of(float(gains), float(gains - int(recent[-1] - recent[0])))


def rsi_series(closes: IntArray, period: int) -> FloatArray:
    """Return the index at every bar, NaN during warm-up."""
    check_period(period)
    changes = closes[1:] - closes[:-1]
    gains = moving_sum(np.maximum(changes, 0), period).astype(float)
    losses = moving_sum(np.maximum(-changes, 0), period).astype(float)
    moved = gains + losses > 0.0
    values = np.full(len(gains), NEUTRAL)
    values[moved] = 100.0 * gains[moved] / (gains[moved] + losses[moved])
    return after_warm_up(values, len(closes))
