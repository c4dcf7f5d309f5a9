"""A stored answer decided again: strategies run on the frozen snapshot, other minds' tapes stand.

An ensemble's votes are counted again: its strategies answer anew, its other members' tapes stand.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.configuration import AgentConfig, MindChoice, Mode
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.storable import storable_proposal
from ztrade_core.domain.voting import combined, is_vote, usable, votes_of
from ztrade_core.errors import StoreError
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.deciding import settled, target_exit, target_passed
from ztrade_core.trading.ensembles import Poll, ballots_of, usual_bracket
from ztrade_core.trading.replay_differences import Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedAgain:
    """What deciding again came to. `differences` are those of members' tapes from their new answers."""

    proposal: Proposal
    ran_strategy: bool = False
    differences: tuple[Difference, ...] = ()


def decided_again(
    uow: UnitOfWork,
    makers: Mapping[Mode, DecisionMaker],
    agent: AgentConfig,
    snapshot: MarketSnapshot,
    tape: Tape,
) -> DecidedAgain:
    """Decide again by `makers`, which has the strategies; StoreError where a member's tape is gone."""
    if target_passed(snapshot, agent):
        return DecidedAgain(proposal=target_exit())
    if tape.mode == Mode.ENSEMBLE.value and is_vote(tape.proposal):
        return _voted_again(uow, makers, agent, snapshot, tape)
    if tape.mode != Mode.STRATEGY.value:
        return DecidedAgain(proposal=settled(tape.proposal, snapshot, agent))
    answer = makers[Mode.STRATEGY].propose(snapshot, agent)
    return DecidedAgain(
        proposal=storable_proposal(settled(answer, snapshot, agent)), ran_strategy=True
    )


def _voted_again(
    uow: UnitOfWork,
    makers: Mapping[Mode, DecisionMaker],
    agent: AgentConfig,
    snapshot: MarketSnapshot,
    tape: Tape,
) -> DecidedAgain:
    ensemble = agent.ensemble
    if ensemble is None:
        raise StoreError(f"the configuration of now has no ensemble for {agent.agent_id}")
    poll = Poll(agent=agent, key=tape.key, holder=tape.run_id)
    again: list[tuple[str, Tape]] = []
    found: list[Difference] = []
    ran = False
    for choice in ensemble.members:
        stored = _member_tape(uow, poll, choice, tape)
        answered = stored
        if choice.mode is Mode.STRATEGY and stored.snapshot_hash == tape.snapshot_hash:
            answer = makers[Mode.STRATEGY].propose(snapshot, agent.with_mind(choice))
            answered, ran = replace(stored, proposal=usable(answer)), True
        found += _difference(choice.name, stored, answered)
        again.append((choice.name, answered))
    proposal = combined(ensemble.vote, ballots_of(again), usual_bracket(snapshot, agent))
    return DecidedAgain(
        proposal=storable_proposal(settled(proposal, snapshot, agent)),
        ran_strategy=ran,
        differences=tuple(found),
    )


def _member_tape(uow: UnitOfWork, poll: Poll, choice: MindChoice, decided: Tape) -> Tape:
    found = uow.tapes.get(poll.member_key(choice.name))
    if found is None and choice.name not in dict(votes_of(decided.proposal)):
        raise StoreError(f"the configuration of now has a member {choice.name}, who did not vote")
    if found is None:
        raise StoreError(f"the tape of its member {choice.name} is gone: deleted")
    return found


def _difference(name: str, stored: Tape, answered: Tape) -> Iterator[Difference]:
    yield from Difference.between(f"member.{name}", stored.proposal, answered.proposal)
