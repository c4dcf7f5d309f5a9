"""The last bar's volume over the plain mean of the bars before it.

Volumes are floats (fractions of a coin), so the mean is added up in one fixed order, oldest first.
NaN when nothing traded before. Look-back: `period + 1` bars.
"""

import math
from collections.abc import Sequence

import numpy as np

from ztrade_core.domain.bars import FloatArray
from ztrade_core.indicators.ticks import after_warm_up, check_period


def volume_ratio_lookback(period: int) -> int:
    """Return how many bars one value depends on."""
    return period + 1


def ratio_of(volumes: Sequence[float] | FloatArray, last: int, period: int) -> float:
    """Return the volume at index `last` over the mean of the `period` before it; NaN over nothing."""
    total = 0.0
    for index in range(last - period, last):
        total += volumes[index]
    mean = total / float(period)
    return volumes[last] / mean if mean > 0.0 else math.nan


def volume_ratio(volumes: FloatArray, period: int) -> float:
    """Return the last volume over the mean of the `period` before it; NaN over nothing."""
    check_period(period)
    recent = volumes[-period - 1 :].tolist()
    return ratio_of(recent, len(recent) - 1, period)


def volume_ratio_series(volumes: FloatArray, period: int) -> FloatArray:
    """Return the ratio at every bar, NaN during warm-up and over nothing."""
    check_period(period)
    count = max(0, len(volumes) - period)
    totals = np.zeros(count)
    for offset in range(period):
        totals += volumes[offset : offset + count]
    means = totals / float(period)
    ratios = np.full(count, np.nan)
    with np.errstate(over="ignore"):  # over next to nothing it is infinite, in both forms
        np.divide(volumes[period:], means, out=ratios, where=means > 0.0)
    return after_warm_up(ratios, len(volumes))
