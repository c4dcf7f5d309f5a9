"""Coins at an exchange: covered net of fees, and sold when the price falls through a stop."""

from decimal import Decimal

import pytest

from tests.fakes.desk import at
from tests.fakes.desk_broker import Once
from tests.fakes.desk_exchange import AWAY
from tests.unit.trading.builders import BTC
from tests.unit.trading.floor import bought, coins
from ztrade_core.domain.brokerage import Quote
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.ports.checkpoints import MENDING_CHECKPOINTS
from ztrade_core.trading.sighting import bid_of


def test_coins_are_covered_net_of_the_fee_floored_to_the_lot() -> None:
    made = coins()
    (stop,) = made.exchange.open(Role.STOP)
    held = made.exchange.held["BTC/USD"]
    assert stop.request.quantity <= held < stop.request.quantity + Decimal("1e-8")
    assert stop.request.target_order_id is None


def test_coins_of_which_the_broker_holds_less_than_our_book_are_covered_as_the_broker_says() -> (
    None
):
    made = bought(BTC)
    made.exchange.held["BTC/USD"] -= Decimal("0.001")
    made.protect()
    assert made.exchange.left(Role.STOP) <= made.exchange.held["BTC/USD"]
    assert made.is_whole("BTC/USD")


def test_coins_whose_price_fell_through_the_stop_are_sold_at_market() -> None:
    made = coins()
    made.exchange.bids["BTC/USD"] = 90.0
    found = made.protect()
    assert len(found.flattened) == 1
    assert made.exchange.open(Role.STOP) == []
    (leaving,) = made.exchange.open(Role.EXIT)
    assert leaving.request.quantity <= made.exchange.held["BTC/USD"]


def test_what_a_stop_sold_while_it_was_cancelled_is_not_sold_again() -> None:
    made = coins()
    made.exchange.bids["BTC/USD"] = 90.0
    stop = made.only(Role.STOP)
    hit = Once(lambda: made.exchange.fill(stop, "95", "1"))
    made.with_hooks(before={"cancel": hit}).protect()
    assert made.exchange.free("BTC/USD") >= 0
    assert made.exchange.posted["exit"] == 1


def test_a_rescue_whose_stop_filled_wholly_sells_nothing() -> None:
    made = coins()
    made.exchange.bids["BTC/USD"] = 90.0
    stop = made.only(Role.STOP)
    hit = Once(lambda: made.exchange.fill(stop, "95"))
    made.with_hooks(before={"cancel": hit}).protect()
    assert made.exchange.posted["exit"] == 0


@pytest.mark.parametrize("point", MENDING_CHECKPOINTS)
def test_a_death_during_a_rescue_is_mended_by_the_next_look(point: str) -> None:
    made = coins()
    made.exchange.bids["BTC/USD"] = 90.0
    made.dies_at(point)
    made.later(seconds=10).protect()
    assert made.exchange.posted["exit"] == 1
    assert made.exchange.open(Role.STOP) == []


def test_no_quote_blocks_nothing_and_only_one_is_waited_for() -> None:
    made = coins()
    made.exchange.end(made.only(Role.STOP))
    made.exchange.bids["BTC/USD"] = AWAY
    made.reconcile()
    before = made.exchange.asked["quote"]
    found = made.protect()
    assert len(found.armed) == 1
    assert made.exchange.asked["quote"] - before == 1


def test_a_stub_bid_far_below_the_ask_sells_nothing() -> None:
    def quote(bid: str | None, ask: str | None) -> float | None:
        prices = [None if each is None else Decimal(each) for each in (bid, ask)]
        return bid_of(Quote(symbol="TSLA", bid=prices[0], ask=prices[1], at=at(0)))

    assert quote("50", "100") is None
    assert quote("90", "100") == 90.0
    assert quote("99", None) == 99.0
    assert quote(None, "100") is None
    assert quote("0", "100") is None
    assert bid_of(None) is None


def test_a_resting_exit_is_moved_to_the_market_each_look() -> None:
    made = coins()
    made.exchange.bids["BTC/USD"] = 90.0
    made.protect()
    made.reconcile()
    before = made.exchange.posted["close"]
    made.later(seconds=10).protect()
    assert made.exchange.posted["close"] == before + 1
    assert made.exchange.posted["exit"] == 1


def test_a_guard_places_no_stop_beside_an_exit_that_another_run_has_just_sent() -> None:
    made = coins()
    made.exchange.bids["BTC/USD"] = 90.0
    other = Once(lambda: made.protect("other"))
    made.with_hooks(after={"positions": other}).protect()
    assert made.exchange.posted["exit"] == 1
    assert [o.status for o in made.orders(Role.STOP)].count(OrderStatus.REJECTED) == 0
