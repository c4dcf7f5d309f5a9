from math import inf, isnan, nextafter

import pytest

from ztrade_core.risk.arithmetic import (
    at_least,
    below,
    daily_loss_fraction,
    drawdown_fraction,
    entry_fee_usd,
    entry_notional_usd,
    fraction_of,
    headroom_usd,
    is_correlated,
    least,
    quantity_on_lots,
    quantity_within_usd,
    quantity_within_volume,
    risk_bound_usd,
    total_capital,
    within,
)

NAN = float("nan")


@pytest.mark.parametrize(
    ("observed", "limit", "allowed"),
    [
        (10000.0, 10000.0, True),
        (nextafter(10000.0, inf), 10000.0, True),
        (10000.00001, 10000.0, True),
        (10000.0001, 10000.0, False),
        (10000.01, 10000.0, False),
        (0.0, 0.0, True),
        (1e-300, 0.0, False),
        (-0.5, -0.5, True),
        (NAN, 1.0, False),
        (1.0, NAN, False),
        (NAN, NAN, False),
        (inf, inf, False),
        (1.0, inf, False),
        (-inf, 1.0, False),
    ],
)
def test_within_forgives_a_billionth_and_never_a_number_that_is_none(
    observed: float, limit: float, *, allowed: bool
) -> None:
    """10,000 forgives 1e-5: 10,000.00001 is at the edge, ten times that is beyond."""
    assert within(observed, limit) is allowed


@pytest.mark.parametrize(
    ("observed", "limit", "enough", "under"),
    [
        (0.65, 0.65, True, False),
        (nextafter(0.65, 0.0), 0.65, True, False),
        (0.6499, 0.65, False, True),
        (0.66, 0.65, True, False),
        (NAN, 0.65, False, False),
        (0.65, NAN, False, False),
        (inf, 0.65, False, False),
    ],
)
def test_at_least_and_below_are_opposites_except_for_what_is_no_number(
    observed: float, limit: float, *, enough: bool, under: bool
) -> None:
    assert at_least(observed, limit) is enough
    assert below(observed, limit) is under


def test_the_smaller_of_two_never_drops_a_nan() -> None:
    assert least(1.0, 2.0) == 1.0
    assert least(2.0, 1.0) == 1.0
    assert isnan(least(1.0, NAN))
    assert isnan(least(NAN, 1.0))
    assert isnan(total_capital(100000.0, NAN))


@pytest.mark.parametrize("whole", [0.0, -1.0, NAN, inf])
def test_a_share_of_nothing_is_not_a_number(whole: float) -> None:
    assert isnan(fraction_of(1.0, whole))


def test_loss_and_drawdown_as_fractions() -> None:
    assert daily_loss_fraction(100000.0, 98000.0) == 0.02
    assert daily_loss_fraction(100000.0, 101000.0) == -0.01
    assert drawdown_fraction(200000.0, 170000.0) == 0.15
    assert drawdown_fraction(100000.0, 120000.0) == 0.0
    assert isnan(drawdown_fraction(NAN, 1.0))
    assert isnan(drawdown_fraction(1.0, NAN))
    assert isnan(daily_loss_fraction(0.0, 1.0))


def test_notional_is_quantity_times_limit_price_and_fees() -> None:
    """10 x 200 = 2,000; 25 bps of it are 5."""
    assert entry_fee_usd(10.0, 200.0, 25.0) == 5.0
    assert entry_notional_usd(10.0, 200.0, 25.0) == 2005.0


def test_exactly_at_the_threshold_is_not_correlated_and_unknown_is() -> None:
    assert not is_correlated(0.7, 0.7)
    assert is_correlated(0.7001, 0.7)
    assert is_correlated(NAN, 0.7)


def test_headroom_is_what_a_limit_leaves() -> None:
    assert headroom_usd(0.5, 100000.0, 30000.0) == 20000.0
    assert headroom_usd(0.5, 100000.0, 60000.0) == -10000.0
    assert isnan(headroom_usd(0.5, NAN, 0.0))


def test_risk_bound_is_the_notional_that_loses_the_risk_at_the_stop() -> None:
    """150 lost at a stop 3 % away: 5,000."""
    assert risk_bound_usd(150.0, 100.0, 97.0) == 5000.0
    for stop in (100.0, 101.0, 0.0, NAN):
        assert isnan(risk_bound_usd(150.0, 100.0, stop))


@pytest.mark.parametrize(
    ("bound", "price", "fee_bps", "quantity"),
    [
        (5000.0, 100.0, 0.0, 50.0),
        (4999.99, 100.0, 0.0, 49.0),
        (5000.0, 33.33, 0.0, 150.0),
        (5000.0, 100.0, 25.0, 49.0),
        (5012.5, 100.0, 25.0, 50.0),
        (99.99, 100.0, 0.0, 0.0),
        (0.0, 100.0, 0.0, 0.0),
        (-5.0, 100.0, 0.0, 0.0),
        (NAN, 100.0, 0.0, 0.0),
        (5000.0, NAN, 0.0, 0.0),
        (5000.0, 0.0, 0.0, 0.0),
        (5000.0, -1.0, 0.0, 0.0),
        (5000.0, inf, 0.0, 0.0),
        (inf, 100.0, 0.0, 0.0),
        (5000.0, 100.0, NAN, 0.0),
    ],
)
def test_quantity_is_the_most_whole_shares_that_fit_with_their_fees(
    bound: float, price: float, fee_bps: float, quantity: float
) -> None:
    """50 x 100 at 25 bps cost 5,012.50."""
    assert quantity_within_usd(bound, price, fee_bps, 1.0) == quantity


def test_crypto_is_sized_to_a_hundred_millionth() -> None:
    """5,000 / (16,000 x 1.0025) = 0.311720698254..."""
    assert quantity_within_usd(5000.0, 16000.0, 25.0, 1e8) == 0.31172069


def test_the_lot_tolerance_repairs_a_division_and_never_breaks_the_bound() -> None:
    """0.3 / 0.1 is 2.9999999999999996; a bound a billionth short of one share does not fit it."""
    assert quantity_within_usd(0.3, 0.1, 0.0, 1.0) == 3.0
    assert quantity_within_usd(100.0 * (1 - 9e-10), 100.0, 0.0, 1.0) == 0.0


def test_quantities_are_floored_to_the_lot() -> None:
    assert quantity_on_lots(10.9, 1.0) == 10.0
    assert quantity_on_lots(0.29, 1e8) == 0.29
    for nothing in (0.0, -1.0, NAN, inf):
        assert quantity_on_lots(nothing, 1.0) == 0.0


def test_volume_bounds_the_quantity() -> None:
    assert quantity_within_volume(0.1, 1234.0, 1.0) == 123.0
    assert quantity_within_volume(0.1, NAN, 1.0) == 0.0
