"""Decide: ask a mind once per slot, and tape its answer the moment it arrives.

What a mind outside this process was asked and answered is kept in the tape's own transaction.

Three things precede the mind: a crypto target that was passed (nothing can rest beside a stop there)
becomes a sell, an intraday stock entry on a session's last bar becomes a hold, and nobody is asked on a bar
that the agent's `wake` lets it sleep over (`waking`).
"""

from dataclasses import replace

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.decisions import HOUSE, Action, Proposal, SlotKey
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.ports.mind import AnswerWriter, DecisionMaker, ModelMaker, VotingMaker
from ztrade_core.trading.asking import Answered, ask, keep
from ztrade_core.trading.by_hand import answered_by_hand, mode_of, refuse_moved_on
from ztrade_core.trading.desk import CycleRequest, TradingDesk
from ztrade_core.trading.ensembles import Poll, vote
from ztrade_core.trading.waking import slept_over

TARGET_PASSED = "the last close passed the target; crypto targets exit at the next open"


def decide(desk: TradingDesk, request: CycleRequest, snapshot: MarketSnapshot) -> Tape:
    """Return the slot's answer: the taped one if there is one, else the mind's, taped.

    A dry run tapes under a slot of its own run, so it claims nothing.
    """
    refuse_moved_on(request, snapshot.key)
    key = tape_key(request, snapshot.key)
    with desk.store.reading() as uow:
        taped = uow.tapes.get(key)
    if taped is not None:
        return taped
    agent = desk.agent(request.agent_id)
    mode = mode_of(request, agent)
    answered = _answer(desk, request, snapshot, agent)
    moment = answered.moment or snapshot
    tape = Tape(
        key=key,
        snapshot_hash=moment.content_hash(),
        proposal=settled(answered.proposal, moment, agent),
        mode=mode.value,
        run_id=request.holder,
        taped_at=desk.clock.now(),
    )
    with desk.store.locked() as uow:
        standing = uow.tapes.put_first(tape)
        keep(uow, answered)
    desk.checkpoints.reach("taped")
    return standing


def tape_key(request: CycleRequest, key: SlotKey) -> SlotKey:
    """Return where a request's answer is taped: its slot, or the dry run's own place beside it."""
    return replace(key, slot=f"dry:{request.holder}:{key.slot}") if request.dry_run else key


def _answer(
    desk: TradingDesk, request: CycleRequest, snapshot: MarketSnapshot, agent: AgentConfig
) -> Answered:
    if target_passed(snapshot, agent):
        return Answered(proposal=target_exit())
    if mode_of(request, agent) is Mode.MANUAL:
        return answered_by_hand(request, snapshot, agent, key=tape_key(request, snapshot.key))
    hold = slept_over(desk, request, snapshot, agent)
    if hold is not None:
        return Answered(proposal=hold)
    return _answer_of_mind(desk, request, snapshot, agent)


def _answer_of_mind(
    desk: TradingDesk, request: CycleRequest, snapshot: MarketSnapshot, agent: AgentConfig
) -> Answered:
    maker = desk.maker_of(request.mode or agent.mode, agent)
    key = tape_key(request, snapshot.key)
    if isinstance(maker, VotingMaker):
        poll = Poll(agent=agent, key=key, holder=request.holder)
        proposal, moment = vote(desk, poll, maker, snapshot)
        return Answered(proposal=proposal, moment=moment)
    if isinstance(maker, ModelMaker):
        return ask(desk, maker, snapshot, agent, key=key, holder=request.holder)
    return Answered(proposal=maker.propose(snapshot, agent))


def watching_maker(
    desk: TradingDesk, request: CycleRequest, agent: AgentConfig
) -> DecisionMaker | AnswerWriter:
    """Return whose look-back the snapshot serves."""
    if request.writer is not None:
        return request.writer
    mode = request.mode or agent.mode
    if mode is Mode.MANUAL:
        mode = Mode.STRATEGY
    return desk.maker_of(mode, agent)


def target_passed(snapshot: MarketSnapshot, agent: AgentConfig) -> bool:
    """Return whether a crypto position's target was reached by the last close."""
    position = snapshot.position
    if agent.instrument.asset_class is not AssetClass.CRYPTO or len(snapshot.bars) == 0:
        return False
    if position is None or position.target_price is None:
        return False
    return float(snapshot.bars.closes[-1]) >= position.target_price


def target_exit() -> Proposal:
    """Return the sell of a crypto position whose target was passed; no mind is asked for it."""
    return Proposal(
        action=Action.SELL, confidence=1.0, rationale=TARGET_PASSED, maker=f"{HOUSE}target"
    )


def settled(proposal: Proposal, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
    """Turn an entry that no session can fill into a hold that says so."""
    stock_entry = (
        proposal.action is Action.BUY
        and agent.instrument.asset_class is AssetClass.STOCK
        and not snapshot.session_open
    )
    if not stock_entry:
        return proposal
    return replace(
        proposal,
        action=Action.HOLD,
        rationale=without_session(snapshot.session_note, proposal.rationale),
    )


def without_session(note: str, rationale: str) -> str:
    """Return the reason of a hold that was a buy which no session can fill."""
    return f"hold, because {note}; it was: buy, {rationale}"
