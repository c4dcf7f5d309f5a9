"""Support and resistance: the lowest low and the highest high of the last bars, this one included.

Look-back: `period` bars. Values are prices as they came: nothing is computed, only compared.
"""

import numpy as np

from ztrade_core.domain.bars import FloatArray
from ztrade_core.indicators.ticks import after_warm_up, check_period


def support_resistance_lookback(period: int) -> int:
    """Return how many bars one value depends on."""
    return period


def support(lows: FloatArray, period: int) -> float:
    """Return the lowest of the last `period` lows."""
    check_period(period)
    return float(lows[-period:].min())


def resistance(highs: FloatArray, period: int) -> float:
    """Return the highest of the last `period` highs."""
    check_period(period)
    return float(highs[-period:].max())


def support_series(lows: FloatArray, period: int) -> FloatArray:
    """Return the support at every bar, NaN during warm-up."""
    check_period(period)
    if len(lows) < period:
        return np.full(len(lows), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(lows, period)
    return after_warm_up(windows.min(axis=1), len(lows))


def resistance_series(highs: FloatArray, period: int) -> FloatArray:
    """Return the resistance at every bar, NaN during warm-up."""
    check_period(period)
    if len(highs) < period:
        return np.full(len(highs), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(highs, period)
    return after_warm_up(windows.max(axis=1), len(highs))
