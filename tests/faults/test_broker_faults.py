"""A broker that loses answers, fails lookups, rejects, refuses: never two orders, never naked.

What was not understood is UNKNOWN and asked again; a failed question concludes nothing.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.fakes.desk import DeskKit, at, bar, calm, kit_in_memory
from tests.fakes.desk_book import at_broker, held, our_orders, positions, stop_quantity
from tests.fakes.desk_broker import Fault, Hook, Once, interposed
from tests.fakes.desk_makers import proposal
from tests.fakes.desk_points import Meanwhile
from tests.faults.exam_table import Area
from tests.unit.risk.builders import TSLA
from ztrade_core.domain.orders import (
    BrokerOrder,
    OrderRequest,
    OrderStatus,
    OrderType,
    Role,
    Side,
)
from ztrade_core.domain.time import Timeframe, iso_z
from ztrade_core.errors import OrderRejectedError, OrderStateUnknownError, TransientBrokerError
from ztrade_core.trading.override import halt
from ztrade_core.trading.protection import protect
from ztrade_core.trading.reconciliation import reconcile
from ztrade_core.trading.submission import submit
from ztrade_core.trading.watch import watch

pytestmark = pytest.mark.exam(Area.BROKER_FAULTS)

LOST = OrderStateUnknownError("no answer came back")
AWAY = TransientBrokerError("the broker is away")
NO = OrderRejectedError("no")


def kit(*, sell: int | None = None, until: int = 0) -> DeskKit:
    """TSLA buys on bar 10; runs are made up to and including bar `until`."""
    script = {(TSLA.agent_id, iso_z(bar(10))): proposal("buy")}
    if sell is not None:
        script[TSLA.agent_id, iso_z(bar(sell))] = proposal("sell")
    made = kit_in_memory(script=script)
    made.put_bars({"TSLA": calm(40)})
    for number in range(10, until + 1):
        made.cycle(at(number))
    return made


def hooked(
    made: DeskKit, *, before: dict[str, Hook] | None = None, after: dict[str, Hook] | None = None
) -> DeskKit:
    return replace(made, wrap=interposed(before=before, after=after))


def mended(made: DeskKit) -> None:
    watch(made.desk(at(11)), at(11), holder="watch")


def cancel_stop(made: DeskKit) -> None:
    for order in made.broker().open_orders():
        if order.request.role is Role.STOP:
            made.broker().cancel(order.request.client_order_id)


def statuses(made: DeskKit, role: Role) -> list[str]:
    return sorted(order.status.value for order in our_orders(made, role))


def test_an_entry_whose_answer_was_lost_is_unknown_then_found_and_not_sent_again() -> None:
    made = kit()
    hooked(made, after={"submit": Fault(LOST)}).cycle(at(10))
    assert statuses(made, Role.ENTRY) == ["unknown"]
    made.cycle(at(10), holder="again")
    assert statuses(made, Role.ENTRY) == ["accepted"]
    assert len(at_broker(made, Role.ENTRY)) == 1
    made.cycle(at(11))
    assert stop_quantity(made) == held(made) > 0


def test_an_unknown_entry_keeps_its_reservation() -> None:
    made = kit()
    hooked(made, after={"submit": Fault(LOST)}).cycle(at(10))
    (order,) = our_orders(made)
    assert order.request.limit_price is not None
    assert order.reserved_usd == float(order.request.quantity * order.request.limit_price)


def test_an_entry_that_never_arrived_is_sent_by_the_next_run() -> None:
    made = kit()
    hooked(made, before={"submit": Fault(LOST)}).cycle(at(10))
    assert at_broker(made, Role.ENTRY) == []
    made.cycle(at(10), holder="again")
    assert len(at_broker(made, Role.ENTRY)) == 1


def test_nothing_is_sent_when_the_order_cannot_be_looked_up() -> None:
    made = kit()
    hooked(made, before={"order_by_client_id": Fault(AWAY, times=9)}).cycle(at(10))
    assert statuses(made, Role.ENTRY) == ["unknown"]
    assert at_broker(made, Role.ENTRY) == []
    made.cycle(at(10), holder="again")
    assert statuses(made, Role.ENTRY) == ["accepted"]


def test_a_rejected_entry_is_final_and_reserves_nothing() -> None:
    made = kit()
    hooked(made, before={"submit": Fault(NO)}).cycle(at(10))
    made.cycle(at(10), holder="again")
    (order,) = our_orders(made)
    assert (order.status, order.reserved_usd) == (OrderStatus.REJECTED, 0.0)
    assert at_broker(made, Role.ENTRY) == []


@pytest.mark.parametrize("question", ["open_orders", "fills", "positions"])
def test_a_failed_question_changes_nothing_in_the_book(question: str) -> None:
    made = kit(until=11)
    before = positions(made), our_orders(made)
    deaf = hooked(made, before={question: Fault(AWAY, times=9)}).desk(at(11))
    with pytest.raises(TransientBrokerError):
        reconcile(deaf, at(11))
    assert (positions(made), our_orders(made)) == before


def test_protection_concludes_nothing_from_a_failed_question() -> None:
    made = kit(until=11)
    deaf = hooked(made, before={"open_orders": Fault(AWAY)})
    with pytest.raises(TransientBrokerError):
        protect(deaf.desk(at(11)), at(11), holder="watch")
    assert len(our_orders(made, Role.STOP)) == 1


def test_a_stop_cancelled_behind_our_back_is_armed_again_under_a_new_id() -> None:
    made = kit(until=11)
    (first,) = our_orders(made, Role.STOP)
    cancel_stop(made)
    mended(made)
    assert statuses(made, Role.STOP) == ["accepted", "canceled"]
    newest = our_orders(made, Role.STOP)[0]
    assert newest.request.client_order_id != first.request.client_order_id
    assert newest.request.stop_price == first.request.stop_price
    assert stop_quantity(made) == held(made)


def test_a_stop_refused_once_is_armed_under_a_new_id() -> None:
    made = kit(until=11)
    cancel_stop(made)
    mended(hooked(made, before={"submit": Fault(NO, role=Role.STOP)}))
    assert statuses(made, Role.STOP) == ["accepted", "canceled", "rejected"]
    assert stop_quantity(made) == held(made)
    assert at_broker(made, Role.EXIT) == []


def test_a_stop_refused_twice_flattens_the_position() -> None:
    made = kit(until=11)
    cancel_stop(made)
    mended(hooked(made, before={"submit": Fault(NO, times=2, role=Role.STOP)}))
    assert statuses(made, Role.STOP) == ["canceled", "rejected", "rejected"]
    assert len(at_broker(made, Role.EXIT)) == 1
    mended(made)
    assert len(at_broker(made, Role.EXIT)) == 1
    made.cycle(at(12))
    assert held(made) == 0.0


def test_a_stop_whose_answer_was_lost_is_found_and_not_doubled() -> None:
    made = kit(until=11)
    cancel_stop(made)
    mended(hooked(made, after={"submit": Fault(LOST, role=Role.STOP)}))
    mended(made)
    assert stop_quantity(made) == held(made)
    assert statuses(made, Role.STOP) == ["accepted", "canceled"]


def test_two_guards_at_once_arm_one_stop() -> None:
    made = kit(until=11)
    cancel_stop(made)
    other = Once(lambda: protect(made.desk(at(11)), at(11), holder="other"))
    hooked_kit = hooked(made, after={"open_orders": other})
    protect(hooked_kit.desk(at(11)), at(11), holder="watch")
    assert stop_quantity(made) == held(made)


def test_a_guard_that_is_fenced_off_goes_on_with_the_other_positions() -> None:
    made = kit(until=11)
    cancel_stop(made)
    points = Meanwhile({"submitted": lambda: protect(made.desk(at(11)), at(11), holder="other")})
    found = protect(replace(made, checkpoints=points).desk(at(11)), at(11), holder="watch")
    assert found.checked == 1
    assert stop_quantity(made) == held(made)
    assert len(our_orders(made, Role.STOP)) == 2


def test_a_foreign_order_is_reported_each_time_and_never_touched() -> None:
    made = kit(until=11)
    foreign = OrderRequest(
        client_order_id="by-hand",
        agent_id=TSLA.agent_id,
        symbol="TSLA",
        timeframe=Timeframe.M5,
        role=Role.STOP,
        side=Side.SELL,
        type=OrderType.STOP,
        quantity=Decimal(1),
        position_id="by-hand",
        decided_bar=bar(11),
        stop_price=Decimal(50),
    )
    made.broker().submit(foreign)
    for _ in range(2):
        report = reconcile(made.desk(at(11)), at(11))
        assert report.foreign == ("by-hand",)
        assert not report.clean
    assert "by-hand" in {o.request.client_order_id for o in made.broker().open_orders()}


def test_an_order_of_ours_that_our_book_forgot_is_adopted_with_what_it_may_cost() -> None:
    made, forgetful = kit(), kit()
    made.cycle(at(10))
    adopting = replace(forgetful, simulations=made.simulations)
    report = reconcile(adopting.desk(at(10)), at(10))
    (ours,) = our_orders(adopting)
    assert report.adopted == (ours.request.client_order_id,)
    assert ours.reserved_usd == our_orders(made)[0].reserved_usd > 0.0


def test_an_entry_that_appears_late_is_taken_back_with_its_reservation() -> None:
    made = kit()
    swallowed: list[OrderRequest] = []

    def swallow(request: OrderRequest) -> None:
        swallowed.append(request)
        raise LOST

    hooked(made, before={"submit": swallow}).cycle(at(10))
    late = made.desk(at(10), now=at(10) + timedelta(hours=1))
    submit(late, swallowed[0].client_order_id, holder="late", at=at(11))
    assert statuses(made, Role.ENTRY) == ["expired"]
    made.broker().submit(swallowed[0])
    reconcile(made.desk(at(10)), at(10))
    (ours,) = our_orders(made)
    assert ours.status is OrderStatus.ACCEPTED
    assert ours.reserved_usd > 0.0


def test_older_news_never_undoes_newer() -> None:
    made = kit(until=10)
    other = Once(lambda: made.cycle(at(11)))  # fills the entry while our answers are on their way
    slow = hooked(made, after={"positions": other})
    reconcile(slow.desk(at(10)), at(10))
    (entry,) = our_orders(made, Role.ENTRY)
    assert (entry.status, entry.reserved_usd) == (OrderStatus.FILLED, 0.0)


def test_a_cancel_that_was_not_understood_is_not_taken_as_done() -> None:
    made = kit(until=10)
    (entry,) = at_broker(made, Role.ENTRY)
    assert isinstance(entry, BrokerOrder)
    lossy = hooked(made, before={"cancel": Fault(LOST)})
    done = halt(lossy.desk(at(10)), who="ada", why="a test", at=at(10))
    assert done.canceled == ()
    assert len(done.failed) == 1
    assert our_orders(made)[0].status is OrderStatus.ACCEPTED
