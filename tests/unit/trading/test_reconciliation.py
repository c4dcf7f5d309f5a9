"""Our book against the broker's: what is taken over, what is reported, what ends."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.fakes.desk import ACCOUNT, DeskKit, at, bar
from tests.fakes.desk_makers import proposal
from tests.unit.brokers.builders import entry
from tests.unit.trading.builders import (
    BUY,
    SELL,
    TSLA,
    at_bar,
    fills,
    house,
    kit,
    only,
    orders,
    position,
    trades,
)
from ztrade_core.domain.accounts import ReconciliationReport
from ztrade_core.domain.configuration import StopReference
from ztrade_core.domain.orders import Order, OrderStatus
from ztrade_core.trading.intents import too_late_to_send
from ztrade_core.trading.portfolio import portfolio_of
from ztrade_core.trading.reconciliation import reconcile


def reconciled(desk_kit: DeskKit, number: int) -> ReconciliationReport:
    return reconcile(desk_kit.desk(at(number)), at(number))


def played(desk_kit: DeskKit, number: int) -> None:
    """Play the broker behind our book's back."""
    view = desk_kit.desk(at(number)).market.view(at(number))
    desk_kit.broker().advance(view, at(number))


def bought() -> DeskKit:
    desk_kit = kit({at_bar(0): BUY, at_bar(3): SELL})
    desk_kit.cycle(at(0))
    return desk_kit


def test_a_fill_is_taken_over_once_however_often_it_is_told() -> None:
    desk_kit = bought()
    played(desk_kit, 1)
    first, second = reconciled(desk_kit, 1), reconciled(desk_kit, 1)
    assert (first.fills_added, second.fills_added) == (1, 0)
    held = position(desk_kit)
    assert held is not None
    assert held.quantity == Decimal(46)
    assert first.clean


def test_legs_of_our_own_entry_are_no_surprise() -> None:
    desk_kit = bought()
    played(desk_kit, 1)
    report = reconciled(desk_kit, 1)
    assert (report.adopted, report.foreign, report.mismatches) == ((), (), ())
    assert {o.request.role.value for o in orders(desk_kit)} == {"entry", "stop", "target"}
    assert only(desk_kit, "entry").status is OrderStatus.FILLED
    assert only(desk_kit, "entry").reserved_usd == 0.0


def test_an_order_with_our_prefix_is_adopted_and_another_is_foreign() -> None:
    desk_kit = kit()
    broker = desk_kit.broker()
    broker.submit(entry("1", order_id="zt1-lost"))
    broker.submit(entry("1", order_id="by-hand"))
    report = reconciled(desk_kit, 0)
    assert report.adopted == ("zt1-lost",)
    assert report.foreign == ("by-hand",)
    assert not report.clean
    assert [o.request.client_order_id for o in orders(desk_kit)] == ["zt1-lost"]


def test_what_the_broker_holds_and_we_do_not_is_a_mismatch() -> None:
    desk_kit = kit()
    desk_kit.broker().submit(entry("3", order_id="by-hand", target=None))
    played(desk_kit, 1)
    report = reconciled(desk_kit, 1)
    assert report.mismatches[-1] == "TSLA: our book 0.0, the broker 3.0"
    assert any("is of a foreign order" in text for text in report.mismatches)
    assert position(desk_kit) is None


def test_a_trade_is_closed_with_its_whole_quantity_and_result() -> None:
    desk_kit = bought()
    for number in range(1, 5):
        desk_kit.cycle(at(number))
    (trade,) = trades(desk_kit)
    assert (trade.quantity, trade.exit_role) == (Decimal(46), "exit")
    assert trade.pnl_usd == 0.0  # in and out at 100, free of charge
    assert position(desk_kit) is None


def test_a_leg_covers_what_the_broker_says_it_does() -> None:
    desk_kit = kit({at_bar(0): BUY, at_bar(1): proposal("sell", quantity=6.0)})
    for number in range(3):
        desk_kit.cycle(at(number))
    standing = portfolio_of(desk_kit.desk(at(2)), at(2))
    (held,) = standing.book.positions
    assert (held.quantity, held.protected_quantity) == (40.0, 40.0)  # the broker shrank it from 46
    assert only(desk_kit, "target").request.quantity == Decimal(40)


def test_a_stop_that_was_never_sent_ends_with_its_position() -> None:
    desk_kit = bought()
    desk_kit.cycle(at(1))
    stop = replace(only(desk_kit, "stop"), status=OrderStatus.INTENDED, broker_order_id=None)
    with desk_kit.store.locked() as uow:
        request = replace(stop.request, client_order_id="zt1-unsent")
        uow.orders.insert(replace(stop, request=request))
    reconciled(desk_kit, 1)
    assert still(desk_kit) is OrderStatus.INTENDED  # its position is held: it may still be sent
    for number in range(2, 5):
        desk_kit.cycle(at(number))
    assert position(desk_kit) is None
    assert still(desk_kit) is OrderStatus.CANCELED


def unsent(desk_kit: DeskKit) -> Order:
    """Our entry as if it had never been sent, at the broker neither."""
    order = replace(only(desk_kit, "entry"), status=OrderStatus.INTENDED, broker_order_id=None)
    fresh = desk_kit.broker()
    fresh.reset(bar(0))
    with desk_kit.store.locked() as uow:
        uow.orders.insert(
            replace(
                order,
                account_epoch=2,
                request=replace(order.request, client_order_id="zt1-unsent"),
            )
        )
    return order


def still(desk_kit: DeskKit) -> OrderStatus:
    with desk_kit.store.reading() as uow:
        order = uow.orders.get("zt1-unsent")
    assert order is not None
    return order.status


def test_an_unsent_entry_waits_while_its_bar_lasts() -> None:
    desk_kit = bought()
    unsent(desk_kit)
    reconcile(desk_kit.desk(at(0) + timedelta(minutes=4)), at(0) + timedelta(minutes=4))
    assert still(desk_kit) is OrderStatus.INTENDED


def test_an_unsent_entry_expires_once_its_bar_has_passed() -> None:
    desk_kit = bought()
    unsent(desk_kit)
    reconciled(desk_kit, 1)
    assert still(desk_kit) is OrderStatus.EXPIRED


def test_an_unsent_entry_is_left_alone_while_its_run_holds_the_lease() -> None:
    desk_kit = bought()
    unsent(desk_kit)
    with desk_kit.store.locked() as uow:
        uow.accounts.acquire_lease(ACCOUNT, TSLA.agent_id, "run-2", now=at(1), seconds=360)
    reconciled(desk_kit, 1)
    assert still(desk_kit) is OrderStatus.INTENDED
    reconcile(desk_kit.desk(at(1), now=at(1) + timedelta(seconds=361)), at(1))
    assert still(desk_kit) is OrderStatus.EXPIRED


def test_exits_and_stops_are_never_too_late() -> None:
    desk_kit = bought()
    for number in range(1, 5):
        desk_kit.cycle(at(number))
    desk = desk_kit.desk(at(11))
    assert too_late_to_send(desk, only(desk_kit, "entry"), at(11))
    assert not too_late_to_send(desk, only(desk_kit, "exit"), at(11))
    assert not too_late_to_send(desk, only(desk_kit, "stop"), at(11))


def test_levels_measured_from_the_fill_are_those_of_the_broker() -> None:
    of = house()
    costs = replace(of.broker.costs, stop_reference=StopReference.FILL, slippage_bps=10.0)
    desk_kit = kit({at_bar(0): BUY}, of=house(costs=costs))
    desk_kit.cycle(at(0))
    desk_kit.cycle(at(1))
    held = position(desk_kit)
    assert held is not None
    stop = next(o for o in desk_kit.broker().open_orders() if o.request.stop_price is not None)
    assert held.stop_price == stop.request.stop_price == Decimal("97.1")  # 100.10 x 0.97 = 97.097
    assert len(fills(desk_kit)) == 1
