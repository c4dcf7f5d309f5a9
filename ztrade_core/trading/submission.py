"""The gateway, second half: `submit` sends an admitted order once, and finds out what became of it.

Look the id up, then send, with no retry. What is not understood is UNKNOWN and is looked up again
by the next run; a definite no is REJECTED. Before sending, one transaction checks again: verdict,
halts, chain, lease; and once more, last of all, that the order is still this run's to send and that
no halt came meanwhile. A halt that came while an entry was on its way cancels it. Exits and stops are blocked by nothing but a
lost lease, or by a position that is closed.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from ztrade_core.domain.chain import chain_digest, order_digest
from ztrade_core.domain.decisions import ChainedDecision, Outcome
from ztrade_core.domain.orders import (
    TERMINAL,
    BrokerOrder,
    Order,
    OrderRequest,
    OrderStatus,
    Role,
)
from ztrade_core.errors import (
    BrokerError,
    OrderRejectedError,
    OrderStateUnknownError,
    StoreError,
    TransientBrokerError,
)
from ztrade_core.logs import get_logger
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.holding import within_holding
from ztrade_core.trading.intents import is_held, reserved_usd, too_late_to_send
from ztrade_core.trading.judging import chain_status
from ztrade_core.trading.leases import require_lease, take_lease

NOTHING_TO_SELL = "the broker holds nothing of it to sell"
log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The order as our book now knows it, and a sentence on what happened."""

    order: Order
    sent: bool
    message: str


def submit(desk: TradingDesk, client_order_id: str, *, holder: str, at: datetime) -> Submission:
    """Send an order of our book unless it was sent before. Raises LeaseLostError when fenced off."""
    prepared = _prepare(desk, client_order_id, holder, at)
    if isinstance(prepared, Submission):
        return prepared
    order, refusal = prepared
    desk.checkpoints.reach("submitting")
    try:
        known = desk.broker.order_by_client_id(client_order_id)
        request = within_holding(desk, order, at) if known is None else order.request
        refusal = refusal if request.quantity > 0 else NOTHING_TO_SELL
        held_back = _held_back(desk, order, refusal, holder, at) if known is None else None
        if held_back is not None:
            return held_back
        answered = _sent(desk, request) if known is None else known
    except OrderRejectedError as error:
        return _note(desk, client_order_id, OrderStatus.REJECTED, str(error), at)
    except (OrderStateUnknownError, TransientBrokerError) as error:
        return _note(desk, client_order_id, OrderStatus.UNKNOWN, str(error), at)
    desk.checkpoints.reach("submitted")
    done = _acknowledge(desk, answered, holder, at, sent=known is None)
    desk.checkpoints.reach("acknowledged")
    return _withdrawn_if_halted(desk, done, holder, at)


def _sent(desk: TradingDesk, request: OrderRequest) -> BrokerOrder:
    """Send once; an exit goes in place of the stop that reserves its shares."""
    return desk.broker.close(request) if request.role is Role.EXIT else desk.broker.submit(request)


def _prepare(
    desk: TradingDesk, client_order_id: str, holder: str, at: datetime
) -> tuple[Order, str | None] | Submission:
    """Return the order to look up, and why it may no longer be sent; or that nothing is to do.

    A former run may have died while sending: only the broker knows whether a refused order that is
    not INTENDED any more has reached it.
    """
    halt_file = desk.halt_signal.standing()
    with desk.store.locked() as uow:
        order = uow.orders.get(client_order_id)
        if order is None:
            raise StoreError(f"no order {client_order_id} in the store: admit it first")
        take_lease(desk, uow, order.request.agent_id, holder)
        if order.status in TERMINAL or order.broker_order_id is not None:
            return Submission(order=order, sent=False, message=f"already {order.status.value}")
        refusal = _refusal(desk, uow, order, halt_file)
        if refusal is not None and order.status is OrderStatus.INTENDED:
            ended = _changed(order, OrderStatus.CANCELED, refusal, at)
            uow.orders.update(ended)
            return Submission(order=ended, sent=False, message=refusal)
        sending = _changed(order, OrderStatus.SUBMITTING, "", at)
        uow.orders.update(sending)
        return sending, refusal


def _held_back(
    desk: TradingDesk, order: Order, refusal: str | None, holder: str, at: datetime
) -> Submission | None:
    """Return an order that is not to be sent any more; raise LeaseLostError when fenced off."""
    client_order_id = order.request.client_order_id
    if refusal is not None:
        return _note(desk, client_order_id, OrderStatus.CANCELED, refusal, at)
    if too_late_to_send(desk, order, max(at, desk.clock.now())):
        reason = "its bar has passed before it could be sent"
        return _note(desk, client_order_id, OrderStatus.EXPIRED, reason, at)
    is_entry = order.request.role is Role.ENTRY
    halt_file = desk.halt_signal.standing() if is_entry else None
    with desk.store.reading() as uow:
        require_lease(desk, uow, order.request.agent_id, holder)
        known = uow.orders.get(client_order_id)
        halted = _halted(desk, uow, order, halt_file) if is_entry else None
    if halted is not None:  # it was set since the order was looked up
        return _note(desk, client_order_id, OrderStatus.CANCELED, halted, at)
    if known is None or known.is_working:
        return None
    return Submission(order=known, sent=False, message=f"meanwhile {known.status.value}")


def _withdrawn_if_halted(
    desk: TradingDesk, done: Submission, holder: str, at: datetime
) -> Submission:
    """Cancel an entry again when a halt was set while it was on its way."""
    if done.order.request.role is not Role.ENTRY or not done.order.is_working:
        return done
    halt_file = desk.halt_signal.standing()
    with desk.store.reading() as uow:
        halted = _halted(desk, uow, done.order, halt_file)
    if halted is None:
        return done
    try:
        theirs = desk.broker.cancel(done.order.request.client_order_id)
    except BrokerError as error:
        return replace(done, message=f"{done.message}; {halted}; not cancelled: {error}")
    ended = _acknowledge(desk, theirs, holder, at, sent=done.sent)
    return replace(ended, message=f"{ended.message}; {halted}")


def _refusal(desk: TradingDesk, uow: UnitOfWork, order: Order, halt_file: str | None) -> str | None:
    """Return why an order may no longer be sent; nothing stops a sell of what is still held."""
    if order.request.role is not Role.ENTRY:
        return None if is_held(uow, order) else "its position is closed"
    halted = _halted(desk, uow, order, halt_file)
    if halted is not None:
        return halted
    row = None if order.decision_id is None else uow.ledger.by_id(order.decision_id)
    if row is None:
        return "no decision in the ledger asked for it"
    fault = chain_status(uow).fault if desk.company.risk.verify_chain else None
    if fault is not None:
        return f"the ledger does not verify: row {fault.sequence}: {fault.problem}"
    return _ledger_refusal(row, order)


def _halted(desk: TradingDesk, uow: UnitOfWork, order: Order, halt_file: str | None) -> str | None:
    if halt_file is not None:
        return f"halted by the file HALT: {halt_file}"
    for halt in uow.halts.standing(desk.account):
        if halt.agent_id in {None, order.request.agent_id}:
            return f"halted: {halt.kind} by {halt.who}: {halt.why}"
    return None


def _ledger_refusal(row: ChainedDecision, order: Order) -> str | None:
    if row.decision.outcome not in {Outcome.APPROVED, Outcome.RESIZED}:
        return f"its decision is {row.decision.outcome.value}"
    digest = chain_digest(
        row.previous_digest, row.sequence, row.decision, row.verdicts, row.order_digest
    )
    if digest != row.digest or row.order_digest != order_digest(order.request):
        return "its decision in the ledger was edited"
    return None


def _acknowledge(
    desk: TradingDesk, theirs: BrokerOrder, holder: str, at: datetime, *, sent: bool
) -> Submission:
    with desk.store.locked() as uow:
        order = uow.orders.get(theirs.request.client_order_id)
        if order is None:
            raise StoreError(f"order {theirs.request.client_order_id} vanished from the store")
        require_lease(desk, uow, order.request.agent_id, holder)
        known = replace(
            order,
            status=theirs.status,
            broker_order_id=theirs.broker_order_id,
            filled_quantity=theirs.filled_quantity,
            reserved_usd=reserved_usd(desk, theirs),
            updated_at=at,
            reason=theirs.reason,
        )
        uow.orders.update(known)
    message = "sent" if sent else "the broker had it already"
    return Submission(order=known, sent=sent, message=f"{message}: {theirs.status.value}")


def _note(
    desk: TradingDesk, client_order_id: str, status: OrderStatus, reason: str, at: datetime
) -> Submission:
    log.warning("order_not_sent", client_order_id=client_order_id, status=status, reason=reason)
    with desk.store.locked() as uow:
        order = uow.orders.get(client_order_id)
        if order is None:
            raise StoreError(f"order {client_order_id} vanished from the store")
        if order.broker_order_id is not None or order.status in TERMINAL:
            return Submission(order=order, sent=False, message=f"already {order.status.value}")
        noted = _changed(order, status, reason, at)
        uow.orders.update(noted)
        return Submission(order=noted, sent=False, message=reason)


def _changed(order: Order, status: OrderStatus, reason: str, at: datetime) -> Order:
    reserved = 0.0 if status in TERMINAL else order.reserved_usd
    return replace(order, status=status, reason=reason, updated_at=at, reserved_usd=reserved)
