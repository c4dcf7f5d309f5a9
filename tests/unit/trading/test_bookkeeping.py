"""From fills to positions and trades, by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.fakes.store_rows import ACCOUNT, fill, minutes, request
from ztrade_core.domain.accounts import StoredPosition
from ztrade_core.domain.orders import Fill, Role, Side
from ztrade_core.trading.bookkeeping import (
    Booked,
    book_fill,
    whole_trade,
    with_levels_from_fill,
)

COIN = "BTC/USD"


def bought(quantity: str, price: str, **changes: object) -> Fill:
    whole = {"fee_quantity": Decimal(0), **changes}
    return fill(1, quantity=Decimal(quantity), price=Decimal(price), **whole)


def sold(quantity: str, price: str, number: int = 2, **changes: object) -> Fill:
    whole = {"fee_quantity": Decimal(0), "side": Side.SELL, "role": Role.STOP, **changes}
    return fill(number, quantity=Decimal(quantity), price=Decimal(price), **whole)


def book(position: StoredPosition | None, one: Fill) -> Booked:
    return book_fill(ACCOUNT, 1, position, one, request())


def held(*fills: Fill) -> StoredPosition:
    position: StoredPosition | None = None
    for one in fills:
        position = book(position, one).position
    assert position is not None
    return position


def test_a_buy_opens_a_position_with_the_orders_levels() -> None:
    position = held(bought("10", "100", fee_usd=Decimal("0.1")))
    assert position.quantity == Decimal(10)
    assert (position.average_price, position.cost_usd, position.realised_usd) == (
        100.0,
        1000.1,
        0.0,
    )
    assert position.stop_price == request().stop_price
    assert position.opened_at == minutes(1)


def test_a_second_buy_averages_the_price_by_quantity() -> None:
    position = held(bought("10", "100"), bought("30", "104"))
    assert (position.quantity, position.average_price) == (Decimal(40), 103.0)
    assert position.cost_usd == 1000.0 + 3120.0


def test_a_fee_in_the_coin_is_not_held_but_paid_for() -> None:
    position = held(bought("0.12345678", "100", symbol=COIN, fee_quantity=Decimal("0.00030865")))
    assert position.quantity == Decimal("0.12314813")
    assert position.cost_usd == 0.12345678 * 100.0


def test_a_lot_that_is_all_fee_is_no_position_and_no_trade() -> None:
    """One lot at $800,000 is $0.008; 25 bps of it round the rest down to nothing."""
    fee = bought("0.00000001", "800000", symbol=COIN, fee_quantity=Decimal("0.00000001"))
    assert book(None, fee) == Booked(position=None, trade=None)
    two = bought("0.00000002", "800000", symbol=COIN, fee_quantity=Decimal("0.00000001"))
    assert held(two).quantity == Decimal("0.00000001")  # one lot is held


def test_a_whole_sell_closes_the_trade_net_of_all_fees() -> None:
    position = held(bought("10", "100", fee_usd=Decimal("0.1")))
    booked = book(position, sold("10", "97", fee_usd=Decimal("0.097")))
    assert booked.position is None
    assert booked.trade is not None
    assert booked.trade.pnl_usd == (970.0 - 0.097) - 1000.1
    assert (booked.trade.entry_price, booked.trade.exit_price) == (100.0, 97.0)
    assert (booked.trade.exit_role, booked.trade.closed_at) == ("stop", minutes(2))


def test_a_partial_sell_takes_its_share_of_the_cost() -> None:
    position = held(bought("10", "100"))
    booked = book(position, sold("4", "105"))
    assert booked.trade is None
    assert booked.position is not None
    assert (booked.position.quantity, booked.position.average_price) == (Decimal(6), 100.0)
    assert (booked.position.cost_usd, booked.position.realised_usd) == (600.0, 20.0)


def test_the_parts_of_a_trade_add_up_to_its_result() -> None:
    position = held(bought("10", "100"))
    rest = book(position, sold("4", "105")).position
    trade = book(rest, sold("6", "95", 3)).trade
    assert trade is not None
    assert trade.pnl_usd == 4 * 5.0 - 6 * 5.0


def test_a_trade_sold_in_parts_tells_its_whole_quantity_and_average_exit() -> None:
    position = held(bought("10", "100"))
    fills = [bought("10", "100"), sold("4", "105"), sold("6", "95", 3)]
    rest = book(position, fills[1]).position
    trade = book(rest, fills[2]).trade
    assert trade is not None
    whole = whole_trade(trade, fills)
    assert (whole.quantity, whole.exit_price) == (Decimal(10), 99.0)
    assert whole.pnl_usd == trade.pnl_usd


def test_dust_below_a_lot_closes_the_trade_and_is_part_of_its_loss() -> None:
    position = replace(held(bought("1", "100")), symbol="BTC/USD", quantity=Decimal("1.000000004"))
    booked = book(position, sold("1", "100"))
    assert booked.position is None
    assert booked.trade is not None
    assert booked.trade.pnl_usd == pytest.approx(
        0.0, abs=1e-12
    )  # 100 in, 100 out, dust written off


def test_exactly_one_lot_is_still_held() -> None:
    position = replace(held(bought("1", "100")), symbol="BTC/USD", quantity=Decimal("1.00000001"))
    booked = book(position, sold("1", "100"))
    assert booked.position is not None
    assert booked.position.quantity == Decimal("0.00000001")


def test_a_sell_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="sells TSLA, but nothing is held"):
        book(None, sold("1", "100"))


def test_a_sell_of_more_than_is_held_is_refused() -> None:
    with pytest.raises(ValueError, match="sells 3 TSLA, but 2 are held"):
        book(held(bought("2", "100")), sold("3", "110"))


def test_levels_are_measured_from_the_fill_where_that_is_asked_for() -> None:
    order = request(stop_price=Decimal(97), target_price=Decimal(106), reference_price=Decimal(100))
    moved = with_levels_from_fill(order, bought("1", "200"))
    assert (moved.stop_price, moved.target_price) == (Decimal("194.0"), Decimal("212.0"))
    assert with_levels_from_fill(order, sold("1", "200")) == order
