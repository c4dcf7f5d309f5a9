"""The simple moving average, exact: one integer sum, one division.

Look-back: `period` bars. Windowed and array form agree to the last bit.
"""

from ztrade_core.domain.bars import FloatArray, IntArray
from ztrade_core.indicators.ticks import PRICE_SCALE, after_warm_up, check_period, moving_sum


def sma_lookback(period: int) -> int:
    """Return how many bars one value depends on."""
    return period


def mean_price(total: int, period: int) -> float:
    """Return the mean of `period` closes that add up to `total` ticks, as a price."""
    return float(total) / float(period * PRICE_SCALE)


def sma(closes: IntArray, period: int) -> float:
    """Return the mean of the last `period` closes (ticks), as a price."""
    check_period(period)
    return mean_price(int(closes[-period:].sum()), period)


def sma_series(closes: IntArray, period: int) -> FloatArray:
    """Return the mean at every bar, NaN during warm-up."""
    check_period(period)
    means = moving_sum(closes, period).astype(float) / float(period * PRICE_SCALE)
    return after_warm_up(means, len(closes))
