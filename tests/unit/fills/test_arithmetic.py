"""Each boundary of a fill, computed by hand. A cent is the tick; slippage of 10 bps is 0.001."""

import math

import pytest

from ztrade_core.fills.arithmetic import (
    ENTRY_AT_OPEN,
    ENTRY_CANCELED,
    ENTRY_EXPIRES,
    ENTRY_INSIDE_BAR,
    cash_after_buy,
    cash_after_sell,
    commission_in_coin,
    commission_usd,
    entry_price,
    entry_state,
    exit_price,
    level_from_fill,
    stop_fill_price,
    target_fill_price,
)

CENT = 0.01


def state(
    open_price: float,
    low: float = 99.0,
    volume: float = 1.0,
    limit: float = 100.0,
    stop: float = 95.0,
) -> int:
    return entry_state(open_price, low, volume, limit, stop, CENT)


def test_an_entry_fills_at_an_open_exactly_at_its_limit() -> None:
    assert state(100.0, low=100.0) == ENTRY_AT_OPEN


def test_an_open_a_cent_over_the_limit_does_not_fill_there() -> None:
    assert state(100.01, low=100.0) == ENTRY_EXPIRES


def test_a_low_a_tick_below_the_limit_fills_inside_the_bar() -> None:
    assert state(100.5, low=99.99) == ENTRY_INSIDE_BAR


def test_a_low_less_than_a_tick_below_the_limit_does_not_fill() -> None:
    assert state(100.5, low=99.991) == ENTRY_EXPIRES


def test_a_low_at_the_limit_does_not_fill() -> None:
    assert state(100.5, low=100.0) == ENTRY_EXPIRES


@pytest.mark.parametrize("limit", [0.29, 1.07, 309.39, 64123.57, 999999.99])
def test_a_tick_is_a_tick_whatever_the_last_bit_of_a_price_says(limit: float) -> None:
    below = round(limit - CENT, 2)
    assert entry_state(limit + 1.0, below, 1.0, limit, 0.0, CENT) == ENTRY_INSIDE_BAR


def test_below_a_dollar_a_tick_is_a_hundredth_of_a_cent() -> None:
    assert entry_state(0.6, 0.4999, 1.0, 0.5, 0.4, 0.0001) == ENTRY_INSIDE_BAR
    assert entry_state(0.6, 0.49995, 1.0, 0.5, 0.4, 0.0001) == ENTRY_EXPIRES


def test_an_open_at_the_stop_cancels_the_entry() -> None:
    assert state(95.0, low=94.0) == ENTRY_CANCELED


def test_an_open_a_cent_over_the_stop_fills() -> None:
    assert state(95.01, low=94.0) == ENTRY_AT_OPEN


def test_nothing_fills_where_nothing_traded() -> None:
    assert state(99.0, volume=0.0) == ENTRY_EXPIRES
    assert state(94.0, volume=0.0) == ENTRY_EXPIRES
    assert state(99.0, volume=math.nan) == ENTRY_EXPIRES
    assert math.isnan(exit_price(99.0, 0.0, 0.001))
    assert math.isnan(stop_fill_price(99.0, 90.0, 0.0, 95.0))
    assert math.isnan(target_fill_price(99.0, 120.0, 0.0, 110.0, CENT))


def test_slippage_worsens_an_entry_at_the_open() -> None:
    assert entry_price(ENTRY_AT_OPEN, 99.0, 100.0, 0.001) == 99.0 * 1.001


def test_slippage_is_capped_by_the_limit() -> None:
    assert entry_price(ENTRY_AT_OPEN, 99.95, 100.0, 0.001) == 100.0


def test_a_market_order_has_no_cap() -> None:
    assert entry_state(250.0, 240.0, 1.0, math.inf, 95.0, CENT) == ENTRY_AT_OPEN
    assert entry_price(ENTRY_AT_OPEN, 250.0, math.inf, 0.001) == 250.0 * 1.001


def test_an_entry_inside_the_bar_fills_at_its_limit() -> None:
    assert entry_price(ENTRY_INSIDE_BAR, 101.0, 100.0, 0.001) == 100.0


@pytest.mark.parametrize("ended", [ENTRY_EXPIRES, ENTRY_CANCELED])
def test_an_entry_that_does_not_fill_has_no_price(ended: int) -> None:
    assert math.isnan(entry_price(ended, 99.0, 100.0, 0.001))


def test_an_exit_sells_at_the_open_less_slippage() -> None:
    assert exit_price(50.0, 1.0, 0.001) == 50.0 * 0.999


def test_a_stop_sells_at_its_price_once_touched() -> None:
    assert stop_fill_price(97.0, 95.0, 1.0, 95.0) == 95.0


def test_a_stop_a_cent_away_does_not_sell() -> None:
    assert math.isnan(stop_fill_price(97.0, 95.01, 1.0, 95.0))


def test_a_stop_gapped_through_sells_at_the_worse_open() -> None:
    assert stop_fill_price(91.0, 90.0, 1.0, 95.0) == 91.0


def test_a_target_sells_once_passed_by_a_tick() -> None:
    assert target_fill_price(105.0, 110.01, 1.0, 110.0, CENT) == 110.0


def test_a_target_that_is_only_touched_does_not_sell() -> None:
    assert math.isnan(target_fill_price(105.0, 110.0, 1.0, 110.0, CENT))
    assert math.isnan(target_fill_price(105.0, 110.009, 1.0, 110.0, CENT))


def test_a_target_gapped_over_sells_at_the_better_open() -> None:
    assert target_fill_price(112.0, 113.0, 1.0, 110.0, CENT) == 112.0


def test_money_moves_in_one_order_of_operations() -> None:
    assert commission_usd(50.0, 101.0, 1.0) == 0.505  # 5,050 USD x 1 bp
    assert commission_in_coin(0.4, 25.0) == 0.001
    assert cash_after_buy(10_000.0, 50.0, 101.0, 0.505) == 4_949.495
    assert cash_after_sell(4_949.495, 50.0, 102.0, 0.51) == 4_949.495 + 5_100.0 - 0.51


def test_levels_from_the_fill_keep_their_distance() -> None:
    assert level_from_fill(97.0, 100.0, 200.0) == 194.0
