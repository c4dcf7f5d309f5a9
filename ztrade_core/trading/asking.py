"""Asking a mind that costs something: within the budgets, recorded, at most twice a slot.

Before a question is sent, the most it may cost is reserved in the locked transaction, where the rest of
the company's daily budget is looked at: two agents never both spend the last of it. The answer's true
cost takes the reservation's place when it is kept; a run that died on the way leaves its reservation
standing. What may not be asked is a hold that says why. No transaction is open while a model is asked.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ztrade_core.domain.answers import (
    AnswerCost,
    AnswerOutcome,
    AnswerRecord,
    AskedQuestion,
    KeptAnswer,
)
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import INVALID_ANSWER, UNASKED, Action, Proposal, SlotKey
from ztrade_core.domain.side_slots import SHADOW, side_slot_of
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import BeingAskedError
from ztrade_core.ports.mind import ModelMaker, PaidAnswer
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.risk.arithmetic import within
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.spending import day_began

MOST_ATTEMPTS = 2
"""How often a slot's question is sent: once more after a run that died of it."""
GRACE_SECONDS = 30.0
"""How long after its deadline an answer may take to be taped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A proposal, and what is to be kept beside its tape; None where nobody was paid to answer.

    `moment` is what was answered, where it is not the snapshot that was given.
    """

    proposal: Proposal
    kept: KeptAnswer | None = None
    moment: MarketSnapshot | None = None


def ask(
    desk: TradingDesk,
    maker: ModelMaker,
    snapshot: MarketSnapshot,
    agent: AgentConfig,
    *,
    key: SlotKey,
    holder: str,
) -> Answered:
    """Ask a mind once for the slot `key`, if its budget allows; the answer is for the caller to keep.

    Raises BeingAskedError, before anything is kept, where two other runs asked and one may still answer.
    """
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
            _refuse_while_asked(desk, uow, maker, key=key, holder=holder)
            return f"the slot's question was sent {MOST_ATTEMPTS} times and no answer arrived"
        problem = _too_dear(_budget_for(desk, key), most, uow, since)
        if problem:
            return problem
        attempt = uow.answers.next_attempt(key)
        question = AskedQuestion(
            key=key, attempt=attempt, run_id=holder, most_usd=most, asked_at=now
        )
        uow.answers.reserve(question)
        return question


def _refuse_while_asked(
    desk: TradingDesk, uow: UnitOfWork, maker: ModelMaker, *, key: SlotKey, holder: str
) -> None:
    """Raise BeingAskedError while another run may still bring an answer; a hold would bury it.

    The queue runs an agent's runs one after another, and the lease is taken by sending only: so this meets
    runs beside the queue, and those that it counts as dead too early.
    """
    patience = min(maker.longest_seconds + GRACE_SECONDS, float(desk.lease_seconds))
    for question in uow.answers.unanswered(key):
        until = question.asked_at + timedelta(seconds=patience)
        if question.run_id != holder and desk.lease_now() < until:
            told = iso_z(until.replace(microsecond=0) + timedelta(seconds=1))
            raise BeingAskedError(
                f"{key.agent_id} is being asked about {key.slot} already: run {question.run_id} may have its"
                f" answer until {told}; nothing was decided or claimed here, run again after that"
            )


def _budget_for(desk: TradingDesk, key: SlotKey) -> float | None:
    """Return how far the day's spending may go: less far for a shadow, so that none starves an agent."""
    side = side_slot_of(key.slot)
    is_shadow = side is not None and side.kind == SHADOW
    return desk.company.models.budget_usd(for_shadows=is_shadow)


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
    told = {INVALID_ANSWER, UNASKED}
    factors = tuple(each for each in proposal.factors if each[0] not in told)
    return replace(proposal, factors=(*factors, (UNASKED, record.problem)))
