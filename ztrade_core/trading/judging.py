"""A proposal under the rules: sized, judged against the projected book, and given an outcome.

Reads the caller's transaction and writes nothing; the gateway and the dry run both come here.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.book import Book, Halt
from ztrade_core.domain.canonical import canonical_json, sha256_hex
from ztrade_core.domain.chain import EMPTY_HEAD, ChainFault, ChainHead, first_fault
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.domain.decisions import Outcome, Verdict
from ztrade_core.domain.orders import Role, Side
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.errors import LedgerBrokenError
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.risk.breakers import breaker_trips, halt_text, standing_halts
from ztrade_core.risk.case import ChainStatus, RiskCase, market_facts
from ztrade_core.risk.judge import denials, judge, rules_for
from ztrade_core.trading.admission import NOTHING, Draft, draft_of
from ztrade_core.trading.asking import spent_for
from ztrade_core.trading.conduct import desk_facts
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.marking import AccountFacts, build_book


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A proposal under the rules, before anything is written."""

    draft: Draft
    book: Book
    verdicts: tuple[Verdict, ...]
    outcome: Outcome
    reason: str
    book_text: str
    halted: tuple[Halt, ...]


def judge_proposal(
    desk: TradingDesk,
    uow: UnitOfWork,
    snapshot: MarketSnapshot,
    tape: Tape,
    facts: AccountFacts,
    halt_file: str | None,
) -> Judged:
    """Size and judge a proposal on the book of the caller's transaction; writes nothing."""
    agent = desk.agent(snapshot.key.agent_id)
    book = build_book(desk, uow, facts)
    draft = draft_of(desk.company, agent, book, snapshot, tape.proposal)
    if draft.candidate is not None and draft.candidate.side is Side.SELL:
        draft = _without_second_exit(uow, book, agent, draft)
    market = market_facts(snapshot)
    known = desk_facts(desk, uow, facts, agent, market.last_bar)
    case = RiskCase(
        company=desk.company,
        agent=agent,
        book=book,
        candidate=draft.candidate,
        market=market,
        desk=replace(known, model_spent_usd=spent_for(desk, uow, tape)),
        chain=chain_status(uow),
        halt_file=halt_file,
    )
    halted = new_halts(desk.company, book, uow, snapshot.as_of)
    case = replace(case, book=replace(book, halts=(*book.halts, *halted)))
    verdicts = judge(case, rules_for(desk.company))
    outcome, reason = _outcome(case, draft, tape, verdicts)
    return Judged(
        draft=draft,
        book=case.book,
        verdicts=verdicts,
        outcome=outcome,
        reason=reason,
        book_text=_book_text(case),
        halted=halted,
    )


def _without_second_exit(uow: UnitOfWork, book: Book, agent: AgentConfig, draft: Draft) -> Draft:
    for order in uow.orders.working(book.account, book.account_epoch):
        request = order.request
        if request.role is Role.EXIT and request.agent_id == agent.agent_id:
            return replace(NOTHING, reason=exit_at_work(request.client_order_id))
    return draft


def exit_at_work(order_id: str) -> str:
    """Return why a second exit is not sent."""
    return f"exit {order_id} is working already"


def chain_status(uow: UnitOfWork) -> ChainStatus:
    """Verify the ledger from the last anchor (from its beginning without one) to its head.

    A row that cannot be read is a fault like any other: it denies entries, and no exit waits for it.
    """
    try:
        return ChainStatus(verified=True, fault=_fault_since_anchor(uow))
    except LedgerBrokenError as error:
        fault = ChainFault(
            sequence=error.sequence, decision_id=error.decision_id, problem=error.problem
        )
        return ChainStatus(verified=True, fault=fault)


def _fault_since_anchor(uow: UnitOfWork) -> ChainFault | None:
    anchor = uow.ledger.last_anchor()
    if anchor is None or anchor.sequence == 0:
        return first_fault(uow.ledger.rows(), after=EMPTY_HEAD)
    rows = uow.ledger.rows(after=anchor.sequence - 1)
    anchored = next(rows, None)
    head = ChainHead(sequence=anchor.sequence, digest=anchor.digest)
    own = () if anchored is None else (anchored,)
    previous = "" if anchored is None else anchored.previous_digest
    before = ChainHead(sequence=anchor.sequence - 1, digest=previous)
    return first_fault(own, after=before, until=head) or first_fault(rows, after=head)


def new_halts(company: Company, book: Book, uow: UnitOfWork, at: datetime) -> tuple[Halt, ...]:
    """Return the halts of breakers that trip on a book and do not stand yet; writes nothing."""
    standing = {(halt.agent_id, halt.kind) for halt in book.halts}
    halts = []
    for trip in breaker_trips(company, book):
        if (trip.agent_id, trip.kind) in standing:
            continue
        number = len(uow.halts.history(book.account))  # the same may trip again later
        text = f"{book.account}|{book.account_epoch}|{trip.agent_id}|{trip.kind}"
        halts.append(
            Halt(
                halt_id="halt-" + sha256_hex(f"{text}|{at.isoformat()}|{number}")[:16],
                agent_id=trip.agent_id,
                kind=trip.kind,
                who="breaker",
                why=trip.message,
                since=at,
            )
        )
    return tuple(halts)


def _outcome(
    case: RiskCase, draft: Draft, tape: Tape, verdicts: tuple[Verdict, ...]
) -> tuple[Outcome, str]:
    proposal = tape.proposal
    if draft.candidate is None:
        asked = f"{proposal.action.value}: {draft.reason}; " if draft.reason else ""
        return Outcome.HELD, asked + proposal.rationale
    if not case.is_entry:
        return Outcome.APPROVED, proposal.rationale
    refusal = _refusal(case, draft, verdicts)
    if refusal is not None:
        return Outcome.DENIED, refusal
    if draft.sizing is not None and draft.sizing.resized:
        return Outcome.RESIZED, draft.reason
    return Outcome.APPROVED, proposal.rationale


def _refusal(case: RiskCase, draft: Draft, verdicts: tuple[Verdict, ...]) -> str | None:
    """Return why an entry is denied; a standing halt denies even if every rule were off."""
    denied = denials(case, verdicts)
    if denied:
        return "; ".join(f"{v.rule_id}: {v.message}" for v in denied)
    standing = standing_halts(case.book, case.agent.agent_id)
    if standing:
        return halt_text(standing[0])
    if draft.sizing is None or not draft.sizing.quantity > 0.0:
        return draft.reason
    return None


def _book_text(case: RiskCase) -> str:
    return canonical_json(
        {
            "book": case.book,
            "halt_file": case.halt_file,
            "chain_fault": case.chain.fault,
            "desk": case.desk,
        }
    )
