"""Minds and their answers as values: what the scoreboard looks at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ztrade_core.domain.answers import AnswerFigures
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.cutoffs import Cutoff
from ztrade_core.domain.decisions import Proposal, bar_of_slot
from ztrade_core.domain.time import to_micros
from ztrade_core.domain.waking import ASLEEP_MAKER

OWN = "own"
FIRST_SAMPLE = 1


class Given(StrEnum):
    """What a mind gave. Only USABLE is its answer; for the others a hold stands in."""

    USABLE = "usable"
    INVALID = "invalid"
    UNASKED = "unasked"
    UNANSWERED = "unanswered"
    ASLEEP = "asleep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One mind's answer to one slot.

    `at` is when it was decided, `opened` when its decision bar opened (microseconds); None: on news.
    `models` are those that gave it; none: a strategy or a person did.
    """

    slot: str
    at: datetime
    opened: int | None
    given: Given
    proposal: Proposal
    models: tuple[str, ...]

    @property
    def is_usable(self) -> bool:
        """Whether the mind itself said so."""
        return self.given is Given.USABLE


Answers = Mapping[str, Answer]
"""Answers by slot."""
Costs = dict[str, list[AnswerFigures]]
"""What answers took, by the slot of the decision they are beside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mind:
    """One mind with its answers by sample, and what they took by the slot of the decision.

    `role` is OWN, MEMBER or SHADOW. `cutoff` None: no model answers. `is_configured` False: the agent's
    file does not name it any more, and what its models may know is not known.
    """

    name: str
    role: str
    cutoff: Cutoff | None
    is_configured: bool
    samples: Mapping[int, Answers]
    costs: Costs

    @property
    def answers(self) -> Answers:
        """The answers that are judged: those of the first sample."""
        return self.samples.get(FIRST_SAMPLE, {})

    @property
    def label(self) -> str:
        """What a person reads."""
        return self.name if self.role == OWN else f"{self.role} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a window holds: the agent's own mind first, then members, then shadows, each by name.

    `house` counts decisions that no mind made, `older_epochs` those of former epochs within the window.
    """

    account_epoch: int
    minds: tuple[Mind, ...]
    house: int
    older_epochs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Whose answers, of which account, with `begins <= as_of < ends`."""

    agent: AgentConfig
    account: str
    begins: datetime
    ends: datetime

    def holds(self, moment: datetime) -> bool:
        """Return whether a moment lies within."""
        return self.begins <= moment < self.ends


def answer_of(slot: str, at: datetime, proposal: Proposal, models: tuple[str, ...] = ()) -> Answer:
    """Return a proposal as an answer to a slot, given by these models."""
    opened = bar_of_slot(slot)
    return Answer(
        slot=slot,
        at=at,
        opened=None if opened is None else to_micros(opened),
        given=_given(proposal),
        proposal=proposal,
        models=models,
    )


def _given(proposal: Proposal) -> Given:
    if proposal.maker == ASLEEP_MAKER:
        return Given.ASLEEP
    if proposal.is_unasked:
        return Given.UNASKED
    if proposal.is_unheard:
        return Given.UNANSWERED
    return Given.INVALID if proposal.is_invalid else Given.USABLE
