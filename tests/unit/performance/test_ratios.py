"""Annualised figures against numbers worked out by hand, and against quantstats where it is right."""

import math
import warnings
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from ztrade_core.performance.ratios import cagr, calmar, sharpe, sortino, volatility

# Mean 0.06 / 4 = 0.015. Deviations 0.085, -0.065, 0.005, -0.025; squares 0.007225, 0.004225,
# 0.000025, 0.000625; their sum 0.0121; over 3: 0.00403333.
RETURNS = [0.10, -0.05, 0.02, -0.01]
DEVIATION = math.sqrt(0.0121 / 3)
# Squares of the two losses: 0.0025 + 0.0001 = 0.0026; over all 4 days: 0.00065.
DOWNSIDE = math.sqrt(0.00065)
# 1.10 x 0.95 = 1.045; x 1.02 = 1.0659; x 0.99 = 1.055241.
GROWTH = 1.055241


def test_volatility_divides_by_one_less_than_the_days() -> None:
    """sqrt(0.0121 / 3) x sqrt(252) = 1.00816..."""
    assert volatility(RETURNS, 252) == pytest.approx(DEVIATION * math.sqrt(252), rel=1e-12)
    assert volatility(RETURNS, 252) == pytest.approx(1.008167, abs=1e-6)


def test_sharpe_is_mean_over_deviation() -> None:
    """0.015 / 0.0635085 x 15.8745 = 3.74938."""
    assert sharpe(RETURNS, 252) == pytest.approx(3.749380, abs=1e-6)


def test_sortino_spreads_losses_over_all_days() -> None:
    """0.015 / 0.0254951 x 15.8745 = 9.33974."""
    assert sortino(RETURNS, 252) == pytest.approx(0.015 / DOWNSIDE * math.sqrt(252), rel=1e-12)
    assert sortino(RETURNS, 252) == pytest.approx(9.339741, abs=1e-6)


def test_cagr_counts_a_year_in_daily_returns() -> None:
    """Four days of 252: 1.055241 to the power of 63; of 365: to the power of 91.25."""
    assert cagr(RETURNS, 252) == pytest.approx(GROWTH**63 - 1.0, rel=1e-12)
    assert cagr(RETURNS, 365) == pytest.approx(GROWTH**91.25 - 1.0, rel=1e-12)


def test_calmar_is_growth_over_the_deepest_fall() -> None:
    """20 % a year with a fall of 10 % is 2."""
    assert calmar(0.20, 0.10) == pytest.approx(2.0)
    assert calmar(-0.20, 0.10) == pytest.approx(-2.0)


@pytest.mark.parametrize("returns", [[], [0.01]])
def test_one_day_is_too_few(returns: list[float]) -> None:
    """Nothing is annualised from fewer than two days."""
    for figure in (cagr, volatility, sharpe, sortino):
        assert figure(returns, 252) is None


def test_days_that_are_all_equal_have_no_ratio() -> None:
    """The deviation is 0, or rounding: quantstats 0.0.86 answers infinity here."""
    same = [0.001] * 5
    assert volatility(same, 252) == pytest.approx(0.0, abs=1e-12)
    assert sharpe(same, 252) is None
    assert sortino(same, 252) is None
    grown = [100.0 * 1.01**day for day in range(9)]
    steps = [after / before - 1.0 for before, after in pairwise(grown)]
    assert sharpe(steps, 252) is None


def test_calmar_needs_growth_and_a_fall() -> None:
    """Without either it does not exist."""
    assert calmar(None, 0.10) is None
    assert calmar(0.20, 0.0) is None


def test_growth_too_large_for_a_number_does_not_exist() -> None:
    """A thousandfold on each of two days, 126 times over, overflows."""
    assert cagr([999.0, 999.0], 252) is None


def test_a_total_loss_has_no_growth_rate() -> None:
    """(1 + -1) leaves nothing to compound."""
    assert cagr([-1.0, 0.5], 252) is None


@pytest.fixture(scope="module")
def quantstats_stats() -> object:
    """The library's statistics, imported without its plots' settings leaking into other tests."""
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("quantstats").stats


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("year", [252, 365])
def test_quantstats_agrees_where_definitions_coincide(
    quantstats_stats: object, seed: int, year: int
) -> None:
    """On ordinary returns the library's four figures are ours, to rounding."""
    returns = np.random.default_rng(seed).normal(0.0005, 0.02, size=300)
    series = pd.Series(returns, index=pd.date_range("2023-01-02", periods=300, freq="D"))
    plain = [float(value) for value in returns]
    for ours in (volatility, sharpe, sortino, cagr):
        theirs = getattr(quantstats_stats, ours.__name__)(series, periods=year)
        assert ours(plain, year) == pytest.approx(float(theirs), rel=1e-9), ours.__name__


def test_quantstats_takes_large_returns_for_prices_and_we_do_not(
    quantstats_stats: object,
) -> None:
    """Returns of 50 %, 120 % and 30 % are read as prices there: why formulas are ours (ADR 3)."""
    gains = [0.5, 1.2, 0.3]
    series = pd.Series(gains, index=pd.date_range("2023-01-02", periods=3, freq="D"))
    expected = float(np.std(gains, ddof=1)) * math.sqrt(252)
    assert volatility(gains, 252) == pytest.approx(expected)
    assert float(quantstats_stats.volatility(series)) != pytest.approx(expected)  # type: ignore[attr-defined]
