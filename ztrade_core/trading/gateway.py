"""The gateway, first half: `admit` decides once whether an order may exist.

`admit` is ONE locked transaction: it reads the book, evaluates every rule against the projected
book, and writes decision, verdicts, reservation and order intent. No broker or model is called
while it is open. A claimed slot is returned as it was decided. Dagster shows the rules; this file
enforces them. The second half, sending, is `submission`.
"""

from dataclasses import dataclass, replace

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.book import Halt
from ztrade_core.domain.canonical import sha256_hex
from ztrade_core.domain.chain import order_digest
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import ChainedDecision, Decision, Outcome, SlotKey, Verdict
from ztrade_core.domain.orders import Order, OrderRequest, OrderStatus, Role, entry_order_id
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import new_york_date, new_york_midnight
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.admission import request_of
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.judging import Judged, judge_proposal
from ztrade_core.trading.marking import AccountFacts, account_facts, agrees, marks_of
from ztrade_core.trading.news_slots import refuse_second_story
from ztrade_core.trading.reconciled import survey
from ztrade_core.trading.reconciliation import reconcile


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What admitting left: the ledger's row, and the order it may send (None without one).

    `fresh`: this call decided it; False when the slot was claimed before.
    `halted`: breakers that tripped now; their open entries are to be cancelled.
    """

    row: ChainedDecision
    order: Order | None
    fresh: bool
    halted: tuple[Halt, ...] = ()


def admit(desk: TradingDesk, snapshot: MarketSnapshot, tape: Tape) -> Admission:
    """Decide a slot: once, whoever asks, however often. InputError for a second story of one bar."""
    facts = _settled_facts(desk, snapshot)
    halt_file = desk.halt_signal.standing()
    desk.checkpoints.reach("admitting")
    with desk.store.locked() as uow:
        claimed = uow.ledger.find(snapshot.key)
        if claimed is not None:
            orders = uow.orders.of_decision(claimed.decision.decision_id)
            return Admission(row=claimed, order=orders[-1] if orders else None, fresh=False)
        refuse_second_story(desk, uow, snapshot)
        judged = judge_proposal(desk, uow, snapshot, tape, facts, halt_file)
        admission = _write(desk, uow, snapshot, tape, judged)
    desk.checkpoints.reach("admitted")
    return admission


def _settled_facts(desk: TradingDesk, snapshot: MarketSnapshot) -> AccountFacts:
    """Ask what the book needs; when the broker filled something since it was observed, reconcile."""
    view = desk.market.view(snapshot.as_of)
    facts = account_facts(desk, view)
    with desk.store.reading() as uow:
        settled = agrees(uow.positions.all(desk.account, facts.epoch), facts.held)
    if settled:
        return facts
    reconcile(desk, snapshot.as_of)
    return account_facts(desk, view)


def rehearse_admission(
    desk: TradingDesk, snapshot: MarketSnapshot, tape: Tape
) -> tuple[tuple[Verdict, ...], Outcome, str]:
    """Judge a dry run: the same rules on the same book, recorded as a proposal, claiming nothing."""
    judged = judged_now(desk, snapshot, tape)
    with desk.store.locked() as uow:
        uow.tapes.put_proposal(tape, judged.verdicts, judged.outcome.value)
    return judged.verdicts, judged.outcome, judged.reason


def judged_now(desk: TradingDesk, snapshot: MarketSnapshot, tape: Tape) -> Judged:
    """Return what the rules say of an answer on the book as it stands; writes nothing."""
    view = desk.market.view(snapshot.as_of)
    midnight = new_york_midnight(new_york_date(snapshot.as_of))
    base_marks = marks_of(desk, view, until=midnight)
    surveyed = survey(desk, snapshot.as_of)
    facts = replace(account_facts(desk, view), base_marks=base_marks, survey=surveyed)
    halt_file = desk.halt_signal.standing()
    with desk.store.reading() as uow:
        return judge_proposal(desk, uow, snapshot, tape, facts, halt_file)


def _write(
    desk: TradingDesk, uow: UnitOfWork, snapshot: MarketSnapshot, tape: Tape, judged: Judged
) -> Admission:
    request = order_asked_for(desk.agent(snapshot.key.agent_id), snapshot, judged)
    decision = decision_of(desk.company.digest, snapshot, tape, judged, request)
    row = uow.ledger.append(decision, judged.verdicts, order_digest(request))
    for halt in judged.halted:
        uow.halts.add(desk.account, halt)
    if request is None:
        return Admission(row=row, order=None, fresh=True, halted=judged.halted)
    candidate = judged.draft.candidate
    is_entry = request.role is Role.ENTRY
    order = Order(
        request=request,
        account=desk.account,
        account_epoch=snapshot.key.account_epoch,
        decision_id=decision.decision_id,
        status=OrderStatus.INTENDED,
        created_at=snapshot.as_of,
        updated_at=snapshot.as_of,
        reserved_usd=candidate.notional_usd if is_entry and candidate is not None else 0.0,
    )
    uow.orders.insert(order)
    return Admission(row=row, order=order, fresh=True, halted=judged.halted)


def order_asked_for(
    agent: AgentConfig, snapshot: MarketSnapshot, judged: Judged
) -> OrderRequest | None:
    """Return the order that a judged proposal asks for; None without one."""
    candidate = judged.draft.candidate
    if candidate is None or judged.outcome not in {Outcome.APPROVED, Outcome.RESIZED}:
        return None
    order_id = entry_order_id(snapshot.key, agent.symbol, candidate.side, 1)
    return request_of(judged.draft, candidate, agent, judged.book, snapshot, order_id)


def decision_id_of(key: SlotKey) -> str:
    """Derive a decision's id from its slot."""
    text = "|".join((key.account, str(key.account_epoch), key.agent_id, key.slot))
    return "d-" + sha256_hex(text)[:24]


def decision_of(
    config_digest: str,
    snapshot: MarketSnapshot,
    tape: Tape,
    judged: Judged,
    request: OrderRequest | None,
) -> Decision:
    """Return the ledger's row of a judged proposal, before it is chained."""
    candidate, sizing = judged.draft.candidate, judged.draft.sizing
    wanted = 0.0
    if candidate is not None:
        wanted = candidate.quantity if sizing is None else sizing.wanted_quantity
    return Decision(
        decision_id=decision_id_of(snapshot.key),
        key=snapshot.key,
        symbol=snapshot.symbol,
        decided_at=tape.taped_at,
        as_of=snapshot.as_of,
        snapshot_hash=tape.snapshot_hash,
        config_digest=config_digest,
        proposal=tape.proposal,
        outcome=judged.outcome,
        reason=judged.reason,
        wanted_quantity=wanted,
        quantity=0.0 if request is None else float(request.quantity),
        limit_price=judged.draft.limit_price,
        stop_price=None if candidate is None else candidate.stop_price,
        target_price=None if candidate is None else candidate.target_price,
        client_order_id=None if request is None else request.client_order_id,
        book=judged.book_text,
    )
