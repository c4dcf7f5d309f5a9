"""Shadows: minds beside an agent's own that answer the very moment it decided on, and never trade.

They are asked when the decision was executed and protected, so that none delays an order or a stop. Each
answer is a tape under `domain.side_slots.shadow_slot` and one row of `proposals`, judged on the evidence of
the agent's own decision; nothing else is written but the questions and answers of minds that cost something.
A run that is started again asks only what is missing. A shadow that cannot be asked leaves a hold that says
why; an error that nobody foresaw is a bug, and is raised: what was decided and sent stands.
"""

import math
from dataclasses import dataclass, replace
from datetime import timedelta

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.answers import AnswerOutcome, KeptAnswer, answer_behind, usd_of
from ztrade_core.domain.configuration import AgentConfig, MindChoice
from ztrade_core.domain.decisions import UNASKED, Action, Decision, Outcome, Proposal, SlotKey
from ztrade_core.domain.side_slots import shadow_slot
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.storable import storable_proposal
from ztrade_core.domain.time import to_micros
from ztrade_core.domain.waking import ASLEEP_MAKER
from ztrade_core.errors import BeingAskedError, ConfigError, InputError, StoreError
from ztrade_core.logs import get_logger
from ztrade_core.ports.mind import DecisionMaker, ModelMaker
from ztrade_core.trading.asking import Answered, ask, keep
from ztrade_core.trading.deciding import settled, target_passed
from ztrade_core.trading.desk import TradingDesk, stored_snapshot
from ztrade_core.trading.judging import Evidence, Judged, rule_on
from ztrade_core.trading.replay_evidence import evidence_of

DRY_RUN = "a dry run asks no shadows"
NONE_CONFIGURED = "the agent has no shadows"
TOO_LATE = "it might answer after the next bar is complete, whose run goes first: shorten its deadline, or ask fewer"
HOUSE_DECIDED = "no mind was asked: the house decided"

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowAnswer:
    """What a shadow answered, its `sample`-th time, and what the rules would have said of it.

    `agrees`: with the decision's action. `usd` is what all its questions of this slot cost, `seconds` how
    long the last one took (None where nobody outside this process was asked). `answer` says what became
    of the question. `fresh`: this call asked.
    """

    name: str
    sample: int
    tape: Tape
    outcome: Outcome
    reason: str
    agrees: bool
    answer: AnswerOutcome
    usd: float
    seconds: float | None
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadows:
    """The answers to the decision of a slot, in the order of the agent's file.

    `note` says why none were asked, `problem` why not all have answered: another run of the slot goes on.
    """

    slot: str = ""
    answers: tuple[ShadowAnswer, ...] = ()
    note: str = ""
    problem: str = ""


NOT_ASKED = Shadows(note=DRY_RUN)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """What was decided on, by whom, and what the rules judged."""

    decision: Decision
    snapshot: MarketSnapshot
    agent: AgentConfig
    evidence: Evidence


def ask_shadows(desk: TradingDesk, key: SlotKey, *, holder: str) -> Shadows:
    """Have the shadows of the agent answer the moment of the decision at `key`, where one is missing.

    A database that fails ends it, and is told; one that another run is asking is passed over. So is, live, one
    that might answer after the agent's next bar is complete: that bar's run queues behind this one.
    """
    agent = desk.agent(key.agent_id)
    if not agent.shadows:
        return Shadows(note=NONE_CONFIGURED)
    answers: list[ShadowAnswer] = []
    problems: list[str] = []
    try:
        moment = _moment(desk, key, agent)
        if isinstance(moment, str):
            return Shadows(note=moment)
        for mind, sample in _samples(agent):
            try:
                answer = _answer(desk, moment, mind, sample, holder=holder)
                if answer is None:
                    problems.append(f"{mind.name} {sample}: {TOO_LATE}")
                else:
                    answers.append(answer)
            except BeingAskedError as error:
                problems.append(f"{mind.name} {sample}: {error}")
    except StoreError as error:
        log.warning("shadows_ended", agent_id=key.agent_id, slot=key.slot, error=str(error))
        problems.append(f"the database: {error}")
    return Shadows(slot=key.slot, answers=tuple(answers), problem="; ".join(problems))


def _samples(agent: AgentConfig) -> list[tuple[MindChoice, int]]:
    return [(mind, 1 + number) for mind in agent.shadows for number in range(mind.samples)]


def bars_for_shadows(desk: TradingDesk, agent: AgentConfig) -> int:
    """Return how many bars the agent's shadows look back on; one that cannot be asked needs none."""
    most = 0
    for mind in agent.shadows:
        asked = agent.with_mind(mind)
        try:
            most = max(most, desk.maker_of(mind.mode, asked).lookback_bars(asked))
        except (ConfigError, InputError) as error:
            log.warning("shadow_without_a_mind", agent_id=agent.agent_id, error=str(error))
    return most


def _moment(desk: TradingDesk, key: SlotKey, agent: AgentConfig) -> _Moment | str:
    """Return what the shadows are asked about, or why they are not asked. No decision: a dry run."""
    with desk.store.reading() as uow:
        row = uow.ledger.find(key)
    if row is None:
        return DRY_RUN
    proposal = row.decision.proposal
    if proposal.maker == ASLEEP_MAKER:
        return proposal.rationale
    if proposal.is_unasked:
        return f"the agent's own mind was not asked: {proposal.rationale}"
    snapshot = stored_snapshot(desk, row.decision.snapshot_hash)
    if target_passed(snapshot, agent):
        return HOUSE_DECIDED
    return _Moment(
        decision=row.decision,
        snapshot=snapshot,
        agent=agent,
        evidence=evidence_of(row.decision.book),
    )


def _answer(
    desk: TradingDesk, moment: _Moment, mind: MindChoice, sample: int, *, holder: str
) -> ShadowAnswer | None:
    """Return a sample's answer, asked for where there is none; None where it is too late to ask."""
    own = moment.decision.key
    key = replace(own, slot=shadow_slot(mind.name, sample, own.slot))
    with desk.store.reading() as uow:
        tape = uow.tapes.get(key)
    is_fresh = tape is None
    if tape is None:
        tape = _taped(desk, moment, mind, key, holder=holder)
    if tape is None:
        return None
    with desk.store.reading() as uow:
        kept = uow.answers.of_slot(key)
    judged, behind = _judged(desk, moment, tape.proposal), answer_behind(kept, tape.run_id)
    return ShadowAnswer(
        name=mind.name,
        sample=sample,
        tape=tape,
        outcome=judged.outcome,
        reason=judged.reason,
        agrees=tape.proposal.action is moment.decision.proposal.action,
        answer=_became(tape.proposal, behind),
        usd=usd_of(kept),
        seconds=None if behind is None else behind.record.cost.seconds,
        fresh=is_fresh,
    )


def _is_late(desk: TradingDesk, snapshot: MarketSnapshot, maker: DecisionMaker) -> bool:
    """Return whether its answer might come when the next bar is complete. Who tells no time takes none."""
    bars = snapshot.bars
    if not desk.live or len(bars) == 0:
        return False
    longest = maker.longest_seconds if isinstance(maker, ModelMaker) else 0.0
    until = desk.clock.now() + timedelta(seconds=longest if math.isfinite(longest) else 0.0)
    return to_micros(until) >= int(bars.timestamps[-1]) + 2 * bars.timeframe.micros


def _taped(
    desk: TradingDesk, moment: _Moment, mind: MindChoice, key: SlotKey, *, holder: str
) -> Tape | None:
    """Ask a shadow, and keep its answer with what the rules say of it; the first answer stands."""
    answered = _asked(desk, moment, mind, key, holder=holder)
    if answered is None:
        return None
    tape = Tape(
        key=key,
        snapshot_hash=moment.decision.snapshot_hash,
        proposal=storable_proposal(settled(answered.proposal, moment.snapshot, moment.agent)),
        mode=mind.mode.value,
        run_id=holder,
        taped_at=desk.clock.now(),
    )
    judged = _judged(desk, moment, tape.proposal)
    with desk.store.locked() as uow:
        standing = uow.tapes.get(key)
        if standing is None:
            standing = uow.tapes.put_first(tape)
            uow.tapes.put_proposal(tape, judged.verdicts, judged.outcome.value)
        keep(uow, answered)
    desk.checkpoints.reach("shadowed")
    return standing


def _asked(
    desk: TradingDesk, moment: _Moment, mind: MindChoice, key: SlotKey, *, holder: str
) -> Answered | None:
    asked = moment.agent.with_mind(mind)
    try:
        maker = desk.maker_of(mind.mode, asked)
        if _is_late(desk, moment.snapshot, maker):
            return None
        if isinstance(maker, ModelMaker):
            return ask(desk, maker, moment.snapshot, asked, key=key, holder=holder)
        return Answered(proposal=maker.propose(moment.snapshot, asked))
    except (ConfigError, InputError) as error:
        log.warning("shadow_not_asked", agent_id=asked.agent_id, name=mind.name, error=str(error))
        return Answered(proposal=_unasked(mind, f"not asked: {error}"))


def _unasked(mind: MindChoice, why: str) -> Proposal:
    return Proposal(
        action=Action.HOLD,
        confidence=0.0,
        rationale=why,
        maker=f"{mind.mode.value}/none",
        factors=((UNASKED, why),),
    )


def _judged(desk: TradingDesk, moment: _Moment, proposal: Proposal) -> Judged:
    return rule_on(desk.company, moment.agent, moment.snapshot, proposal, moment.evidence)


def _became(proposal: Proposal, behind: KeptAnswer | None) -> AnswerOutcome:
    if behind is not None:
        return behind.record.outcome
    return AnswerOutcome.UNASKED if proposal.is_unasked else AnswerOutcome.ANSWERED
