"""Prices as integer ticks, so that moving sums are exact.

A tick is 1e-6 of the quote currency. Bounds that keep every sum here within int64 (9.22e18), with
prices up to MAX_PRICE = 1e7 (ticks up to 1e13) and windows up to MAX_PERIOD = 500 bars:

    sum of a window                     500 x 1e13 = 5e15
    sum of a window x another's length  5e15 x 500 = 2.5e18
    6 x sum of |weight| x tick          6 x (500 x 500 / 2) x 1e13 = 7.5e18
    sum of true ranges, gains, losses   500 x 1e13 = 5e15
"""

import numpy as np

from ztrade_core.domain.bars import FloatArray, IntArray
from ztrade_core.errors import InputError

PRICE_SCALE = 1_000_000
MAX_PRICE = 1e7
MAX_PERIOD = 500
TO_WHOLE = 6755399441055744.0  # 1.5 x 2^52: adding and taking it away rounds to the nearest even


def to_ticks(prices: FloatArray) -> IntArray:
    """Return prices in integer ticks, rounded to the nearest.

    Raises:
        InputError: a price is not within 0 < price <= MAX_PRICE (NaN is not).
    """
    if not bool(((prices > 0.0) & (prices <= MAX_PRICE)).all()):
        raise InputError(f"a price is not within 0 < price <= {MAX_PRICE:g}")
    return np.rint(prices * float(PRICE_SCALE)).astype(np.int64)


def tick_of(price: float) -> int:
    """Return one price in integer ticks, as `to_ticks` does; the price must be within its range."""
    return int(price * float(PRICE_SCALE) + TO_WHOLE - TO_WHOLE)


def check_period(period: int, least: int = 1) -> None:
    """Refuse a window length outside `least..MAX_PERIOD`.

    Raises:
        InputError: naming the length and the bounds.
    """
    if not least <= period <= MAX_PERIOD:
        raise InputError(f"a window of {period} bars is not within {least}..{MAX_PERIOD}")


def moving_sum(values: IntArray, period: int) -> IntArray:
    """Return the sums of every `period` consecutive values, shape `(n - period + 1,)`.

    The running total may wrap around int64 on a long series; differences of wrapped totals are
    exact as long as the window's own sum fits.
    """
    if len(values) < period:
        return np.empty(0, dtype=np.int64)
    totals = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(values)))
    return totals[period:] - totals[:-period]


def after_warm_up(values: FloatArray, length: int) -> FloatArray:
    """Return `values` right-aligned in `length` places, NaN before: the warm-up."""
    aligned = np.full(length, np.nan)
    if len(values):
        aligned[length - len(values) :] = values
    return aligned
