"""A tie of two averages is a tie in integers, and rounding decides it in float sums.

The closes are those of bars 55759 to 55879 of the comparison harness's 100,000 (`docs/benchmarks.md`), where its
reference, with float sums, sees the mean of 20 closes above that of 120 on bar 55878. They are equal there.
"""

from fractions import Fraction

import numpy as np

from ztrade_core.indicators.ticks import to_ticks
from ztrade_core.strategies.sma_crossover import average_gap

FAST, SLOW = 20, 120
CLOSES = """
    1044012 1044274 1044190 1044011 1043791 1045255 1045223 1045805 1044807 1043695 1043557 1044612
    1044201 1043720 1042664 1042065 1041296 1039325 1038032 1036875 1037103 1036441 1036609 1037989
    1037977 1037547 1037456 1036265 1035199 1033668 1034496 1035126 1035637 1036448 1036411 1035813
    1036856 1036617 1036254 1036466 1037424 1039281 1037263 1035197 1035256 1035637 1035060 1035013
    1035321 1035684 1036209 1035662 1037047 1037076 1038243 1037333 1036405 1036344 1037822 1038049
    1036319 1036945 1039709 1040597 1041355 1042245 1042051 1040044 1041299 1041221 1041202 1040251
    1040640 1041256 1041399 1042144 1040875 1041499 1041831 1041816 1042061 1043474 1042555 1042417
    1042170 1040688 1039734 1039389 1040285 1042245 1042485 1041986 1042181 1044103 1043430 1042387
    1042108 1042103 1040794 1040198 1039946 1038814 1039113 1038748 1037995 1038562 1039073 1038054
    1038499 1038157 1038964 1039050 1039419 1039357 1040074 1041367 1042298 1042793 1042710 1041128
    1039747
"""
"""Ten-thousandths of a dollar."""

EXACT = [int(each) for each in CLOSES.split()]
DOLLARS = [each / 10_000 for each in EXACT]


def rolling(closes: list[float]) -> tuple[float, float]:
    """The two means by float sums, each close added and the oldest taken away, as the reference does."""
    fast_sum = slow_sum = 0.0
    for bar, close in enumerate(closes):
        fast_sum += close
        slow_sum += close
        if bar >= FAST:
            fast_sum -= closes[bar - FAST]
        if bar >= SLOW:
            slow_sum -= closes[bar - SLOW]
    return fast_sum / FAST, slow_sum / SLOW


def test_the_averages_are_equal_and_float_sums_say_above() -> None:
    tie = EXACT[:SLOW]
    assert sum(tie[-FAST:]) * SLOW == sum(tie) * FAST == 2_495_294_520
    assert Fraction(sum(tie[-FAST:]), FAST) == Fraction(sum(tie), SLOW) == Fraction("1039706.05")
    fast_mean, slow_mean = rolling(DOLLARS[:SLOW])
    assert fast_mean > slow_mean


def test_ours_sees_the_tie_and_the_cross_one_bar_later() -> None:
    ticks = to_ticks(np.array(DOLLARS))
    assert average_gap(ticks[:SLOW], FAST, SLOW) == 0
    assert average_gap(ticks[1:], FAST, SLOW) == 61_420 * 100
