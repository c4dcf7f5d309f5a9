"""TA-Lib as the oracle, where its definition coincides with ours."""

import numpy as np
import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.domain.bars import FloatArray
from ztrade_core.indicators.atr import atr_series
from ztrade_core.indicators.sma import sma_series
from ztrade_core.indicators.support_resistance import resistance_series, support_series
from ztrade_core.indicators.ticks import to_ticks
from ztrade_core.indicators.trend import trend_series
from ztrade_core.indicators.z_score import standard_deviation_series

CLOSE = {"rtol": 1e-9, "atol": 1e-9, "equal_nan": True}


def bars(seed: int, count: int = 300) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Random sound bars on the cent: highs, lows, closes."""
    generator = np.random.default_rng(seed)
    closes = np.round(100.0 * np.exp(np.cumsum(generator.normal(0.0, 0.01, count))), 2)
    highs = np.round(closes + generator.integers(0, 200, count) / 100.0, 2)
    lows = np.round(closes - generator.integers(0, 200, count) / 100.0, 2)
    return highs, lows, closes


SEEDS = st.integers(0, 10_000)
PERIODS = st.integers(2, 60)


@given(seed=SEEDS, period=PERIODS)
def test_sma(seed: int, period: int) -> None:
    _, _, closes = bars(seed)
    np.testing.assert_allclose(
        sma_series(to_ticks(closes), period), talib.SMA(closes, period), **CLOSE
    )


@given(seed=SEEDS, period=PERIODS)
def test_atr_is_the_plain_mean_of_true_range(seed: int, period: int) -> None:
    highs, lows, closes = bars(seed)
    oracle = np.full(len(closes), np.nan)
    oracle[1:] = talib.SMA(talib.TRANGE(highs, lows, closes)[1:], period)
    ours = atr_series(to_ticks(highs), to_ticks(lows), to_ticks(closes), period)
    np.testing.assert_allclose(ours, oracle, **CLOSE)


@given(seed=SEEDS, period=PERIODS)
def test_support_and_resistance_are_exact(seed: int, period: int) -> None:
    highs, lows, _ = bars(seed)
    np.testing.assert_array_equal(support_series(lows, period), talib.MIN(lows, period))
    np.testing.assert_array_equal(resistance_series(highs, period), talib.MAX(highs, period))


@given(seed=SEEDS, period=PERIODS)
def test_trend_is_the_regression_slope_over_the_price(seed: int, period: int) -> None:
    _, _, closes = bars(seed)
    oracle = talib.LINEARREG_SLOPE(closes, period) / closes
    np.testing.assert_allclose(trend_series(to_ticks(closes), period), oracle, **CLOSE)


@given(seed=SEEDS, period=PERIODS)
def test_standard_deviation(seed: int, period: int) -> None:
    _, _, closes = bars(seed)
    ours = standard_deviation_series(to_ticks(closes), period)
    # TA-Lib subtracts squares of running floats: it is good to about 1e-6 here.
    np.testing.assert_allclose(ours, talib.STDDEV(closes, period), rtol=1e-5, atol=1e-5)


def test_trend_of_a_straight_line_is_its_slope() -> None:
    """Closes 100, 101, 102, 103: one per bar, over the last close."""
    assert trend_series(to_ticks(np.array([100.0, 101.0, 102.0, 103.0])), 4)[-1] == pytest.approx(
        1.0 / 103.0, rel=1e-15
    )
