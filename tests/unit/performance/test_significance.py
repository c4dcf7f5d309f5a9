"""Sharpe ratios and luck: published examples, scipy, and integrals worked out on a grid."""

import math
import warnings

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from ztrade_core.performance.significance import (
    deflated_sharpe,
    expected_maximum_sharpe,
    kurtosis,
    minimum_track_record_days,
    probabilistic_sharpe,
    probability_of_skill,
    skewness,
)

# Bailey and López de Prado (2014): annualised Sharpe 2.5 on 250 days a year, 1250 days, variance
# between trials 1/2 a year.
RATIO = 2.5 / math.sqrt(250)
DEVIATION = math.sqrt(0.5 / 250)


def normal_density(at: np.ndarray) -> np.ndarray:
    return np.exp(-at * at / 2.0) / math.sqrt(2.0 * math.pi)


def normal_below(limit: float) -> float:
    """The normal distribution's area below a limit, by the trapezoidal rule."""
    grid = np.linspace(-12.0, limit, 200_001)
    return float(np.trapezoid(normal_density(grid), grid))


def test_the_published_probabilistic_sharpe_ratios() -> None:
    """2012, section 3: 24 months, 0.458 a month: 0.982 if normal; skew -2.448, kurtosis 10.164: 0.913."""
    assert probabilistic_sharpe(0.458, 24) == pytest.approx(0.982, abs=5e-4)
    assert probabilistic_sharpe(0.458, 24, skew=-2.448, kurt=10.164) == pytest.approx(
        0.913, abs=5e-4
    )


@pytest.mark.parametrize(
    ("trials", "skew", "kurt", "published"),
    [(100, -3.0, 10.0, 0.9004), (46, -3.0, 10.0, 0.9505), (88, 0.0, 3.0, 0.9505)],
)
def test_the_published_deflated_sharpe_ratios(
    trials: int, skew: float, kurt: float, published: float
) -> None:
    """2014, numerical example: 100 trials, 46 trials, and 88 with normal returns."""
    found = deflated_sharpe(RATIO, 1250, trials=trials, deviation=DEVIATION, skew=skew, kurt=kurt)
    assert found == pytest.approx(published, abs=5e-5)


def test_the_published_best_of_a_hundred_trials() -> None:
    """2014, numerical example: 0.1132 a day."""
    assert expected_maximum_sharpe(100, DEVIATION) == pytest.approx(0.1132, abs=5e-5)


@pytest.mark.parametrize(("a_year", "years"), [(250, 2.73), (52, 2.83), (12, 3.24)])
def test_the_published_track_records(a_year: int, years: float) -> None:
    """2012, section 4: an annualised 2 against 1, daily, weekly and monthly, normal returns."""
    root = math.sqrt(a_year)
    found = minimum_track_record_days(2.0 / root, benchmark=1.0 / root)
    assert found is not None
    assert found / a_year == pytest.approx(years, abs=5e-3)


@pytest.mark.parametrize("trials", [10, 100, 1000])
def test_the_best_of_many_is_the_mean_of_the_largest_of_so_many_normal_draws(trials: int) -> None:
    """The integral of x N f(x) F(x)^(N-1): the published formula comes within 3 %."""
    grid = np.linspace(-12.0, 12.0, 400_001)
    density = normal_density(grid)
    below = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) / 2.0 * np.diff(grid))))
    exact = np.trapezoid(grid * trials * density * below ** (trials - 1), grid)
    assert expected_maximum_sharpe(trials, 1.0) == pytest.approx(float(exact), rel=0.03)


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_normal_area_below_the_distance_in_standard_errors(seed: int) -> None:
    """Moments by scipy, the area by a grid: nothing of ours in the oracle."""
    stats = pytest.importorskip("scipy.stats")
    returns = np.random.default_rng(seed).standard_t(4, size=250) * 0.01 + 0.0004
    ratio = returns.mean() / returns.std(ddof=1)
    skew, kurt = stats.skew(returns), stats.kurtosis(returns, fisher=False)
    error = math.sqrt((1.0 - skew * ratio + (kurt - 1.0) / 4.0 * ratio**2) / 249)
    plain = [float(value) for value in returns]
    assert skewness(plain) == pytest.approx(float(skew), rel=1e-9)
    assert kurtosis(plain) == pytest.approx(float(kurt), rel=1e-9)
    assert probability_of_skill(plain) == pytest.approx(normal_below(ratio / error), abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_quantstats_agrees_to_a_thousandth(seed: int) -> None:
    """Its moments are corrected for bias, ours are not: on 1,000 days that hardly matters."""
    returns = np.random.default_rng(seed).standard_t(5, size=1000) * 0.01 + 0.0003
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stats = pytest.importorskip("quantstats").stats
        series = pd.Series(returns, index=pd.date_range("2020-01-01", periods=1000))
        theirs = float(stats.probabilistic_sharpe_ratio(series))
    assert probability_of_skill([float(value) for value in returns]) == pytest.approx(
        theirs, abs=1e-3
    )


def test_one_trial_leaves_nothing_to_deflate() -> None:
    """Nobody chose: the ratio is held against 0."""
    assert expected_maximum_sharpe(1, 5.0) == 0.0
    assert deflated_sharpe(0.1, 250, trials=1, deviation=5.0) == probabilistic_sharpe(0.1, 250)


def test_what_does_not_exist_is_none() -> None:
    """One day; equal days; a ratio that no record confirms; two values with full skew."""
    assert probabilistic_sharpe(0.1, 1) is None
    assert probability_of_skill([0.01, 0.01, 0.01]) is None
    assert skewness([0.01]) is None
    assert minimum_track_record_days(-0.1) is None
    assert minimum_track_record_days(0.1, benchmark=0.1) is None
    assert probabilistic_sharpe(1.0, 10, skew=2.0, kurt=5.0) is None  # 1 - 2 + 1 = 0


@pytest.mark.parametrize(("trials", "deviation"), [(0, 1.0), (2, -1.0), (2, math.nan)])
def test_trials_and_their_deviation_must_make_sense(trials: int, deviation: float) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        expected_maximum_sharpe(trials, deviation)
