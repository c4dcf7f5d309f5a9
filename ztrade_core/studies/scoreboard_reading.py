"""What the scoreboard looks at: every mind's answers of a window, read from the store.

The agent's own answers are its decisions in the ledger; those of its ensemble's members and of its
shadows are taped beside them. A dry run's are not among them. An answer belongs to the moment it was
decided in (`as_of`); a side answer to a slot that the ledger does not know, to when it was taped.
Only the newest epoch of the account is read.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from ztrade_core.backtest.decided_by import models_named
from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.answers import AnswerFigures
from ztrade_core.domain.configuration import AgentConfig, MindChoice
from ztrade_core.domain.cutoffs import Cutoff, cutoff_of, cutoff_of_mind
from ztrade_core.domain.decisions import DecidedAnswer, Decision, SlotKey, bar_of_slot, is_news_slot
from ztrade_core.domain.side_slots import MEMBER, SHADOW, SideSlot, side_slot_of
from ztrade_core.ports.store import Store, UnitOfWork
from ztrade_core.studies.scoreboard_answers import (
    FIRST_SAMPLE,
    OWN,
    Answer,
    Costs,
    Mind,
    Told,
    Window,
    answer_of,
)
from ztrade_core.trading.voters import Voters, voters_in


def newest_decision(store: Store, account: str, agent_id: str) -> Decision | None:
    """Return an agent's newest decision on an account."""
    with store.reading() as uow:
        found = uow.ledger.recent(account=account, agent_id=agent_id, limit=1)
    return found[0].decision if found else None


def answers_within(store: Store, window: Window, account_epoch: int) -> Told:
    """Read the answers of a window on one epoch of the account."""
    key = SlotKey(
        account=window.account,
        account_epoch=account_epoch,
        agent_id=window.agent.agent_id,
        slot="",
    )
    with store.reading() as uow:
        within = uow.ledger.answers_between(
            window.account, window.agent.agent_id, window.begins, window.ends
        )
        decisions = [each for each in within if each.key.account_epoch == account_epoch]
        moments = {each.key.slot: each.as_of for each in decisions}
        sides = _sides(uow, window, key, moments)
        figures = uow.answers.figures(
            window.account, account_epoch, window.agent.agent_id, since=window.begins
        )
    costs = _by_mind(figures)
    voters = voters_in(tape for _, tape, _ in sides)
    own, house = _own(window.agent, decisions, costs, voters)
    return Told(
        account_epoch=account_epoch,
        minds=(own, *_beside(window.agent, sides, costs)),
        house=house,
        older_epochs=len(within) - len(decisions),
    )


def _sides(
    uow: UnitOfWork, window: Window, key: SlotKey, moments: Mapping[str, datetime]
) -> list[tuple[SideSlot, Tape, datetime]]:
    """Return what was taped beside the window's decisions, and the moment of each."""
    tapes = uow.tapes.beside(key.account, key.account_epoch, key.agent_id, since=window.begins)
    found = []
    for tape in tapes:
        side = side_slot_of(tape.key.slot)
        if side is None or not (is_news_slot(side.slot) or bar_of_slot(side.slot) is not None):
            continue  # a dry run's
        at = moments.get(side.slot)
        if at is None and window.holds(tape.taped_at) and not _is_decided(uow, key, side.slot):
            at = tape.taped_at
        if at is not None:
            found.append((side, tape, at))
    return found


def _is_decided(uow: UnitOfWork, key: SlotKey, slot: str) -> bool:
    """Return whether the ledger knows a slot: if the window does not, it was decided outside it."""
    there = SlotKey(
        account=key.account, account_epoch=key.account_epoch, agent_id=key.agent_id, slot=slot
    )
    return uow.ledger.find(there) is not None


def _own(
    agent: AgentConfig,
    decisions: Iterable[DecidedAnswer],
    costs: Mapping[str, Costs],
    voters: Voters,
) -> tuple[Mind, int]:
    cutoff, house = cutoff_of(agent), 0
    answers = {}
    for each in decisions:
        if each.proposal.is_of_house:
            house += 1
            continue
        slot, proposal = each.key.slot, each.proposal
        models = models_named(proposal.maker, agent, voters.get(slot, ()))
        answers[slot] = answer_of(slot, each.as_of, proposal, models)
    mind = Mind(
        name=agent.agent_id,
        role=OWN,
        cutoff=_cutoff_told(cutoff, answers.values()),
        is_configured=True,
        samples={FIRST_SAMPLE: answers},
        costs=_own_costs(costs),
    )
    return mind, house


def _own_costs(costs: Mapping[str, Costs]) -> Costs:
    """Return what the deciding mind took; an ensemble takes what its members do, former ones too."""
    found = {slot: list(each) for slot, each in costs.get(_whose(OWN, ""), {}).items()}
    members = [each for whose, each in costs.items() if whose.startswith(_whose(MEMBER, ""))]
    for member in members:
        for slot, each in member.items():
            found.setdefault(slot, []).extend(each)
    return found


def _beside(
    agent: AgentConfig,
    sides: Iterable[tuple[SideSlot, Tape, datetime]],
    costs: Mapping[str, Costs],
) -> list[Mind]:
    """Return members and shadows: those that are configured in their order, then former ones."""
    known = {(MEMBER, each.name): each for each in agent.members}
    known |= {(SHADOW, each.name): each for each in agent.shadows}
    taped: dict[tuple[str, str], list[tuple[SideSlot, Tape, datetime]]] = {}
    for each in sides:
        taped.setdefault((each[0].kind, each[0].name), []).append(each)
    names = [*known, *sorted(taped.keys() - known.keys())]
    names.sort(key=lambda key: key[0])
    return [
        _side_mind(agent, key, known.get(key), taped.get(key, []), costs.get(_whose(*key), {}))
        for key in names
    ]


def _side_mind(
    agent: AgentConfig,
    key: tuple[str, str],
    choice: MindChoice | None,
    taped: Iterable[tuple[SideSlot, Tape, datetime]],
    costs: Costs,
) -> Mind:
    cutoff = None if choice is None else cutoff_of_mind(agent, choice)
    samples: dict[int, dict[str, Answer]] = {}
    for side, tape, at in taped:
        models = models_named(tape.proposal.maker, agent)
        answer = answer_of(side.slot, at, tape.proposal, models)
        samples.setdefault(side.sample, {})[side.slot] = answer
    every = [answer for answers in samples.values() for answer in answers.values()]
    return Mind(
        name=key[1],
        role=key[0],
        cutoff=_cutoff_told(cutoff, every),
        is_configured=choice is not None,
        samples=samples,
        costs=costs,
    )


def _cutoff_told(cutoff: Cutoff | None, answers: Iterable[Answer]) -> Cutoff | None:
    """Return a mind's cutoff; an unknown one where a model answered that it does not have any more."""
    if cutoff is not None:
        return cutoff
    names = sorted({name for answer in answers for name in answer.models})
    return Cutoff(models=tuple(names), day=None) if names else None


def _by_mind(figures: Iterable[AnswerFigures]) -> dict[str, Costs]:
    found: dict[str, Costs] = {}
    for each in figures:
        side = side_slot_of(each.key.slot)
        whose = _whose(OWN, "") if side is None else _whose(side.kind, side.name)
        slot = each.key.slot if side is None else side.slot
        found.setdefault(whose, {}).setdefault(slot, []).append(each)
    return found


def _whose(role: str, name: str) -> str:
    return f"{role}:{name}"
