"""Correlation of daily returns, by explicit loops in one fixed order.

Input are closes sampled at the same sessions for every symbol, NaN where a session has none.
Sampling is the view's (`ztrade_core.market_data.views`); what a correlation means is a rule's.
"""

import math
from collections.abc import Sequence
from itertools import pairwise


def daily_returns(closes: Sequence[float]) -> list[float]:
    """Return close over the close of the session before, less one; NaN where either is missing."""
    return [after / before - 1.0 for before, after in pairwise(closes)]


def pearson_of_returns(
    first: Sequence[float], second: Sequence[float], min_overlap: int
) -> tuple[float | None, int]:
    """Return Pearson's r of two sequences of closes' daily returns, and how many sessions overlap.

    None: fewer than `min_overlap` sessions have a return in both, or one of them never moved.
    """
    pairs = [
        (a, b)
        for a, b in zip(daily_returns(first), daily_returns(second), strict=True)
        if math.isfinite(a) and math.isfinite(b)
    ]
    overlap = len(pairs)
    if overlap < max(min_overlap, 2):
        return None, overlap
    return _pearson(pairs), overlap


def _pearson(pairs: Sequence[tuple[float, float]]) -> float | None:
    total_a = total_b = 0.0
    for a, b in pairs:
        total_a += a
        total_b += b
    mean_a, mean_b = total_a / len(pairs), total_b / len(pairs)
    square_a = square_b = product = 0.0
    for a, b in pairs:
        square_a += (a - mean_a) * (a - mean_a)
        square_b += (b - mean_b) * (b - mean_b)
        product += (a - mean_a) * (b - mean_b)
    spread = math.sqrt(square_a) * math.sqrt(square_b)
    if not spread > 0.0 or not math.isfinite(product / spread):
        return None
    return min(1.0, max(-1.0, product / spread))
