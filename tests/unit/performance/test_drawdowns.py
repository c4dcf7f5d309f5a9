"""Facts about falls below the peak."""

from datetime import UTC, datetime, timedelta

import pytest

from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.performance.drawdowns import Drawdown, drawdown_curve, max_drawdown

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
