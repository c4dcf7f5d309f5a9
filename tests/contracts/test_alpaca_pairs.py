"""A stop and its target in one (OCO) at Alpaca, under the two ids that our book has for them."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.contracts.alpaca_exits import bury, close
from tests.fakes.alpaca_desk import QUICK, AlpacaDesk
from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.unit.brokers.builders import sell
from ztrade_core.domain.orders import BrokerOrder, OrderRequest, OrderStatus, Role
from ztrade_core.errors import OrderRejectedError, OrderStateUnknownError, TransientBrokerError

STOP, TARGET = "zt1-stop-2", "zt1-target-2"

PATIENT = replace(QUICK, body_bytes=8 * 2**20, deadline_seconds=10.0, read_seconds=10.0)


@pytest.fixture
def desk() -> Iterator[AlpacaDesk]:
    with AlpacaServer() as server:
        made = AlpacaDesk(server, limits=PATIENT)
        made.hold("TSLA", "10")
        yield made
        assert server.ledger.violations == []


def pair(quantity: str = "10", **changes: object) -> OrderRequest:
    stop = sell(quantity, decided=1, stop="95", order_id=STOP)
    return replace(stop, **{"target_price": Decimal(110), "target_order_id": TARGET, **changes})


def ids(orders: tuple[BrokerOrder, ...]) -> list[str]:
    return [order.request.client_order_id for order in orders]


def test_a_pair_is_sent_as_one_order_and_answered_as_our_stop(desk: AlpacaDesk) -> None:
    sent = desk.send(pair())
    (seen,) = [seen for seen in desk.server.seen if seen.method == "POST"]
    assert seen.body == {
        "symbol": "TSLA",
        "qty": "10",
        "side": "sell",
        "type": "limit",
        "time_in_force": "gtc",
        "order_class": "oco",
        "client_order_id": STOP,
        "take_profit": {"limit_price": "110"},
        "stop_loss": {"stop_price": "95"},
    }
    leg = desk.server.ledger.by_client_id(STOP).legs[0]
    assert (sent.request, sent.broker_order_id) == (pair(), leg.id)
    assert (sent.status, sent.ends_with_session) == (OrderStatus.ACCEPTED, False)


def test_a_pair_shows_target_and_stop_under_our_ids_and_the_held_stop_is_live(
    desk: AlpacaDesk,
) -> None:
    desk.send(pair())
    stop, target = desk.broker().open_orders()
    assert stop.request == pair()
    assert (target.request.client_order_id, target.request.role) == (TARGET, Role.TARGET)
    assert (target.request.limit_price, target.request.stop_price) == (Decimal(110), None)
    assert target.request.stop_order_id == STOP
    assert (target.request.agent_id, target.request.position_id) == ("agent_tsla", "zt1-entry")


@pytest.mark.parametrize("booked", [False, True])
@pytest.mark.parametrize("order_id", [STOP, TARGET])
def test_both_ids_are_found_and_cancelled_by_a_process_that_has_just_started(
    desk: AlpacaDesk, order_id: str, *, booked: bool
) -> None:
    desk.send(pair())
    for order in desk.broker().open_orders():
        if booked:
            desk.intend(order.request)
    found = desk.broker().order_by_client_id(order_id)
    assert found is not None
    assert (found.request.client_order_id, found.status) == (order_id, OrderStatus.ACCEPTED)
    assert desk.broker().cancel(order_id).status is OrderStatus.CANCELED
    assert desk.broker().open_orders() == ()


def test_a_target_of_our_book_is_found_when_it_is_old_and_over(desk: AlpacaDesk) -> None:
    """Weeks later no list of open or recent orders has it; its stop's id leads to it."""
    desk.send(pair())
    desk.intend(desk.broker().open_orders()[1].request)
    desk.fill(STOP, "110")
    bury(desk.server.ledger)
    found = desk.broker().order_by_client_id(TARGET)
    assert found is not None
    assert (found.status, found.filled_quantity) == (OrderStatus.FILLED, 10)
    stop = desk.broker().order_by_client_id(STOP)
    assert stop is not None
    assert (stop.status, stop.filled_quantity) == (OrderStatus.CANCELED, 0)


def test_each_side_of_a_pair_has_its_own_fills(desk: AlpacaDesk) -> None:
    desk.send(pair())
    ledger = desk.server.ledger
    ledger.fill(ledger.by_client_id(STOP), "110", "4")
    ledger.fill(ledger.by_client_id(STOP).legs[0], "94.5")
    fills = desk.broker().fills()
    assert [(f.role, f.client_order_id, f.quantity) for f in fills] == [
        (Role.TARGET, TARGET, 4),
        (Role.STOP, STOP, 6),
    ]
    assert desk.broker().positions() == {}


def test_the_stop_of_a_pair_that_is_weeks_old_is_still_ours_when_it_fills(desk: AlpacaDesk) -> None:
    """Its parent was sent long before the newest order, and is over: it is searched for, once."""
    desk.send(pair())
    ledger = desk.server.ledger
    parent = ledger.by_client_id(STOP)
    bury(desk.server.ledger)
    ledger.fill(parent.legs[0], "94")
    parent.status = "canceled"
    broker = desk.broker()
    assert [fill.client_order_id for fill in broker.fills()] == [STOP]
    found = desk.broker().order_by_client_id(STOP)
    assert found is not None
    assert (found.status, found.filled_quantity) == (OrderStatus.FILLED, 10)


def test_a_triggered_stop_of_an_old_pair_is_shown_as_our_stop(desk: AlpacaDesk) -> None:
    """Alpaca replaces a stop when it triggers: the new order stands alone in the list."""
    desk.send(pair())
    ledger = desk.server.ledger
    parent = ledger.by_client_id(STOP)
    bury(desk.server.ledger)
    triggered = ledger.replace(parent.legs[0])
    parent.status = "canceled"
    shown = [o for o in desk.broker().open_orders() if o.request.symbol == "TSLA"]
    assert [(o.request.client_order_id, o.broker_order_id) for o in shown] == [(STOP, triggered.id)]
    ledger.fill(triggered, "94", "3")
    assert [fill.client_order_id for fill in desk.broker().fills()] == [STOP]


def test_a_stop_left_under_an_old_target_that_was_moved_is_still_shown(desk: AlpacaDesk) -> None:
    """The exit rests, and what it replaced, with the live stop beneath, is in no recent list."""
    desk.server.ledger.legs_stay_behind = True
    desk.send(pair())
    desk.server.ledger.partial["TSLA"] = 0
    desk.server.ledger.price("TSLA", "100", "100.02")
    desk.server.ledger.partial["TSLA"] = 0
    close(desk)
    bury(desk.server.ledger)
    shown = [o for o in desk.broker().open_orders() if o.request.symbol == "TSLA"]
    assert ids(tuple(shown)) == ["zt1-exit", STOP]


def test_a_foreign_sell_is_searched_for_once_a_process(desk: AlpacaDesk) -> None:
    body = {"symbol": "TSLA", "qty": "2", "side": "sell", "type": "limit", "limit_price": "500"}
    desk.server.ledger.accept({**body, "time_in_force": "gtc", "client_order_id": "by-hand"})
    broker = desk.broker()
    for _ in range(3):
        assert ids(broker.open_orders()) == ["by-hand"]
    searches = [seen for seen in desk.server.seen if "symbols" in seen.query]
    assert len(searches) == 1


def test_legs_of_a_day_bracket_end_with_the_session_and_a_pair_does_not(desk: AlpacaDesk) -> None:
    desk.bought()
    desk.send(pair())
    ends = {o.request.client_order_id: o.ends_with_session for o in desk.broker().open_orders()}
    assert ends == {
        "zt1-entry-stop": True,
        "zt1-entry-target": True,
        STOP: False,
        TARGET: False,
    }
    desk.server.ledger.close_session()
    assert sorted(ids(desk.broker().open_orders())) == [STOP, TARGET]
    over = desk.broker().order_by_client_id("zt1-entry-stop")
    assert over is not None
    assert (over.status, over.ends_with_session) == (OrderStatus.EXPIRED, False)


def test_a_pair_whose_answer_was_lost_is_found_and_not_doubled(desk: AlpacaDesk) -> None:
    desk.server.fault(Fault(method="POST", path="/v2/orders", how="reset"))
    with pytest.raises(OrderStateUnknownError):
        desk.send(pair())
    found = desk.broker().order_by_client_id(STOP)
    assert found is not None
    assert found.request == pair()
    assert desk.broker().submit(pair()) == found
    assert desk.server.ledger.accepted[STOP] == 1


def test_a_pair_without_its_stop_is_not_understood(desk: AlpacaDesk) -> None:
    """Nothing may conclude that there is no stop: it has been accepted."""
    desk.send(pair())
    desk.server.ledger.by_client_id(STOP).legs.clear()
    with pytest.raises(TransientBrokerError, match="a pair whose stop is not shown"):
        desk.broker().order_by_client_id(STOP)


def test_a_pair_that_alpaca_refuses_is_rejected_with_the_cause(desk: AlpacaDesk) -> None:
    desk.server.ledger.may_short = False
    with pytest.raises(OrderRejectedError, match=r"insufficient qty.*an open order reserves"):
        desk.send(pair("11"))


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (pair(target_order_id=None), "its target's id"),
        (pair(target_price=Decimal(95)), "above its stop"),
        (pair(symbol="BTC/USD"), "coins have no"),
    ],
)
def test_a_pair_that_cannot_be_said_is_refused_before_it_is_sent(
    desk: AlpacaDesk, request_: OrderRequest, why: str
) -> None:
    with pytest.raises(OrderRejectedError, match=f"{why}.*nothing was sent"):
        desk.send(request_)
    assert desk.server.seen == []
