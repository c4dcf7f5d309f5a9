"""Indicators against numbers computed by hand, and at the edges of their arithmetic."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.errors import InputError
from ztrade_core.indicators.atr import atr
from ztrade_core.indicators.rsi import rsi
from ztrade_core.indicators.sma import sma
from ztrade_core.indicators.ticks import MAX_PERIOD, MAX_PRICE, moving_sum, to_ticks
from ztrade_core.indicators.trend import trend
from ztrade_core.indicators.volume_ratio import volume_ratio
from ztrade_core.indicators.z_score import z_score


def ticks(*prices: float) -> np.ndarray:
    return to_ticks(np.array(prices))


@given(st.lists(st.integers(1, 10**9), min_size=15, max_size=40))
def test_rsi_is_cutlers(cents: list[int]) -> None:
    """An independent oracle in fractions: 100 - 100 / (1 + mean gain / mean loss)."""
    closes = [Fraction(value, 100) for value in cents][-15:]
    changes = [after - before for before, after in itertools.pairwise(closes)]
    gain = sum((change for change in changes if change > 0), Fraction(0)) / 14
    loss = sum((-change for change in changes if change < 0), Fraction(0)) / 14
    if gain == loss == 0:
        expected = 50.0
    elif loss == 0:
        expected = 100.0
    else:
        expected = float(100 - 100 / (1 + gain / loss))
    ours = rsi(to_ticks(np.array(cents) / 100.0), 14)
    assert ours == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_rsi_by_hand() -> None:
    """Changes +2, -1, +1: gains 3, losses 1, so 75."""
    assert rsi(ticks(10.0, 12.0, 11.0, 12.0), 3) == 75.0


def test_rsi_of_still_prices_is_neutral() -> None:
    assert rsi(ticks(10.0, 10.0, 10.0), 2) == 50.0


def test_sma_by_hand() -> None:
    assert sma(ticks(1.0, 2.0, 3.0, 7.0), 3) == 4.0


def test_atr_by_hand() -> None:
    """Bars (high, low, close) 10/9/9.5, 12/10/11, 11/8/8.5: ranges max(2, 2.5) and max(3, 3)."""
    assert atr(ticks(10, 12, 11), ticks(9, 10, 8), ticks(9.5, 11, 8.5), 2) == 2.75


def test_volume_ratio_by_hand() -> None:
    assert volume_ratio(np.array([99.0, 10.0, 20.0, 30.0]), 2) == 2.0


def test_volume_ratio_over_nothing_is_nan() -> None:
    assert np.isnan(volume_ratio(np.array([0.0, 0.0, 30.0]), 2))


def test_z_score_by_hand() -> None:
    """Closes 1, 2, 3: mean 2, variance 2/3; the last is 1 / sqrt(2/3) away."""
    assert z_score(ticks(1.0, 2.0, 3.0), 3) == pytest.approx(1.224744871391589, rel=1e-15)


def test_z_score_of_still_prices_is_nan() -> None:
    assert np.isnan(z_score(ticks(5.0, 5.0), 2))


@pytest.mark.parametrize("price", [0.0, -1.0, float("nan"), float("inf"), MAX_PRICE * 1.001])
def test_prices_beyond_exact_sums_are_refused(price: float) -> None:
    with pytest.raises(InputError, match="a price is not within"):
        ticks(100.0, price)


@pytest.mark.parametrize("period", [0, -3, MAX_PERIOD + 1])
def test_window_lengths_beyond_exact_sums_are_refused(period: int) -> None:
    with pytest.raises(InputError, match="is not within"):
        sma(ticks(100.0), period)


def test_the_largest_window_of_the_largest_prices_stays_within_int64() -> None:
    """The worst cases of the proof in `ticks`: a jump from the least to the highest price."""
    half = MAX_PERIOD // 2
    closes = np.concatenate((np.full(half, 1e-6), np.full(half, MAX_PRICE)))
    n = MAX_PERIOD
    scaled = [1] * half + [10**13] * half
    weighted = sum((2 * i - (n - 1)) * value for i, value in enumerate(scaled))
    assert 6 * weighted < 2**63
    exact = float(Fraction(6 * weighted, n * (n * n - 1)) / 10**13)
    assert trend(to_ticks(closes), n) == pytest.approx(exact, rel=1e-14)
    assert sma(to_ticks(closes), n) == pytest.approx(sum(scaled) / n / 1e6, rel=1e-15)


def test_moving_sums_survive_a_running_total_that_wraps() -> None:
    values = np.full(10, 2**62, dtype=np.int64) // 4
    assert moving_sum(values, 4).tolist() == [2**62] * 7
    assert sum(values.tolist()) > 2**63
