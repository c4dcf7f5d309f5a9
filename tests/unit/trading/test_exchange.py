"""Positions at an exchange: every share is covered by one stop that stays, through any answer."""

from decimal import Decimal

import pytest

from tests.fakes.desk import at
from tests.fakes.desk_broker import Fault, Once
from tests.fakes.desk_exchange import AWAY
from tests.unit.trading.builders import TSLA
from tests.unit.trading.floor import bought, entered
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.errors import OrderRejectedError, OrderStateUnknownError, TransientBrokerError
from ztrade_core.ports.checkpoints import MENDING_CHECKPOINTS

UNCLEAR = OrderStateUnknownError("no answer came back")


def test_session_legs_give_way_to_a_pair_that_stays() -> None:
    made = bought()
    assert all(order.ends_with_session for order in made.exchange.open())
    found = made.protect()
    assert len(found.armed) == 1
    (stop,), (target,) = made.exchange.open(Role.STOP), made.exchange.open(Role.TARGET)
    assert not stop.ends_with_session
    assert (stop.request.stop_price, target.request.limit_price) == (Decimal(97), Decimal(106))
    assert made.is_whole()
    made.reconcile()
    assert not made.protect().acted


def test_a_leg_that_filled_while_it_was_to_be_replaced_is_left_alone() -> None:
    made = bought()
    stop = made.only(Role.STOP)
    hit = Once(lambda: made.exchange.fill(stop, "97"))
    found = made.with_hooks(before={"cancel": hit}).protect()
    assert (found.armed, found.flattened) == ((), ())
    assert made.exchange.open() == []
    assert made.position() is None  # the second look took the fill over


def test_a_leg_that_sold_a_part_while_it_was_to_be_replaced_leaves_the_rest_covered() -> None:
    made = bought()
    stop = made.only(Role.STOP)
    hit = Once(lambda: made.exchange.fill(stop, "97", "6"))
    made.with_hooks(before={"cancel": hit}).protect()
    assert made.exchange.held["TSLA"] == Decimal(40)
    assert made.is_whole()


@pytest.mark.parametrize("point", MENDING_CHECKPOINTS)
def test_a_death_around_the_replacement_is_mended_by_the_next_look(point: str) -> None:
    made = bought()
    made.dies_at(point)
    made.later(seconds=10).protect()
    made.later(seconds=10).reconcile()
    assert made.is_whole()
    assert not made.protect().acted
    (stop,) = made.exchange.open(Role.STOP)
    assert not stop.ends_with_session


def test_an_unclear_cancel_concludes_nothing_and_the_next_look_mends() -> None:
    made = bought()
    found = made.with_hooks(before={"cancel": Fault(UNCLEAR)}).protect()
    assert found.armed == ()
    assert len(found.failed) == 1
    assert made.is_whole()  # the old leg still stands
    made.protect()
    assert not made.exchange.open(Role.STOP)[0].ends_with_session


@pytest.mark.parametrize("lost", ["before", "after"])
def test_a_stop_whose_sending_was_unclear_is_mended_by_the_next_look(lost: str) -> None:
    made = bought()
    fault = {"submit": Fault(UNCLEAR, role=Role.STOP)}
    found = (
        made.with_hooks(before=fault) if lost == "before" else made.with_hooks(after=fault)
    ).protect()
    assert found.armed == ()
    assert len(found.failed) == 1
    made.later(seconds=10).reconcile()
    made.protect()
    assert made.is_whole()
    assert made.exchange.posted["stop"] == 1


def test_a_pair_that_is_refused_is_followed_by_a_stop_alone() -> None:
    made = bought()
    made.exchange.refuse = 1
    made.protect()
    assert made.is_whole()
    assert made.exchange.open(Role.TARGET) == []


def test_a_stop_refused_twice_sells_the_position() -> None:
    made = bought()
    made.exchange.refuse = 2
    found = made.protect()
    assert len(found.flattened) == 1
    assert made.exchange.left(Role.EXIT) == Decimal(46)
    made.reconcile()
    made.protect()
    assert made.exchange.left(Role.EXIT) == Decimal(46)  # and never twice


def test_a_missing_stop_of_a_stock_comes_back_with_its_target() -> None:
    made = bought()
    made.protect()
    made.exchange.end(made.only(Role.STOP), OrderStatus.EXPIRED)
    made.reconcile()
    made.protect()
    assert len(made.exchange.open(Role.TARGET)) == 1
    assert made.is_whole()


def test_a_fill_of_moments_ago_is_waited_for_then_the_entry_ends_and_what_is_held_is_covered() -> (
    None
):
    made = entered()
    made.exchange.fill(made.only(Role.ENTRY), "100", "4")
    made.reconcile()
    assert not made.later(seconds=9).protect().acted
    made.later(seconds=1).protect()
    assert made.exchange.open(Role.ENTRY) == []
    assert made.exchange.left(Role.STOP) == Decimal(4)
    assert made.is_whole()


def test_what_fills_while_the_entry_is_cancelled_is_covered_in_the_same_look() -> None:
    made = entered()
    entry = made.only(Role.ENTRY)
    made.exchange.fill(entry, "100", "4")
    made.reconcile()
    late = Once(lambda: made.exchange.fill(entry, "100", "3"))
    made.later(seconds=20).with_hooks(before={"cancel": late}).protect()
    assert made.exchange.left(Role.STOP) == Decimal(7)
    assert made.is_whole()


def test_an_entry_that_filled_wholly_instead_of_being_cancelled_gets_its_pair() -> None:
    made = entered()
    entry = made.only(Role.ENTRY)
    made.exchange.fill(entry, "100", "4")
    made.reconcile()
    late = Once(lambda: made.exchange.fill(entry, "100"))
    made.later(seconds=20).with_hooks(before={"cancel": late}).protect()
    made.reconcile()
    made.protect()
    assert made.is_whole()
    assert not made.exchange.open(Role.STOP)[0].ends_with_session


def test_an_entry_past_its_bar_is_ended_and_its_fills_are_kept_and_covered() -> None:
    made = entered()
    made.exchange.fill(made.only(Role.ENTRY), "100", "4")
    made.reconcile()
    made.now = at(1)
    found = made.protect()
    assert len(found.ended) == 1
    held = made.position()
    assert held is not None
    assert held.quantity == Decimal(4)
    assert made.is_whole()


def test_an_entry_waits_while_its_bar_lasts() -> None:
    made = entered()
    made.later(minutes=3)
    assert not made.protect().acted
    assert len(made.exchange.open(Role.ENTRY)) == 1


def test_a_stale_entry_whose_cancel_is_unclear_is_told_and_tried_again() -> None:
    made = entered()
    made.now = at(1)
    found = made.with_hooks(before={"cancel": Fault(UNCLEAR)}).protect()
    assert len(found.failed) == 1
    assert len(made.protect().ended) == 1
    assert made.exchange.open() == []


def test_a_stop_above_what_the_broker_holds_is_replaced_by_one_that_fits() -> None:
    made = bought()
    made.protect()
    made.reconcile()
    made.exchange.held["TSLA"] = Decimal(40)  # somebody sold six elsewhere
    found = made.protect()
    assert len(found.ended) == 1
    assert made.is_whole()


def test_a_stop_whose_position_is_gone_everywhere_is_cancelled() -> None:
    made = bought()
    made.protect()
    made.reconcile()
    made.exchange.held["TSLA"] = Decimal(0)
    with made.kit.store.locked() as uow:
        uow.positions.remove("paper", 1, TSLA.agent_id)
    made.protect()
    assert made.exchange.open() == []
    assert made.exchange.posted["close"] == 0


@pytest.mark.parametrize("question", ["open_orders", "positions"])
def test_a_failed_question_is_never_flat_and_never_covered(question: str) -> None:
    made = bought()
    with pytest.raises(TransientBrokerError):
        made.with_hooks(before={question: Fault(AWAY)}).protect()
    assert made.exchange.posted["stop"] == 0
    assert made.exchange.asked["cancel"] == 0


def test_two_guards_at_once_place_one_pair() -> None:
    made = bought()
    other = Once(lambda: made.protect("other"))
    made.with_hooks(after={"positions": other}).protect()
    assert made.is_whole()
    assert made.exchange.posted["stop"] == 1


def test_a_stop_that_the_exchange_will_not_cancel_is_told() -> None:
    made = bought()
    no = OrderRejectedError("not cancelable")
    found = made.with_hooks(before={"cancel": Fault(no)}).protect()
    assert len(found.failed) == 1
    assert made.is_whole()
