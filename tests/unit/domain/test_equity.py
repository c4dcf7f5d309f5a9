"""An equity curve as columns is what a list of its points is."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.equity import EquityCurve, curve_of

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
POINTS = [
    EquityPoint(
        timestamp=NOON + timedelta(minutes=5 * n),
        portfolio_value=1000.0 + n / 3.0,
        cash_balance=900.0 - n / 7.0,
    )
    for n in range(5)
]


def test_points_become_columns_and_points_again() -> None:
    curve = curve_of(POINTS)
    assert list(curve) == POINTS
    assert [curve[n] for n in range(-5, 5)] == POINTS + POINTS
    assert curve.timestamps.tolist()[0] == 1_709_294_400_000_000
    assert curve_of(curve) is curve
    assert len(curve_of([])) == 0
    with pytest.raises(IndexError):
        curve[5]


def test_a_slice_is_a_curve_on_the_same_memory() -> None:
    curve = curve_of(POINTS)
    part = curve[1:4]
    assert isinstance(part, EquityCurve)
    assert part == POINTS[1:4]
    assert np.shares_memory(part.portfolio_values, curve.portfolio_values)


def test_it_equals_what_has_the_same_points_whichever_side_it_stands_on() -> None:
    curve, other = curve_of(POINTS), curve_of([*POINTS[:-1], POINTS[0]])
    assert curve == POINTS
    assert curve == POINTS
    assert curve == curve_of(POINTS)
    assert curve != other
    assert curve != POINTS[:-1]
    assert curve != [*POINTS[:-1], POINTS[0]]
    assert curve != "marks"


def test_it_tells_its_length_and_ends() -> None:
    assert repr(curve_of([])) == "EquityCurve(0 marks: )"
    assert repr(curve_of(POINTS[:1])).count("EquityPoint") == 1
    assert repr(curve_of(POINTS)).startswith("EquityCurve(5 marks: EquityPoint(timestamp=")


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="columns differ in length"):
        EquityCurve(np.zeros(2, dtype=np.int64), np.zeros(2), np.zeros(1))


def test_a_naive_instant_is_refused() -> None:
    naive = EquityPoint(timestamp=NOON.replace(tzinfo=None), portfolio_value=1.0, cash_balance=1.0)
    with pytest.raises(ValueError, match="naive"):
        curve_of([naive])
