"""Products that are wrong about an order on its way: ids, retries, unclear answers, the capital, runs."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from tests.faults.teeth_patches import answering, variant, wrong
from ztrade_core.brokers.alpaca.client import RefusedError, UnclearError
from ztrade_core.domain.orders import BrokerOrder, OrderRequest, OrderStatus
from ztrade_core.errors import (
    OrderRejectedError,
    OrderStateUnknownError,
)
from ztrade_core.risk import sizing as sizing_code
from ztrade_core.risk.projection import project
from ztrade_core.trading import deciding, gateway, judging
from ztrade_core.trading.desk import TradingDesk

CORE = "ztrade_core.trading."
ALPACA = "ztrade_core.brokers.alpaca."
Right = Callable[..., Any]


def random_ids_on_the_wire(right: Right) -> Right:
    def order_body(*args: Any) -> Any:
        return {**right(*args), "client_order_id": f"zt1-{uuid4().hex}"}

    return order_body


def order_before_intent(_right: Right) -> Right:
    def admit(desk: TradingDesk, snapshot: Any, tape: Any) -> Any:
        facts = gateway._settled_facts(desk, snapshot)
        with desk.store.reading() as uow:
            judged = judging.judge_proposal(desk, uow, snapshot, tape, facts, None)
        request = gateway.order_asked_for(desk.agent(snapshot.key.agent_id), snapshot, judged)
        if request is not None:
            desk.broker.submit(request)
        desk.checkpoints.reach("admitting")
        with desk.store.locked() as uow:
            return gateway._write(desk, uow, snapshot, tape, judged)

    return admit


def judged_outside_of_the_lock(_right: Right) -> Right:
    def admit(desk: TradingDesk, snapshot: Any, tape: Any) -> Any:
        facts = gateway._settled_facts(desk, snapshot)
        with desk.store.reading() as uow:
            judged = judging.judge_proposal(desk, uow, snapshot, tape, facts, None)
        desk.checkpoints.reach("admitting")
        with desk.store.locked() as uow:
            return gateway._write(desk, uow, snapshot, tape, judged)

    return admit


def sent_again_under_another_id(right: Right) -> Right:
    def sent(desk: TradingDesk, request: OrderRequest) -> BrokerOrder:
        try:
            answer: BrokerOrder = right(desk, request)
        except OrderStateUnknownError:
            again = replace(request, client_order_id=f"{request.client_order_id}-2")
            answer = right(desk, again)
        return answer

    return sent


def vendors_retry_on(right: Right) -> Right:
    def rewired(vendor: Any, session: Any) -> None:
        right(vendor, session)
        vendor._retry, vendor._retry_wait, vendor._retry_codes = 3, 0, [429, 504]

    return rewired


def unknown_as(status: OrderStatus) -> Callable[[Right], Right]:
    def made(right: Right) -> Right:
        def note(desk: Any, order_id: str, noted: OrderStatus, reason: str, at: Any) -> Any:
            taken = status if noted is OrderStatus.UNKNOWN else noted
            return right(desk, order_id, taken, reason, at)

        return note

    return made


def unclear_as_accepted(right: Right) -> Right:
    def sent(desk: TradingDesk, request: OrderRequest) -> BrokerOrder:
        try:
            answer: BrokerOrder = right(desk, request)
        except OrderStateUnknownError:
            answer = BrokerOrder(
                broker_order_id="surely",
                request=request,
                status=OrderStatus.ACCEPTED,
                filled_quantity=request.quantity * 0,
                updated_at=desk.clock.now(),
                reason="",
            )
        return answer

    return sent


def taken_id_as_rejection(_right: Right) -> Right:
    def answered(_self: Any, request: OrderRequest, act: Right) -> Any:
        try:
            return act(request)
        except RefusedError as error:
            raise OrderRejectedError(str(error)) from error
        except UnclearError as error:
            raise OrderStateUnknownError(str(error)) from error

    return answered


def only_own_bounds(right: Right) -> Right:
    def rooms(*args: Any) -> Any:
        own = {sizing_code.Bound.POSITION, sizing_code.Bound.RISK}
        return {bound: room for bound, room in right(*args).items() if bound in own}

    return rooms


def asked_again(right: Right) -> Right:
    def decide(desk: TradingDesk, request: Any, snapshot: Any) -> Any:
        agent = desk.agent(request.agent_id)
        deciding._answer(desk, request, snapshot, agent)  # and only then looks for a tape
        return right(desk, request, snapshot)

    return decide


def slots_by_the_moment(right: Right) -> Right:
    def observed(desk: TradingDesk, request: Any) -> Any:
        found = right(desk, request)
        key = replace(found.key, slot=f"{found.key.slot}+{request.as_of:%S}")
        snapshot = replace(found.snapshot, key=key)
        with desk.store.locked() as uow:
            kept = uow.ledger.put_snapshot(snapshot)
        return replace(found, key=key, snapshot=snapshot, snapshot_hash=kept)

    return observed


def random_id(_right: Right) -> Right:
    return lambda *_args: f"zt1-{uuid4().hex}"


def in_earnest(right: Right) -> Right:
    def validate(desk: Any, request: Any, snapshot: Any, tape: Any) -> Any:
        return right(desk, replace(request, dry_run=False), snapshot, tape)

    return validate


def present_book(_right: Right) -> Right:
    return lambda case: project(case.book)


NOTE = CORE + "submission:_note"
SENT = CORE + "submission:_sent"
ADMIT = CORE + "gateway:admit"
DUPLICATE = "duplicated: more than one entry was sent"
OVERSPENT = "rule_breaks: RULE_006: gross"

VARIANTS = (
    variant(
        "random ids on the wire",
        "a_day",
        "wrong: was sent before its intent was written",
        wrong(ALPACA + "forms:order_body", random_ids_on_the_wire),
    ),
    variant(
        "random ids of decisions",
        "database_lost_before_the_order_shows",
        DUPLICATE,
        wrong("ztrade_core.domain.orders:entry_order_id", random_id),
    ),
    variant(
        "order before intent",
        "killed_before_the_intent",
        "wrong: is at the broker and not in our book",
        wrong(ADMIT, order_before_intent),
    ),
    variant("blind retry", "lost_answer", DUPLICATE, wrong(SENT, sent_again_under_another_id)),
    variant(
        "the vendor's retry",
        "lost_answer",
        "wrong: was sent again without looking it up",
        wrong(ALPACA + "client:rewired", vendors_retry_on),
    ),
    variant(
        "no look-up before sending",
        "unseen_for_long",
        "wrong: was sent again without looking it up",
        answering(ALPACA + "broker:AlpacaBroker.order_by_client_id", None),
    ),
    variant(
        "timeout taken as failure",
        "unseen_for_long",
        OVERSPENT,
        wrong(NOTE, unknown_as(OrderStatus.REJECTED)),
    ),
    variant(
        "timeout of a stop taken as failure",
        "stop_answer_lost",
        "wrong: we say rejected, the broker accepted",
        wrong(NOTE, unknown_as(OrderStatus.REJECTED)),
    ),
    variant(
        "timeout taken as success",
        "never_arrived",
        "lost: ",
        wrong(SENT, unclear_as_accepted),
    ),
    variant(
        "duplicate id taken as rejection",
        "unseen_for_long",
        OVERSPENT,
        wrong(ALPACA + "broker:AlpacaBroker._answered", taken_id_as_rejection),
    ),
    variant(
        "no capital lock",
        "race_for_the_last_capital",
        OVERSPENT,
        wrong(ADMIT, judged_outside_of_the_lock),
    ),
    variant(
        "reservations not counted",
        "two_entries_rest",
        OVERSPENT,
        answering(CORE + "marking:_still_reserved", 0.0),
    ),
    variant(
        "limits of the present book",
        "greedy_agent",
        "rule_breaks: RULE_005: TSLA",
        wrong("ztrade_core.risk.projection:projected_book", present_book),
        wrong("ztrade_core.risk.sizing:_rooms", only_own_bounds),
    ),
    variant(
        "model asked again",
        "killed_after_the_answer",
        "duplicated: the mind was asked",
        wrong(CORE + "deciding:decide", asked_again),
    ),
    variant(
        "slot not unique",
        "double_tick",
        "duplicated: one bar was decided 2 times",
        wrong(CORE + "observation:observe", slots_by_the_moment),
    ),
    variant(
        "lease not checked",
        "zombie",
        "wrong: we say accepted, the broker filled",
        answering(CORE + "leases:require_lease", None),
    ),
    variant(
        "late entry is sent",
        "late_run",
        "rule_breaks: an entry was sent after its bar",
        answering(CORE + "intents:too_late_to_send", value=False),
    ),
    variant(
        "dry run that trades",
        "dry_run",
        "wrong: a dry run has sent",
        wrong(CORE + "cycle:validate", in_earnest),
    ),
)
