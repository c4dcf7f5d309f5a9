"""An ensemble decides: each member is asked once, its answer taped the moment it arrives, the votes counted.

The members' tapes lie beside the decision's own slot (`domain.side_slots`), so a run that dies between two
answers neither asks nor pays again for those that are there. All answer the very same frozen moment: the one
that the first of them was shown. A member that may not be asked holds, and says why. No transaction is open
while one is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.configuration import AgentConfig, EnsembleConfig
from ztrade_core.domain.decisions import INVALID_ANSWER, Action, Proposal, SlotKey
from ztrade_core.domain.side_slots import member_slot
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.voting import Ballot, Bracket, combined, usable
from ztrade_core.errors import InputError
from ztrade_core.ports.mind import Member, ModelMaker, VotingMaker
from ztrade_core.risk.arithmetic import stop_below, target_above
from ztrade_core.trading.asking import Answered, ask, keep
from ztrade_core.trading.desk import TradingDesk, stored_snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What is voted on: whose decision it is, where it is taped, and in which run."""

    agent: AgentConfig
    key: SlotKey
    holder: str

    def member_key(self, name: str) -> SlotKey:
        """Return where a member's answer is taped."""
        return replace(self.key, slot=member_slot(name, self.key.slot))


def vote(
    desk: TradingDesk, poll: Poll, maker: VotingMaker, snapshot: MarketSnapshot
) -> tuple[Proposal, MarketSnapshot]:
    """Return what the members decide together, and the moment that they were shown.

    It is the given one, unless the first of them answered another before.
    """
    tapes: list[tuple[str, Tape]] = []
    for member in maker.members:
        tape = _taped(desk, poll, member, snapshot)
        if not tapes and tape.snapshot_hash != snapshot.content_hash():
            snapshot = stored_snapshot(desk, tape.snapshot_hash)
        tapes.append((member.choice.name, tape))
    return combined(maker.vote, ballots_of(tapes), usual_bracket(snapshot, poll.agent)), snapshot


def usual_bracket(snapshot: MarketSnapshot, agent: AgentConfig) -> Bracket | None:
    """Return where the agent's own stop and target would be at the last close; None without a bar."""
    if len(snapshot.bars) == 0:
        return None
    close, limits = float(snapshot.bars.closes[-1]), agent.limits
    return Bracket(
        stop_price=stop_below(close, limits.stop_loss_fraction),
        target_price=target_above(close, limits.take_profit_fraction),
    )


def ensemble_in(agent: AgentConfig) -> EnsembleConfig:
    """Return the ensemble that an agent's file names; InputError where it names none."""
    if agent.ensemble is None:
        raise InputError(
            f"{agent.agent_id} has no ensemble: write mode: ensemble and ensemble (vote, members) into its"
            " file, or choose another mode"
        )
    return agent.ensemble


def _taped(desk: TradingDesk, poll: Poll, member: Member, snapshot: MarketSnapshot) -> Tape:
    """Return a member's tape: the one that is there, else its answer, taped with its record."""
    key = poll.member_key(member.choice.name)
    with desk.store.reading() as uow:
        taped = uow.tapes.get(key)
    if taped is not None:
        return taped
    answered = _answered(desk, poll, member, snapshot)
    tape = Tape(
        key=key,
        snapshot_hash=snapshot.content_hash(),
        proposal=usable(answered.proposal),
        mode=member.choice.mode.value,
        run_id=poll.holder,
        taped_at=desk.clock.now(),
    )
    with desk.store.locked() as uow:
        standing = uow.tapes.put_first(tape)
        keep(uow, answered)
    desk.checkpoints.reach("voted")
    return standing


def _answered(desk: TradingDesk, poll: Poll, member: Member, snapshot: MarketSnapshot) -> Answered:
    agent, maker = poll.agent.with_mind(member.choice), member.maker
    if isinstance(maker, ModelMaker):
        key = poll.member_key(member.choice.name)
        return ask(desk, maker, snapshot, agent, key=key, holder=poll.holder)
    return Answered(proposal=maker.propose(snapshot, agent))


def ballots_of(tapes: Sequence[tuple[str, Tape]]) -> list[Ballot]:
    """Return members' tapes as they count: one of another moment than the first one's does not."""
    moment = tapes[0][1].snapshot_hash
    return [
        (name, tape.proposal if tape.snapshot_hash == moment else _stale(tape))
        for name, tape in tapes
    ]


def _stale(tape: Tape) -> Proposal:
    why = "it answered another moment of this slot"
    return Proposal(
        action=Action.HOLD,
        confidence=0.0,
        rationale=why,
        maker=tape.proposal.maker,
        factors=((INVALID_ANSWER, why),),
    )
