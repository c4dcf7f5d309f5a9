"""One decision, end to end: observe -> decide -> validate -> execute -> record.

Live, rehearsal and backtest run these very functions. Each stage may be run again after a crash:
it finds what is stored and goes on from there. `stages` runs them one by one, from ids.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.chain import Anchor, ChainHead
from ztrade_core.domain.decisions import Outcome, Verdict
from ztrade_core.domain.orders import TERMINAL, Order, OrderStatus, Role, entry_order_id
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.errors import LeaseLostError, StoreError, TransientBrokerError
from ztrade_core.logs import get_logger
from ztrade_core.trading.deciding import decide
from ztrade_core.trading.desk import CycleRequest, TradingDesk, stored_snapshot
from ztrade_core.trading.gateway import Admission, admit, rehearse_admission
from ztrade_core.trading.intents import sellable
from ztrade_core.trading.judging import chain_status
from ztrade_core.trading.leases import release_leases
from ztrade_core.trading.observation import Observed, observe
from ztrade_core.trading.override import cancel_halted
from ztrade_core.trading.plan import left_in
from ztrade_core.trading.protected import Protection
from ztrade_core.trading.protection import protect
from ztrade_core.trading.reconciliation import reconcile
from ztrade_core.trading.shadows import NOT_ASKED, Shadows, ask_shadows
from ztrade_core.trading.submission import Submission, submit

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What executing did. `submission` None when there was nothing to send."""

    submission: Submission | None
    protection: Protection
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """A proposal after the rules. `admission` None on a dry run: nothing was claimed."""

    verdicts: tuple[Verdict, ...]
    outcome: Outcome
    reason: str
    admission: Admission | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleResult:
    """A whole cycle. `execution` and `head` are None on a dry run, and no shadows were asked."""

    observed: Observed
    tape: Tape
    validated: Validated
    execution: Execution | None
    head: ChainHead | None
    shadows: Shadows = NOT_ASKED


def run_cycle(desk: TradingDesk, request: CycleRequest) -> CycleResult:
    """Run one agent's cycle in this process."""
    observed = observe(desk, request)
    tape = decide(desk, request, observed.snapshot)
    snapshot = observed.snapshot
    if tape.snapshot_hash != observed.snapshot_hash:  # another run answered first, a moment apart
        snapshot = stored_snapshot(desk, tape.snapshot_hash)
    validated = validate(desk, request, snapshot, tape)
    if validated.admission is None:
        return CycleResult(
            observed=observed, tape=tape, validated=validated, execution=None, head=None
        )
    execution = execute(desk, validated.admission, holder=request.holder, at=request.as_of)
    head = record(desk, place=request.holder, at=request.as_of)
    shadows = ask_shadows(desk, snapshot.key, holder=request.holder)
    return CycleResult(
        observed=observed,
        tape=tape,
        validated=validated,
        execution=execution,
        head=head,
        shadows=shadows,
    )


def validate(
    desk: TradingDesk, request: CycleRequest, snapshot: MarketSnapshot, tape: Tape
) -> Validated:
    """Admit the taped answer, or only judge it on a dry run.

    Open entries are cancelled when a breaker tripped on the way, now or in a run that died of it.
    """
    if request.dry_run:
        verdicts, outcome, reason = rehearse_admission(desk, snapshot, tape)
        return Validated(verdicts=verdicts, outcome=outcome, reason=reason, admission=None)
    admission = admit(desk, snapshot, tape)
    if admission.halted or not admission.fresh:
        cancel_halted(desk, snapshot.as_of)
    decision = admission.row.decision
    return Validated(
        verdicts=admission.row.verdicts,
        outcome=decision.outcome,
        reason=decision.reason,
        admission=admission,
    )


def execute(desk: TradingDesk, admission: Admission, *, holder: str, at: datetime) -> Execution:
    """Send what was admitted, then see that every position carries its stop.

    An exchange fills by itself: there the books are reconciled in between. When the broker cannot be
    asked, what was sent stays sent and the next look protects it; `protection.failed` says so.
    """
    submission: Submission | None = None
    note = "nothing to send"
    order = _to_send(desk, admission.order)
    if order is not None:
        try:
            submission = submit(desk, order.request.client_order_id, holder=holder, at=at)
            note = submission.message
        except LeaseLostError as error:
            note = str(error)
    try:
        if order is not None and desk.broker.is_external:
            reconcile(desk, at)
        protection = protect(desk, at, holder=holder)
    except (LeaseLostError, TransientBrokerError) as error:
        protection = Protection(checked=0, failed=(str(error),))
    finally:
        release_leases(desk, holder=holder)
    desk.checkpoints.reach("protected")
    return Execution(submission=submission, protection=protection, note=note)


def _to_send(desk: TradingDesk, order: Order | None) -> Order | None:
    """Return the order to continue: an exit that ended unfilled gets its next attempt."""
    if order is None or order.request.role is not Role.EXIT:
        return order
    if order.status not in TERMINAL or order.status is OrderStatus.FILLED:
        return order
    return _next_attempt(desk, order)


def _next_attempt(desk: TradingDesk, ended: Order) -> Order:
    request = ended.request
    left = _left_to_sell(desk, ended)
    if not left > 0:
        return ended
    with desk.store.locked() as uow:
        position = uow.positions.get(ended.account, ended.account_epoch, request.agent_id)
        if position is None or position.position_id != request.position_id:
            return ended
        legs = uow.orders.of_position(request.position_id)
        if ended.decision_id is None or any(_is_leaving(leg) for leg in legs):
            return ended
        row = uow.ledger.by_id(ended.decision_id)
        if row is None:
            raise StoreError(f"decision {ended.decision_id} is not in the ledger")
        attempts = uow.orders.of_decision(ended.decision_id)
        if attempts[-1].request.client_order_id != request.client_order_id:
            return attempts[-1]  # another run was here first
        order_id = entry_order_id(row.decision.key, request.symbol, request.side, len(attempts) + 1)
        quantity = min(left, position.quantity)
        again = replace(
            ended,
            request=replace(request, client_order_id=order_id, quantity=quantity),
            status=OrderStatus.INTENDED,
            broker_order_id=None,
            filled_quantity=quantity * 0,
            reason="",
        )
        uow.orders.insert(again)
        return again


def _left_to_sell(desk: TradingDesk, ended: Order) -> Decimal:
    """Return what an ended exit left; at an exchange no more than the broker holds and no sell is for.

    A broker that cannot be asked leaves nothing to be sent now.
    """
    request = ended.request
    left = request.quantity - ended.filled_quantity
    if not desk.broker.is_external:
        return left
    try:
        theirs, held = desk.broker.open_orders(), desk.broker.positions()
    except TransientBrokerError as error:
        log.warning("exit_not_tried_again", symbol=request.symbol, error=str(error))
        return Decimal(0)
    leaving = [
        order
        for order in theirs
        if order.request.symbol == request.symbol and order.request.role is Role.EXIT
    ]
    return min(left, sellable(request.symbol, left + left_in(leaving), held) - left_in(leaving))


def _is_leaving(order: Order) -> bool:
    return order.request.role is Role.EXIT and order.is_working


def record(desk: TradingDesk, *, place: str, at: datetime) -> ChainHead:
    """Anchor the chain's head: remember that `place` (outside this database) has shown it.

    Not over a broken chain: RULE_007 looks back to the last anchor only, and a newer one would hide
    the fault from it.
    """
    with desk.store.locked() as uow:
        head = uow.ledger.head()
        last = uow.ledger.last_anchor()
        is_new = last is None or last.sequence < head.sequence
        if is_new and chain_status(uow).fault is None:
            uow.ledger.put_anchor(
                Anchor(sequence=head.sequence, digest=head.digest, anchored_at=at, place=place)
            )
    desk.checkpoints.reach("recorded")
    return head
