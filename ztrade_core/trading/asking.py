"""Asking a mind that costs something: within the budgets, recorded, at most twice a slot.

Before a question is sent, the most it may cost is reserved in the locked transaction, where the rest of
the company's daily budget is looked at: two agents never both spend the last of it. The answer's true
cost takes the reservation's place when it is kept; a run that died on the way leaves its reservation
standing. What may not be asked is a hold that says why. No transaction is open while a model is asked.
"""

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.answers import (
    AnswerCost,
    AnswerOutcome,
    AnswerRecord,
    AskedQuestion,
    KeptAnswer,
)
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.decisions import INVALID_ANSWER, UNASKED, Action, Proposal, SlotKey
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import new_york_date, new_york_midnight
from ztrade_core.ports.mind import ModelMaker, PaidAnswer
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.risk.arithmetic import within
from ztrade_core.trading.desk import TradingDesk

MOST_ATTEMPTS = 2
"""How often a slot's question is sent: once more after a run that died of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A proposal, and what is to be kept beside its tape; None where nobody was paid to answer."""

    proposal: Proposal
    kept: KeptAnswer | None = None


def day_began(desk: TradingDesk) -> datetime:
    """Return 00:00 New York of today, the world's day even in a rehearsal: it is spent today."""
    return new_york_midnight(new_york_date(desk.lease_now())).astimezone(UTC)


def spent_for(desk: TradingDesk, uow: UnitOfWork, tape: Tape) -> float:
    """Return what RULE_016 counts for a taped answer: today's spending, 0 where no model was asked."""
    if tape.mode != Mode.AUTOMATED.value:
        return 0.0
    return uow.answers.spent_usd(day_began(desk))


def ask(
    desk: TradingDesk,
    maker: ModelMaker,
    snapshot: MarketSnapshot,
    agent: AgentConfig,
    *,
    key: SlotKey,
    holder: str,
) -> Answered:
    """Ask a mind once for the slot `key`, if its budget allows; the answer is for the caller to keep."""
    question = _reserved(desk, maker, agent, key=key, holder=holder)
    if isinstance(question, str):
        return _unasked(desk, maker, question, key=key, holder=holder)
    desk.checkpoints.reach("reserved")
    paid = maker.ask(snapshot, agent)
    desk.checkpoints.reach("answered")
    record = _priced(paid, maker, question)
    kept = KeptAnswer(key=key, attempt=question.attempt, run_id=holder, record=record)
    return Answered(proposal=_told_apart(paid.proposal, record), kept=kept)


def keep(uow: UnitOfWork, answered: Answered) -> None:
    """Keep what was asked and answered, in the transaction that tapes the proposal."""
    kept = answered.kept
    if kept is None:
        return
    if kept.attempt == 0:  # it was never reserved: its number is the next
        kept = replace(kept, attempt=uow.answers.next_attempt(kept.key))
    uow.answers.put(kept)


def _reserved(
    desk: TradingDesk, maker: ModelMaker, agent: AgentConfig, *, key: SlotKey, holder: str
) -> AskedQuestion | str:
    """Reserve the most that the answer may cost, or say why it may not be asked."""
    most = maker.most_usd(agent)
    since, now = day_began(desk), desk.lease_now()
    with desk.store.locked() as uow:
        if uow.tapes.get(key) is not None:
            return "another run's answer to it was taped meanwhile, and stands"
        if uow.answers.reserved(key) >= MOST_ATTEMPTS:
            return f"the slot's question was sent {MOST_ATTEMPTS} times and no answer arrived"
        problem = _too_dear(desk.company.models.daily_budget_usd, most, uow, since)
        if problem:
            return problem
        attempt = uow.answers.next_attempt(key)
        question = AskedQuestion(
            key=key, attempt=attempt, run_id=holder, most_usd=most, asked_at=now
        )
        uow.answers.reserve(question)
        return question


def _too_dear(budget: float | None, most: float, uow: UnitOfWork, since: datetime) -> str:
    if not 0.0 <= most < math.inf:
        return f"what the answer may cost is not known ({most} USD)"
    if budget is None or most == 0.0:
        return ""
    spent = uow.answers.spent_usd(since)
    if within(spent + most, budget):
        return ""
    return (
        f"RULE_016: the answer may cost {most:.4f} USD, and {spent:.4f} of today's {budget:g} are spent or"
        " reserved"
    )


def _unasked(
    desk: TradingDesk, maker: ModelMaker, why: str, *, key: SlotKey, holder: str
) -> Answered:
    record = _plain_record(maker, desk.lease_now(), AnswerOutcome.UNASKED, f"not asked: {why}")
    proposal = Proposal(
        action=Action.HOLD, confidence=0.0, rationale=record.problem, maker=maker.name
    )
    kept = KeptAnswer(key=key, attempt=0, run_id=holder, record=record)
    return Answered(proposal=_told_apart(proposal, record), kept=kept)


def _priced(paid: PaidAnswer, maker: ModelMaker, question: AskedQuestion) -> AnswerRecord:
    """Return the record with a cost that can be summed: one that is no number counts at the most."""
    record = paid.record or _plain_record(maker, question.asked_at, AnswerOutcome.ANSWERED, "")
    usd = paid.cost_usd if 0.0 <= paid.cost_usd < math.inf else question.most_usd
    return replace(record, cost=replace(record.cost, usd=usd))


def _plain_record(
    maker: ModelMaker, at: datetime, outcome: AnswerOutcome, problem: str
) -> AnswerRecord:
    return AnswerRecord(
        maker=maker.name,
        model=maker.model,
        prompt_digest="",
        settings="",
        question="",
        raw="",
        outcome=outcome,
        problem=problem,
        cost=AnswerCost(),
        asked_at=at,
    )


def _told_apart(proposal: Proposal, record: AnswerRecord) -> Proposal:
    """Mark a hold of a mind that was not asked: it is no invalid answer, nor a sound one."""
    if record.outcome is not AnswerOutcome.UNASKED:
        return proposal
    factors = tuple(each for each in proposal.factors if each[0] != INVALID_ANSWER)
    return replace(proposal, factors=(*factors, (UNASKED, record.problem)))
