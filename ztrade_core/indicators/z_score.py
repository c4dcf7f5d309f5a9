"""The z-score: how many standard deviations the last close is away from the mean of the last bars.

The mean is exact (integer sum); squared deviations are added up in one fixed order, oldest first.
Population form (divisor n), NaN when nothing moved. Look-back: `period` bars.
"""

import math
from collections.abc import Sequence

import numpy as np

from ztrade_core.domain.bars import FloatArray, IntArray
from ztrade_core.indicators.ticks import PRICE_SCALE, after_warm_up, check_period, moving_sum


def z_score_lookback(period: int) -> int:
    """Return how many bars one value depends on."""
    return period


def deviation_of(closes: Sequence[int] | IntArray, first: int, period: int, mean: float) -> float:
    """Return the deviation of `period` closes (ticks) from index `first` on, around their mean."""
    total = 0.0
    for index in range(first, first + period):
        away = float(closes[index]) - mean
        total += away * away
    return math.sqrt(total / float(period))


def mean_of(total: int, period: int) -> float:
    """Return the mean of `period` closes that add up to `total` ticks, in ticks."""
    return float(total) / float(period)


def mean_and_deviation(closes: IntArray, period: int) -> tuple[float, float]:
    """Return mean and standard deviation of the last `period` closes (ticks), both in ticks."""
    check_period(period, least=2)
    recent = closes[-period:].tolist()
    mean = mean_of(int(closes[-period:].sum()), period)
    return mean, deviation_of(recent, 0, period, mean)


def standard_deviation(closes: IntArray, period: int) -> float:
    """Return the standard deviation of the last `period` closes (ticks), as a price."""
    return mean_and_deviation(closes, period)[1] / float(PRICE_SCALE)


def z_score(closes: IntArray, period: int) -> float:
    """Return the last close's distance from the mean, in standard deviations; NaN when still."""
    mean, deviation = mean_and_deviation(closes, period)
    if not deviation > 0.0:
        return math.nan
    return (float(int(closes[-1])) - mean) / deviation


def z_score_series(closes: IntArray, period: int) -> FloatArray:
    """Return the z-score at every bar, NaN during warm-up and when still."""
    means, deviations = _means_and_deviations(closes, period)
    away = closes[len(closes) - len(means) :].astype(float) - means
    scores = np.full(len(means), np.nan)
    np.divide(away, deviations, out=scores, where=deviations > 0.0)
    return after_warm_up(scores, len(closes))


def standard_deviation_series(closes: IntArray, period: int) -> FloatArray:
    """Return the standard deviation at every bar, as a price; NaN during warm-up."""
    deviations = _means_and_deviations(closes, period)[1]
    return after_warm_up(deviations / float(PRICE_SCALE), len(closes))


def _means_and_deviations(closes: IntArray, period: int) -> tuple[FloatArray, FloatArray]:
    check_period(period, least=2)
    means = moving_sum(closes, period).astype(float) / float(period)
    count = len(means)
    totals = np.zeros(count)
    for offset in range(period):
        away = closes[offset : offset + count].astype(float) - means
        totals += away * away
    return means, np.sqrt(totals / float(period))
