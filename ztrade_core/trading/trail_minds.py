"""Who was asked for a decision and what they answered, word by word, as the store keeps it.

A decision's own tape with its kept answers, and those of its ensemble's members. What cannot be read is
said, and the rest is returned.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.answers import AnswerOutcome, KeptAnswer
from ztrade_core.domain.decisions import Decision, SlotKey
from ztrade_core.domain.side_slots import member_slot
from ztrade_core.domain.voting import MEMBER_FACTOR
from ztrade_core.errors import StoreError
from ztrade_core.ports.store import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardMind:
    """One mind that was heard. `name` is an ensemble's member; empty: the decision's own.

    `answers` are in order of their attempts; none where no question left the house. `lost` counts questions
    that were reserved and have no answer: their runs died of them. `problem` says what is gone or unreadable.
    """

    name: str
    key: SlotKey
    tape: Tape | None
    answers: tuple[KeptAnswer, ...]
    lost: int
    problem: str


def minds_of(uow: UnitOfWork, decision: Decision) -> tuple[HeardMind, tuple[HeardMind, ...]]:
    """Return the decision's own mind, and the members of its ensemble if it is one's."""
    own = _heard(uow, "", decision.key)
    return own, tuple(_members(uow, decision))


def _members(uow: UnitOfWork, decision: Decision) -> Iterator[HeardMind]:
    """Yield the members that the decision's own factors name."""
    for factor, _ in decision.proposal.factors:
        if factor.startswith(MEMBER_FACTOR):
            name = factor.removeprefix(MEMBER_FACTOR)
            key = replace(decision.key, slot=member_slot(name, decision.key.slot))
            yield _heard(uow, name, key)


def _heard(uow: UnitOfWork, name: str, key: SlotKey) -> HeardMind:
    tape: Tape | None = None
    answers: tuple[KeptAnswer, ...] = ()
    problem = ""
    try:
        tape = uow.tapes.get(key)
        problem = "its tape is gone: deleted" if tape is None else ""
        answers = tuple(uow.answers.of_slot(key))
    except StoreError as error:
        problem = str(error)
    answered = [each for each in answers if each.record.outcome is not AnswerOutcome.UNASKED]
    return HeardMind(
        name=name,
        key=key,
        tape=tape,
        answers=answers,
        lost=max(0, uow.answers.reserved(key) - len(answered)),
        problem=problem,
    )
