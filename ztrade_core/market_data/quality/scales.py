"""Scales that a few wild values do not move."""

from math import ceil, log

import numpy as np

from ztrade_core.domain.bars import FloatArray

NORMAL = 1.4826  # median absolute deviation of a normal distribution, in its standard deviations
IMPOSSIBLE = 1e-6


def robust_sigma(values: FloatArray) -> float:
    """Return the standard deviation that the median absolute deviation stands for; 0 for none."""
    if not len(values):
        return 0.0
    return NORMAL * float(np.median(np.abs(values - np.median(values))))


def longest_possible(hits: int, tries: int, fewest: int) -> int:
    """Return how long a run of hits may be, of `tries` with a known number of hits.

    A longer one has a chance under one in a million by the history's own rate (Laplace's rule of
    succession); never below `fewest`.
    """
    rate = (hits + 1.0) / (tries + 2.0)
    return max(fewest, ceil(log(IMPOSSIBLE / max(1, tries)) / log(rate)))
