"""Sending: what is checked again before an entry leaves the house, and what is never sent twice."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.fakes.desk import ACCOUNT, DeskKit, at
from tests.fakes.desk_makers import proposal
from tests.fakes.store_rows import halt, slot_key
from tests.unit.trading.builders import BUY, TSLA, at_bar, kit, only
from ztrade_core.domain.chain import Anchor
from ztrade_core.domain.decisions import Decision
from ztrade_core.domain.orders import Order, OrderStatus
from ztrade_core.errors import StoreError
from ztrade_core.trading.deciding import decide
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.gateway import admit
from ztrade_core.trading.observation import observe
from ztrade_core.trading.submission import Submission, submit


def admitted() -> tuple[DeskKit, Order]:
    """An entry that is admitted and not sent."""
    desk_kit = kit({at_bar(0): BUY})
    desk = desk_kit.desk(at(0))
    request = CycleRequest(agent_id=TSLA.agent_id, as_of=at(0), holder="run")
    snapshot = observe(desk, request).snapshot
    admission = admit(desk, snapshot, decide(desk, request, snapshot))
    assert admission.order is not None
    return desk_kit, admission.order


def sent(desk_kit: DeskKit, order: Order, number: int = 0) -> Submission:
    desk = desk_kit.desk(at(number))
    return submit(desk, order.request.client_order_id, holder="run", at=at(number))


def changed(desk_kit: DeskKit, order: Order) -> None:
    with desk_kit.store.locked() as uow:
        uow.orders.update(order)


def test_an_admitted_entry_is_sent_once() -> None:
    desk_kit, order = admitted()
    first, second = sent(desk_kit, order), sent(desk_kit, order)
    assert (first.sent, first.message) == (True, "sent: accepted")
    assert (second.sent, second.message) == (False, "already accepted")
    assert len(desk_kit.broker().open_orders()) == 1


def test_an_entry_that_the_broker_has_is_not_sent_again() -> None:
    desk_kit, order = admitted()
    desk_kit.broker().submit(order.request)
    again = sent(desk_kit, order)
    assert (again.sent, again.message) == (False, "the broker had it already: accepted")


@pytest.mark.parametrize(
    "status", [OrderStatus.INTENDED, OrderStatus.SUBMITTING, OrderStatus.UNKNOWN]
)
def test_an_entry_that_never_arrived_is_not_sent_under_a_halt(status: OrderStatus) -> None:
    desk_kit, order = admitted()
    changed(desk_kit, replace(order, status=status))
    with desk_kit.store.locked() as uow:
        uow.halts.add(ACCOUNT, halt())
    result = sent(desk_kit, order)
    assert result.order.status is OrderStatus.CANCELED
    assert result.message == "halted: manual by anna: storm"
    assert result.order.reserved_usd == 0.0
    assert desk_kit.broker().open_orders() == ()


def test_an_entry_that_arrived_before_the_halt_is_recognised_and_cancelled() -> None:
    desk_kit, order = admitted()
    desk_kit.broker().submit(order.request)
    changed(desk_kit, replace(order, status=OrderStatus.SUBMITTING))
    with desk_kit.store.locked() as uow:
        uow.halts.add(ACCOUNT, halt())
    assert sent(desk_kit, order).message.startswith("the broker had it already: canceled")
    assert desk_kit.broker().open_orders() == ()


def test_a_halt_of_another_agent_stops_nothing() -> None:
    desk_kit, order = admitted()
    with desk_kit.store.locked() as uow:
        uow.halts.add(ACCOUNT, halt(agent_id="agent_iwm"))
    assert sent(desk_kit, order).sent


def test_an_order_that_is_not_what_was_decided_is_not_sent() -> None:
    desk_kit, order = admitted()
    larger = replace(order.request, client_order_id="zt1-larger", quantity=Decimal(4600))
    with desk_kit.store.locked() as uow:
        uow.orders.insert(replace(order, request=larger))
    result = submit(desk_kit.desk(at(0)), "zt1-larger", holder="run", at=at(0))
    assert result.message == "its decision in the ledger was edited"
    assert desk_kit.broker().open_orders() == ()


def test_nothing_is_sent_on_a_ledger_that_does_not_verify() -> None:
    desk_kit, order = admitted()
    other = replace(admitted_decision(desk_kit), decision_id="d-2", key=slot_key())
    with desk_kit.store.locked() as uow:
        uow.ledger.append(other, (), "")
        head = uow.ledger.head()
        uow.ledger.put_anchor(
            Anchor(sequence=head.sequence, digest="0" * 64, anchored_at=at(0), place="outside")
        )
    result = sent(desk_kit, order)
    assert result.message.startswith("the ledger does not verify: row 2")
    assert result.order.status is OrderStatus.CANCELED


def admitted_decision(desk_kit: DeskKit) -> Decision:
    with desk_kit.store.reading() as uow:
        return next(iter(uow.ledger.rows())).decision


def test_an_entry_without_a_decision_is_not_sent() -> None:
    desk_kit, order = admitted()
    orphan = replace(order.request, client_order_id="zt1-orphan")
    with desk_kit.store.locked() as uow:
        uow.orders.insert(replace(order, request=orphan, decision_id=None))
    result = submit(desk_kit.desk(at(0)), "zt1-orphan", holder="run", at=at(0))
    assert result.message == "no decision in the ledger asked for it"
    assert result.order.status is OrderStatus.CANCELED


def test_an_entry_whose_bar_has_passed_is_not_sent() -> None:
    desk_kit, order = admitted()
    result = sent(desk_kit, order, number=1)
    assert result.order.status is OrderStatus.EXPIRED
    assert desk_kit.broker().open_orders() == ()


def test_a_rejected_entry_reserves_nothing() -> None:
    desk_kit, order = admitted()
    poor = replace(
        desk_kit,
        company=replace(
            desk_kit.company, broker=replace(desk_kit.company.broker, initial_cash_usd=1.0)
        ),
    )
    poor.broker().reset(at(0))
    desk = poor.desk(at(0))
    result = submit(desk, order.request.client_order_id, holder="run", at=at(0))
    assert result.order.status is OrderStatus.REJECTED
    assert result.order.reserved_usd == 0.0
    assert "insufficient buying power" in result.message


def test_an_unknown_id_is_refused() -> None:
    with pytest.raises(StoreError, match="admit it first"):
        submit(kit().desk(at(0)), "zt1-nothing", holder="run", at=at(0))


def test_a_hold_has_nothing_to_send() -> None:
    desk_kit = kit({at_bar(0): proposal("hold")})
    execution = desk_kit.cycle(at(0)).execution
    assert execution is not None
    assert (execution.submission, execution.note) == (None, "nothing to send")


def test_the_whole_cycle_sends_what_it_admitted() -> None:
    desk_kit = kit({at_bar(0): BUY})
    execution = desk_kit.cycle(at(0)).execution
    assert execution is not None
    assert execution.note == "sent: accepted"
    assert only(desk_kit, "entry").broker_order_id is not None
