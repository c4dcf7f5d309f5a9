"""Facts about falls below the peak."""

import warnings
from datetime import UTC, datetime, timedelta

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.performance.drawdowns import (
    Drawdown,
    deepest_falls,
    drawdown_curve,
    max_drawdown,
)

START = datetime(2024, 1, 1, tzinfo=UTC)


def _daily(*values: float) -> list[EquityPoint]:
    return [
        EquityPoint(
            timestamp=START + timedelta(days=day), portfolio_value=value, cash_balance=value
        )
        for day, value in enumerate(values)
    ]


def test_each_mark_is_measured_from_the_peak_before_it() -> None:
    """Peaks 100, 110, 110, 120: falls 0, 0, 11/110, 0."""
    curve = drawdown_curve(_daily(100.0, 110.0, 99.0, 120.0), 100.0)
    assert curve == pytest.approx([0.0, 0.0, 0.10, 0.0])


def test_the_allocated_capital_is_the_first_peak() -> None:
    """A first mark of 95 on 100 is 5 % down."""
    assert max_drawdown(_daily(95.0, 96.0), 100.0) == Drawdown(fraction=0.05, days=1.0)


def test_a_fall_lasts_from_its_peak_to_its_recovery() -> None:
    """Peak on day 1, bottom on day 3, regained on day 5: 4 days, 22 of 110."""
    fall = max_drawdown(_daily(100.0, 110.0, 99.0, 88.0, 100.0, 110.0, 105.0), 100.0)
    assert fall.fraction == pytest.approx(0.20)
    assert fall.days == 4.0


def test_a_fall_that_never_recovers_lasts_to_the_end() -> None:
    """Peak on day 1, three more days."""
    assert max_drawdown(_daily(100.0, 110.0, 99.0, 88.0, 100.0), 100.0).days == 3.0


def test_a_peak_that_was_touched_again_starts_the_fall_later() -> None:
    """110 on days 1 and 3: the fall of day 4 began on day 3."""
    assert max_drawdown(_daily(100.0, 110.0, 109.0, 110.0, 55.0), 100.0).days == 1.0


def test_a_curve_that_only_rises_has_none() -> None:
    """Nor has an empty one."""
    assert max_drawdown(_daily(100.0, 101.0, 101.0), 100.0) == Drawdown(fraction=0.0, days=0.0)
    assert max_drawdown([], 100.0) == Drawdown(fraction=0.0, days=0.0)


def test_negative_equity_is_more_than_all_lost() -> None:
    """From 100 to -20 is 120 %."""
    assert max_drawdown(_daily(100.0, -20.0), 100.0).fraction == pytest.approx(1.2)


def test_separate_falls_come_deepest_first() -> None:
    """100, 90 (10 %), 100, 120, 60 (50 %), 120, 114 (5 %, to the end)."""
    curve = _daily(100.0, 90.0, 100.0, 120.0, 60.0, 120.0, 114.0)
    falls = deepest_falls(curve, 100.0)
    assert [fall.fraction for fall in falls] == pytest.approx([0.5, 0.1, 0.05])
    assert [fall.days for fall in falls] == [2.0, 2.0, 1.0]
    assert [(fall.began - START).days for fall in falls] == [3, 0, 5]
    assert [(fall.bottom - START).days for fall in falls] == [4, 1, 6]
    assert [fall.recovered and (fall.recovered - START).days for fall in falls] == [5, 2, None]
    assert deepest_falls(curve, 100.0, count=1) == falls[:1]
    assert deepest_falls([], 100.0) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_deepest_fall_is_the_maximum_drawdown_and_quantstats_has_the_same(seed: int) -> None:
    """On a random walk of daily marks."""
    values = 100.0 * np.cumprod(1.0 + np.random.default_rng(seed).normal(0.0, 0.01, 400))
    curve = _daily(100.0, *[float(value) for value in values])
    falls = deepest_falls(curve, 100.0, count=1000)
    worst = max_drawdown(curve, 100.0)
    assert (falls[0].fraction, falls[0].days) == (worst.fraction, worst.days)
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stats = pytest.importorskip("quantstats").stats
        prices = pd.Series(
            [point.portfolio_value for point in curve],
            index=pd.to_datetime([point.timestamp.date() for point in curve]),
        )
        theirs = stats.drawdown_details(stats.to_drawdown_series(prices.pct_change().fillna(0.0)))
    depths = sorted(-float(depth) / 100.0 for depth in theirs["max drawdown"])
    assert sorted(fall.fraction for fall in falls) == pytest.approx(depths, abs=1e-9)
