"""Decision by decision: every recorded entry judged again under proposed limits, on its own stored evidence.

Exact, for each decision by itself. An entry counts only where the limits of now give back the stored row,
as a replay does. What an entry that is denied would have left free for the next one is not looked at here
(`rule_trial_path` plays that). A breaker that the proposal trips on the stored book halts that one decision;
halts that stood stay.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.book import Book, Halt
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.domain.decisions import ChainedDecision, Outcome
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.storable import storable_decision, storable_verdicts
from ztrade_core.errors import StoreError
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.risk.breakers import breaker_trips, standing_halts
from ztrade_core.studies.rule_trial_limits import Proposed
from ztrade_core.trading.gateway import decision_of, order_asked_for
from ztrade_core.trading.judging import Evidence, Judged, rule_on
from ztrade_core.trading.replay_differences import differences
from ztrade_core.trading.replay_evidence import evidence_of

HALTED, NO_SIZE = "halt", "size"
ALLOWED = frozenset({Outcome.APPROVED, Outcome.RESIZED})


class Change(StrEnum):
    """What the proposal makes of an entry."""

    NEWLY_DENIED = "newly_denied"
    NEWLY_ALLOWED = "newly_allowed"
    RESIZED = "resized"
    UNCHANGED = "unchanged"


class LeftOut(StrEnum):
    """Why an entry is not judged again."""

    OTHER_CONFIGURATION = "other_configuration"
    NO_AGENT = "no_agent"
    GONE = "evidence_gone"
    NOT_GIVEN_BACK = "not_given_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """An entry that is left out; `note` says what a person must know."""

    row: ChainedDecision
    why: LeftOut
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """An entry under the proposed limits.

    `rules` are those that deny it now (newly denied), denied it then (newly allowed), or what bounds its size
    now (resized). `is_own`: it was decided under the configuration of now; else under another one, and the
    limits of now give back its row all the same.
    """

    row: ChainedDecision
    change: Change
    rules: tuple[str, ...]
    outcome: Outcome
    quantity: float
    reason: str
    is_own: bool


def rejudge(uow: UnitOfWork, proposed: Proposed, row: ChainedDecision) -> Rejudged | Unjudged:
    """Judge a recorded entry by the limits in force, which must give it back, and by those proposed."""
    company = proposed.company
    agent = company.agent(row.decision.key.agent_id)
    if agent is None:
        note = f"the configuration of now has no agent {row.decision.key.agent_id}"
        return Unjudged(row=row, why=LeftOut.NO_AGENT, note=note)
    try:
        snapshot, tape, evidence = _kept(uow, row)
    except StoreError as error:
        return Unjudged(row=row, why=LeftOut.GONE, note=str(error))
    own = company.digest == row.decision.config_digest
    then = replace(company, digest=row.decision.config_digest)
    judged = rule_on(then, agent, snapshot, tape.proposal, evidence)
    odd = _not_given_back(then, agent, row, (snapshot, tape), judged)
    if odd:
        why = LeftOut.NOT_GIVEN_BACK if own else LeftOut.OTHER_CONFIGURATION
        return Unjudged(row=row, why=why, note=f"the limits of now say otherwise: {odd}")
    house = replace(then, risk=proposed.risk)
    again = rule_on(house, agent, snapshot, tape.proposal, _with_trips(house, evidence))
    return _compared(row, agent, (snapshot, judged, again), is_own=own)


def _kept(uow: UnitOfWork, row: ChainedDecision) -> tuple[MarketSnapshot, Tape, Evidence]:
    decision = row.decision
    snapshot = uow.ledger.snapshot(decision.snapshot_hash)
    if snapshot is None:
        raise StoreError(f"the inputs it saw ({decision.snapshot_hash}) are gone: deleted")
    tape = uow.tapes.get(decision.key)
    if tape is None:
        raise StoreError("the tape of its answer is gone: deleted")
    return snapshot, tape, evidence_of(decision.book)


def _not_given_back(
    company: Company,
    agent: AgentConfig,
    row: ChainedDecision,
    answered: tuple[MarketSnapshot, Tape],
    judged: Judged,
) -> str:
    """Return the fields in which judging again differs from the stored row; empty: it is given back."""
    snapshot, tape = answered
    request = order_asked_for(agent, snapshot, judged)
    again = decision_of(company.digest, snapshot, tape, judged, request)
    found = differences(row, (storable_decision(again), storable_verdicts(judged.verdicts)))
    return ", ".join(dict.fromkeys(each.field for each in found))


def _with_trips(company: Company, evidence: Evidence) -> Evidence:
    """Return the evidence with the halts of breakers that the company's limits trip on its book."""
    standing = {(halt.agent_id, halt.kind) for halt in evidence.book.halts}
    tripped = tuple(
        Halt(
            halt_id=f"trial-{trip.kind}",
            agent_id=trip.agent_id,
            kind=trip.kind,
            who="breaker",
            why=trip.message,
            since=evidence.desk.at,
        )
        for trip in breaker_trips(company, evidence.book)
        if (trip.agent_id, trip.kind) not in standing
    )
    book: Book = replace(evidence.book, halts=(*evidence.book.halts, *tripped))
    return replace(evidence, book=book)


def _compared(
    row: ChainedDecision,
    agent: AgentConfig,
    answered: tuple[MarketSnapshot, Judged, Judged],
    *,
    is_own: bool,
) -> Rejudged:
    snapshot, before, after = answered
    request = order_asked_for(agent, snapshot, after)
    quantity = 0.0 if request is None else float(request.quantity)
    was, now = before.outcome in ALLOWED, after.outcome in ALLOWED
    change, rules = Change.UNCHANGED, tuple[str, ...]()
    if was and not now:
        change, rules = Change.NEWLY_DENIED, _denied_by(after, agent)
    elif now and not was:
        change, rules = Change.NEWLY_ALLOWED, _denied_by(before, agent)
    elif now and quantity != row.decision.quantity:
        change, rules = Change.RESIZED, _bound_by(after)
    return Rejudged(
        row=row,
        change=change,
        rules=rules,
        outcome=after.outcome,
        quantity=quantity,
        reason=after.reason,
        is_own=is_own,
    )


def _bound_by(judged: Judged) -> tuple[str, ...]:
    """Return what an entry's size is bound by: a rule, or the bound's name."""
    sizing = judged.draft.sizing
    return () if sizing is None else (sizing.bound.value,)


def _denied_by(judged: Judged, agent: AgentConfig) -> tuple[str, ...]:
    """Return the rules that deny an entry; without one it is a halt, or no lot fits."""
    failed = tuple(verdict.rule_id for verdict in judged.verdicts if not verdict.passed)
    return failed or ((HALTED,) if standing_halts(judged.book, agent.agent_id) else (NO_SIZE,))
