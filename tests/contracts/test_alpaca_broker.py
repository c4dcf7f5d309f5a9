"""The contract of `ports.broker.Broker`, kept by the Alpaca broker: what it sends, shows and completes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.fakes.alpaca_desk import COIN, AlpacaDesk
from tests.fakes.alpaca_ledger import AlpacaLedger
from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.unit.brokers.builders import entry, sell
from ztrade_core.domain.orders import BrokerOrder, Role
from ztrade_core.errors import ConfigError, OrderRejectedError, TransientBrokerError


@pytest.fixture
def desk() -> Iterator[AlpacaDesk]:
    with AlpacaServer() as server:
        yield AlpacaDesk(server)


def shown(orders: tuple[BrokerOrder, ...]) -> list[tuple[str, str, str, str]]:
    return [
        (o.request.client_order_id, o.request.role.value, o.status.value, str(o.request.quantity))
        for o in orders
    ]


def test_a_new_account_has_its_cash_and_nothing_else(desk: AlpacaDesk) -> None:
    broker = desk.broker()
    assert (broker.account, broker.epoch(), broker.account_time()) == ("paper", 2, None)
    assert (broker.cash(), broker.positions(), broker.open_orders()) == (100_000.0, {}, ())
    assert (broker.fills(), broker.order_by_client_id("zt1-nothing")) == ((), None)


def test_what_was_submitted_comes_back_unchanged(desk: AlpacaDesk) -> None:
    order = entry("0.12345678", limit="64123.57", stop="61000.01", **COIN)
    assert desk.send(order).request == order
    found = desk.broker().order_by_client_id("zt1-entry")
    assert found is not None
    assert found.request == order


def test_a_second_submit_of_an_id_answers_with_the_first_order(desk: AlpacaDesk) -> None:
    first = desk.send(entry())
    again = desk.broker().submit(entry("99", limit="50"))
    assert (again.broker_order_id, again.request) == (first.broker_order_id, first.request)
    desk.fill("zt1-entry", "99")
    ended = desk.broker().submit(entry())
    assert (ended.status.value, ended.filled_quantity) == ("filled", Decimal(10))
    assert desk.server.ledger.accepted == {"zt1-entry": 1}


def test_the_first_order_waits_until_the_account_is_shown_to_be_paper() -> None:
    with AlpacaServer(AlpacaLedger(account_number="123456789")) as server:
        desk = AlpacaDesk(server)
        with pytest.raises(ConfigError, match="not shown to be a paper account"):
            desk.send(entry())
        assert [seen.method for seen in server.seen] == ["GET"]
        assert server.ledger.posted == {}


def test_the_account_is_asked_for_once_an_instance(desk: AlpacaDesk) -> None:
    broker = desk.broker()
    for number in range(3):
        broker.submit(desk.intend(entry(order_id=f"zt1-{number}")))
    assert [seen.path for seen in desk.server.seen].count("/v2/account") == 1


@pytest.mark.parametrize(
    ("quantity", "message"),
    [("2000", "insufficient buying power"), ("0.5", "not whole")],
)
def test_a_definite_no_is_rejected_with_its_reason(
    desk: AlpacaDesk, quantity: str, message: str
) -> None:
    with pytest.raises(OrderRejectedError, match=message):
        desk.send(entry(quantity))
    assert desk.broker().order_by_client_id("zt1-entry") is None


def test_a_close_of_reserved_shares_is_rejected_and_says_why(desk: AlpacaDesk) -> None:
    desk.bought()
    with pytest.raises(OrderRejectedError, match=r"insufficient qty available .*available: 0"):
        desk.send(sell(decided=1))


def test_the_legs_of_an_entry_that_waits_protect_nothing_and_are_not_shown(
    desk: AlpacaDesk,
) -> None:
    desk.send(entry())
    assert shown(desk.broker().open_orders()) == [("zt1-entry", "entry", "accepted", "10")]
    desk.fill("zt1-entry", "99.5", "4")
    assert shown(desk.broker().open_orders()) == [("zt1-entry", "entry", "partially_filled", "10")]
    assert desk.broker().positions() == {"TSLA": 4.0}


def test_a_filled_bracket_shows_target_and_held_stop_under_our_ids(desk: AlpacaDesk) -> None:
    """Neither list of open orders has the held stop; it is found all the same."""
    request = desk.bought()
    orders = desk.broker().open_orders()
    assert shown(orders) == [
        ("zt1-entry-stop", "stop", "accepted", "10"),
        ("zt1-entry-target", "target", "accepted", "10"),
    ]
    stop, target = (order.request for order in orders)
    assert (stop.stop_price, stop.limit_price) == (Decimal(95), None)
    assert (target.stop_price, target.limit_price) == (None, Decimal(110))
    for leg in (stop, target):
        assert (leg.agent_id, leg.position_id) == (request.agent_id, request.position_id)
        assert (leg.timeframe, leg.decided_bar) == (request.timeframe, request.decided_bar)


def test_a_stop_without_a_target_is_an_oto_leg(desk: AlpacaDesk) -> None:
    desk.bought(target=None)
    assert [each[0] for each in shown(desk.broker().open_orders())] == ["zt1-entry-stop"]


def test_a_leg_is_found_by_our_id_once_our_book_has_adopted_it(desk: AlpacaDesk) -> None:
    desk.bought()
    stop = desk.broker().open_orders()[0]
    desk.intend(stop.request)
    found = desk.broker().order_by_client_id("zt1-entry-stop")
    assert found == stop
    canceled = desk.broker().cancel("zt1-entry-stop")
    assert canceled.status.value == "canceled"
    assert desk.broker().open_orders() == ()  # cancelling one of a group cancels the rest


def test_a_stop_that_fills_between_two_looks_is_our_stop(desk: AlpacaDesk) -> None:
    """Nobody has seen the legs yet: the fill's order leads to its parent, and that to our entry."""
    desk.bought()
    ledger = desk.server.ledger
    ledger.fill(ledger.orders[0].legs[1], "94.9")
    broker = desk.broker()
    fills = broker.fills()
    assert [(f.role.value, f.client_order_id, f.price) for f in fills] == [
        ("entry", "zt1-entry", Decimal("99.5")),
        ("stop", "zt1-entry-stop", Decimal("94.9")),
    ]
    assert (fills[1].agent_id, fills[1].position_id) == ("agent_tsla", "zt1-entry")
    found = broker.order_by_client_id("zt1-entry-stop")
    assert found is not None
    assert (found.status.value, found.filled_quantity) == ("filled", Decimal(10))
    assert broker.open_orders() == ()


def test_a_stop_that_alpaca_replaced_when_it_triggered_is_still_our_stop(desk: AlpacaDesk) -> None:
    desk.bought()
    ledger = desk.server.ledger
    triggered = ledger.replace(ledger.orders[0].legs[1])
    broker = desk.broker()
    assert ("zt1-entry-stop", "stop", "accepted", "10") in shown(broker.open_orders())
    ledger.fill(triggered, "94")
    assert [fill.client_order_id for fill in desk.broker().fills()][-1] == "zt1-entry-stop"
    found = broker.order_by_client_id("zt1-entry-stop")
    assert found is not None
    assert (found.status.value, found.broker_order_id) == ("filled", triggered.id)


def test_an_order_of_ours_that_alpaca_replaced_is_followed(desk: AlpacaDesk) -> None:
    desk.hold("TSLA", "10")
    desk.send(sell(decided=0, stop="95", order_id="zt1-stop"))
    ledger = desk.server.ledger
    ledger.replace(ledger.replace(ledger.by_client_id("zt1-stop")))
    found = desk.broker().order_by_client_id("zt1-stop")
    assert found is not None
    assert (found.request.client_order_id, found.status.value) == ("zt1-stop", "accepted")
    assert found.broker_order_id == ledger.orders[-1].id


def test_coins_pay_their_fee_in_the_coin(desk: AlpacaDesk) -> None:
    """0.1 BTC bought is 0.09975 held; the broker's filled quantity stays gross."""
    desk.send(entry("0.1", limit="64000", stop="61000", **COIN))
    desk.fill("zt1-entry", "63999.99")
    broker = desk.broker()
    (fill,) = broker.fills()
    assert (fill.quantity, fill.fee_quantity, fill.fee_usd) == (
        Decimal("0.1"),
        Decimal("0.00025"),
        0,
    )
    assert broker.positions() == {"BTC/USD": 0.09975}
    desk.send(sell("0.09975", decided=1, symbol="BTC/USD"))
    desk.fill("zt1-exit", "60000")
    sold = desk.broker().fills()[-1]
    assert (sold.fee_usd, sold.fee_quantity) == (Decimal("14.9625"), 0)
    assert desk.broker().positions() == {}


def test_partial_fills_are_separate_fills_of_one_order(desk: AlpacaDesk) -> None:
    desk.send(entry())
    for price, quantity in (("99.5", "4"), ("99.6", "5"), ("99.7", "1")):
        desk.fill("zt1-entry", price, quantity)
    fills = desk.broker().fills()
    assert [(f.quantity, f.price) for f in fills] == [
        (4, Decimal("99.5")),
        (5, Decimal("99.6")),
        (1, Decimal("99.7")),
    ]
    assert len({fill.fill_id for fill in fills}) == 3


def test_every_page_of_fills_is_read_once_and_in_order(desk: AlpacaDesk) -> None:
    desk.send(entry("250"))
    for _ in range(250):
        desk.fill("zt1-entry", "99.5", "1")
    fills = desk.broker().fills()
    assert len({fill.fill_id for fill in fills}) == len(fills) == 250
    assert list(fills) == sorted(fills, key=lambda fill: fill.filled_at)


def test_fills_from_a_moment_on_include_an_hour_before_it(desk: AlpacaDesk) -> None:
    """A superset: what appears late is not lost, what comes again has the same id."""
    desk.bought()
    known_at = desk.broker().fills()[0].known_at
    assert len(desk.broker().fills(after=known_at + timedelta(minutes=59))) == 1
    assert desk.broker().fills(after=known_at + timedelta(minutes=61)) == ()


def test_more_open_orders_than_a_page_are_all_shown(desk: AlpacaDesk) -> None:
    for number in range(1100):
        body = {"symbol": "TSLA", "qty": "1", "side": "buy", "type": "market"}
        desk.server.ledger.accept(
            {**body, "time_in_force": "day", "client_order_id": f"zt1-{number}"}
        )
    slow = replace(desk.limits, body_bytes=8 * 2**20, deadline_seconds=10.0, read_seconds=10.0)
    orders = AlpacaDesk(desk.server, limits=slow).broker().open_orders()
    assert len({order.request.client_order_id for order in orders}) == len(orders) == 1100


def test_a_foreign_order_is_shown_with_no_agent(desk: AlpacaDesk) -> None:
    body = {"symbol": "TSLA", "qty": "7", "side": "buy", "type": "limit", "limit_price": "5"}
    desk.server.ledger.accept({**body, "time_in_force": "gtc", "client_order_id": "by-hand"})
    (order,) = desk.broker().open_orders()
    assert (order.request.client_order_id, order.request.agent_id) == ("by-hand", "")
    assert (order.request.role, order.request.limit_price) == (Role.ENTRY, Decimal(5))
    desk.fill("by-hand", "5")
    (fill,) = desk.broker().fills()
    assert (fill.client_order_id, fill.agent_id) == ("by-hand", "")


def test_an_order_of_ours_that_differs_at_the_broker_is_not_taken_for_ours(
    desk: AlpacaDesk,
) -> None:
    desk.send(entry())
    desk.intend(entry(symbol="AAPL"))
    with pytest.raises(TransientBrokerError, match="another order at the broker"):
        desk.broker().order_by_client_id("zt1-entry")


def test_a_cancelled_order_stays_cancelled_and_its_legs_go_with_it(desk: AlpacaDesk) -> None:
    desk.send(entry())
    broker = desk.broker()
    assert broker.cancel("zt1-entry").status.value == "canceled"
    assert broker.cancel("zt1-entry").status.value == "canceled"
    assert broker.open_orders() == ()
    assert [seen.method for seen in desk.server.seen].count("DELETE") == 1
    with pytest.raises(OrderRejectedError, match="no order"):
        broker.cancel("zt1-unknown")


def test_short_and_flat_positions_are_told_as_they_are(desk: AlpacaDesk) -> None:
    desk.hold("TSLA", "-3")
    desk.hold("AAPL", "0")
    desk.hold("ETH/USDT", "1.5")
    assert desk.broker().positions() == {"ETH/USDT": 1.5, "TSLA": -3.0}


def test_a_list_that_is_no_list_is_never_flat(desk: AlpacaDesk) -> None:
    for body in (b"{}", b"null", b"", b'[{"symbol": "TSLA"}]', b'{"message": "ok"}'):
        desk.server.fault(Fault(method="GET", path="/v2/positions", status=200, body=body))
        with pytest.raises(TransientBrokerError):
            desk.broker().positions()


def test_a_leg_that_neither_book_nor_process_has_seen_is_found_by_our_id(desk: AlpacaDesk) -> None:
    """None would mean that the broker definitely has none."""
    desk.bought()
    found = desk.broker().order_by_client_id("zt1-entry-stop")
    assert found is not None
    assert (found.request.role, found.request.stop_price) == (Role.STOP, Decimal(95))
    assert desk.broker().order_by_client_id("zt1-entry-other") is None


def test_looking_up_an_order_of_our_book_that_was_never_sent_is_one_question(
    desk: AlpacaDesk,
) -> None:
    desk.intend(entry())
    assert desk.broker().order_by_client_id("zt1-entry") is None
    assert len(desk.server.seen) == 1
