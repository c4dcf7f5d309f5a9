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
from ztrade_core.domain.decisions import Action, Outcome, Proposal, Verdict
from ztrade_core.domain.orders import Role, Side
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.errors import LedgerBrokenError
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.risk.breakers import breaker_trips, halt_text, standing_halts
from ztrade_core.risk.case import ChainStatus, DeskFacts, RiskCase, market_facts
from ztrade_core.risk.judge import denials, judge, rules_for
from ztrade_core.trading.admission import NOTHING, Draft, draft_of
from ztrade_core.trading.conduct import desk_facts
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.marking import AccountFacts, build_book
from ztrade_core.trading.spending import spent_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the rules judge beside the snapshot: with it, all that judging again needs.

    `exit_at_work` is the agent's exit that is working already, looked for when it would sell.
    """

    book: Book
    desk: DeskFacts
    chain_fault: ChainFault | None
    halt_file: str | None
    exit_at_work: str | None = None


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
    market, is_sell = market_facts(snapshot), tape.proposal.action is Action.SELL
    known = desk_facts(desk, uow, facts, agent, market.last_bar)
    evidence = Evidence(
        book=book,
        desk=replace(known, model_spent_usd=spent_for(desk, uow, tape)),
        chain_fault=chain_status(uow).fault,
        halt_file=halt_file,
        exit_at_work=_working_exit(uow, book, agent) if is_sell else None,
    )
    halted = new_halts(desk.company, book, uow, snapshot.as_of)
    evidence = replace(evidence, book=replace(book, halts=(*book.halts, *halted)))
    return rule_on(desk.company, agent, snapshot, tape.proposal, evidence, halted=halted)


def rule_on(
    company: Company,
    agent: AgentConfig,
    snapshot: MarketSnapshot,
    proposal: Proposal,
    evidence: Evidence,
    *,
    halted: tuple[Halt, ...] = (),
) -> Judged:
    """Size a proposal and judge it by every rule: the same values give the same answer."""
    draft, exit_id = draft_of(company, agent, evidence.book, snapshot, proposal), None
    if draft.candidate is not None and draft.candidate.side is Side.SELL:
        exit_id = evidence.exit_at_work
        if exit_id is not None:
            draft = replace(NOTHING, reason=exit_at_work(exit_id))
    case = RiskCase(
        company=company,
        agent=agent,
        book=evidence.book,
        candidate=draft.candidate,
        market=market_facts(snapshot),
        desk=evidence.desk,
        chain=ChainStatus(verified=True, fault=evidence.chain_fault),
        halt_file=evidence.halt_file,
    )
    verdicts = judge(case, rules_for(company))
    outcome, reason = _outcome(case, draft, proposal, verdicts)
    return Judged(
        draft=draft,
        book=case.book,
        verdicts=verdicts,
        outcome=outcome,
        reason=reason,
        book_text=evidence_text(replace(evidence, exit_at_work=exit_id)),
        halted=halted,
    )


def _working_exit(uow: UnitOfWork, book: Book, agent: AgentConfig) -> str | None:
    for order in uow.orders.working(book.account, book.account_epoch):
        request = order.request
        if request.role is Role.EXIT and request.agent_id == agent.agent_id:
            return request.client_order_id
    return None


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
    case: RiskCase, draft: Draft, proposal: Proposal, verdicts: tuple[Verdict, ...]
) -> tuple[Outcome, str]:
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


def evidence_text(evidence: Evidence) -> str:
    """Return the canonical text of the evidence; an exit at work stands in it where it mattered."""
    exit_id = evidence.exit_at_work
    return canonical_json(
        ({} if exit_id is None else {"exit_at_work": exit_id})
        | {
            "book": evidence.book,
            "halt_file": evidence.halt_file,
            "chain_fault": evidence.chain_fault,
            "desk": evidence.desk,
        }
    )
