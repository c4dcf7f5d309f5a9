"""Every position carries a stop for all of it: armed again, or the position is sold."""

from decimal import Decimal

from tests.fakes.desk import DeskKit, at
from tests.fakes.desk_makers import proposal
from tests.fakes.store_rows import order as order_row
from tests.unit.brokers.builders import sell
from tests.unit.trading.builders import BUY, TSLA, at_bar, kit, orders, position
from ztrade_core.domain.accounts import StoredPosition
from ztrade_core.trading.guard import Guard
from ztrade_core.trading.protected import Protection
from ztrade_core.trading.protection import protect
from ztrade_core.trading.submission import submit


def holding(*later: float) -> DeskKit:
    """46 TSLA bought at 100 with a stop at 97; the stop's own fate is each test's."""
    desk_kit = kit({at_bar(0): BUY}, closes=(100.0, 100.0, *later))
    desk_kit.cycle(at(0))
    desk_kit.cycle(at(1))
    return desk_kit


def stop_ids(desk_kit: DeskKit) -> list[str]:
    return [
        order.request.client_order_id
        for order in desk_kit.broker().open_orders()
        if order.request.role.value == "stop"
    ]


def protected(desk_kit: DeskKit, number: int) -> Protection:
    return protect(desk_kit.desk(at(number)), at(number), holder="watch")


def test_a_covered_position_is_left_alone() -> None:
    desk_kit = holding(100.0)
    found = protected(desk_kit, 1)
    assert (found.checked, found.acted, found.failed) == (1, False, ())


def test_nothing_held_is_nothing_to_do() -> None:
    assert protected(kit(), 0) == Protection(checked=0)


def test_a_missing_stop_is_armed_under_a_new_id_at_the_same_price() -> None:
    desk_kit = holding(100.0)
    (former,) = stop_ids(desk_kit)
    desk_kit.broker().cancel(former)
    found = protected(desk_kit, 1)
    assert len(found.armed) == 1
    (armed,) = desk_kit.broker().open_orders()[1:]
    assert armed.request.client_order_id != former
    assert (armed.request.stop_price, armed.request.quantity) == (Decimal("97.0"), Decimal(46))


def test_only_what_is_not_covered_is_armed() -> None:
    desk_kit = holding(100.0)
    desk_kit.broker().cancel(stop_ids(desk_kit)[0])
    held = position(desk_kit)
    assert held is not None
    part = sell("40", decided=1, order_id="zt1-part", stop="97", position_id=held.position_id)
    desk_kit.broker().submit(part)
    protected(desk_kit, 1)
    quantities = [
        order.request.quantity
        for order in desk_kit.broker().open_orders()
        if order.request.role.value == "stop"
    ]
    assert quantities == [Decimal(40), Decimal(6)]


def test_a_stop_that_the_mark_has_passed_is_a_market_sell_instead() -> None:
    desk_kit = holding(97.5, 96.0)
    desk_kit.broker().cancel(stop_ids(desk_kit)[0])
    desk = desk_kit.desk(at(3))
    desk.broker.advance(desk.market.view(at(3)), at(3))
    found = protected(desk_kit, 3)
    assert len(found.flattened) == 1
    (leaving,) = [o for o in orders(desk_kit) if o.request.role.value == "exit"]
    assert leaving.request.quantity == Decimal(46)


def test_a_mark_exactly_at_the_stop_has_passed_it() -> None:
    desk_kit = holding(97.5, 97.0)
    desk_kit.broker().cancel(stop_ids(desk_kit)[0])
    desk = desk_kit.desk(at(3))
    desk.broker.advance(desk.market.view(at(3)), at(3))
    assert len(protected(desk_kit, 3).flattened) == 1


def test_a_position_that_is_leaving_is_not_armed_again() -> None:
    desk_kit = holding(100.0)
    held = position(desk_kit)
    assert held is not None
    desk_kit.broker().cancel(stop_ids(desk_kit)[0])
    desk_kit.broker().submit(
        sell("46", decided=1, order_id="zt1-leaving", position_id=held.position_id)
    )
    assert not protected(desk_kit, 1).acted


def test_flattening_sells_only_what_no_exit_sells_already() -> None:
    desk_kit = holding(96.0, 96.0)
    held = position(desk_kit)
    assert held is not None
    desk_kit.broker().cancel(stop_ids(desk_kit)[0])
    desk_kit.broker().submit(
        sell("6", decided=1, order_id="zt1-leaving", position_id=held.position_id)
    )
    assert len(protected(desk_kit, 2).flattened) == 1  # the mark of 96 has passed the stop of 97
    exits = [o for o in desk_kit.broker().open_orders() if o.request.role.value == "exit"]
    assert [o.request.quantity for o in exits] == [Decimal(6), Decimal(40)]  # of 46 held


def test_a_position_without_a_stop_of_its_own_gets_the_agents() -> None:
    desk_kit = holding(100.0)
    held = position(desk_kit)
    assert held is not None
    with desk_kit.store.locked() as uow:
        uow.positions.put(type(held)(**{**values_of(held), "stop_price": None}))
    desk_kit.broker().cancel(stop_ids(desk_kit)[0])
    protected(desk_kit, 1)
    (armed,) = desk_kit.broker().open_orders()[1:]
    assert armed.request.stop_price == Decimal("97.0")  # 3 % under the average price of 100


def values_of(held: object) -> dict[str, object]:
    return {name: getattr(held, name) for name in type(held).__dataclass_fields__}  # type: ignore[attr-defined]


def test_a_partial_exit_leaves_the_rest_covered() -> None:
    answers = {at_bar(0): BUY, at_bar(1): proposal("sell", quantity=6.0)}
    desk_kit = kit(answers)
    for number in range(3):
        desk_kit.cycle(at(number))
    held = position(desk_kit, TSLA.agent_id)
    assert held is not None
    assert held.quantity == Decimal(40)
    assert not protected(desk_kit, 2).acted
    assert len(stop_ids(desk_kit)) == 1


def test_an_exit_that_another_run_sends_meanwhile_is_not_sent_twice() -> None:
    desk_kit = holding(100.0)
    held = position(desk_kit)
    assert held is not None
    desk = desk_kit.desk(at(1))
    intended = unsent_exit(desk_kit, held)
    with desk_kit.store.reading() as uow:
        legs = uow.orders.of_position(held.position_id)
    late = Guard(desk, held, legs, at(1), "flatten by bob")
    submit(desk, intended, holder="flatten by ada", at=at(1))
    assert late.flatten(held.quantity).message == "another run was here first"
    exits = [o for o in orders(desk_kit) if o.request.role.value == "exit"]
    assert [o.request.client_order_id for o in exits] == [intended]


def unsent_exit(desk_kit: DeskKit, held: StoredPosition) -> str:
    """An exit that another run has written down and not sent yet."""
    request = sell("46", decided=1, order_id="zt1-leaving", position_id=held.position_id)
    with desk_kit.store.locked() as uow:
        uow.orders.insert(
            order_row(2, of=request, account=held.account, decision_id=None, reserved_usd=0.0)
        )
    return request.client_order_id
