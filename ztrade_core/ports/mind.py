"""A decision maker: strategy, model, file, person or recording."""

import math
from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

from ztrade_core.domain.answers import AnswerRecord
from ztrade_core.domain.configuration import AgentConfig, MindChoice, Vote
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.snapshots import MarketSnapshot


class DecisionMaker(Protocol):
    """Answers one frozen snapshot with one proposal. It sees nothing else and moves nothing."""

    @property
    def name(self) -> str:
        """Name and version, as kept with the answer."""
        ...

    def lookback_bars(self, agent: AgentConfig) -> int:
        """Return how many bars the snapshot must hold for this agent."""
        ...

    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        """Return the proposal. Anything that cannot be decided is a HOLD with its reason."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidAnswer:
    """A model's proposal and what it cost in USD, also where the answer could not be used.

    `record` is the question and the answer word by word; None where a test's model has none.
    """

    proposal: Proposal
    cost_usd: float
    record: AnswerRecord | None = None


class AnswerWriter(Protocol):
    """What a person wrote in a mind's place, for one slot; it is read against the moment that is decided."""

    @property
    def slot(self) -> str | None:
        """The slot it was written for; None: for whichever is decided."""
        ...

    @property
    def is_waiting(self) -> bool:
        """Whether nothing was written yet: then the moment is shown, and nothing is claimed."""
        ...

    def lookback_bars(self, agent: AgentConfig) -> int:
        """Return how many bars a person is shown figures of."""
        ...

    def answer(self, snapshot: MarketSnapshot, agent: AgentConfig) -> PaidAnswer:
        """Return what was written as a proposal with its record; InputError where it cannot be used."""
        ...


@runtime_checkable
class ModelMaker(DecisionMaker, Protocol):
    """A decision maker whose answers cost money, and which may know what came later.

    `propose` answers as any maker does; `ask` tells the cost beside it, which is at most `most_usd`.
    """

    @property
    def model(self) -> str:
        """The model's name and version, as its vendor calls it."""
        ...

    @property
    def longest_seconds(self) -> float:
        """Within how many seconds `ask` returns; infinite where that is not known."""
        return math.inf

    @property
    def training_cutoff(self) -> date | None:
        """The last day its training data may be of; None when that is not known."""
        ...

    def most_usd(self, agent: AgentConfig) -> float:
        """Return the most that one answer for this agent can cost, known before asking."""
        ...

    def ask(self, snapshot: MarketSnapshot, agent: AgentConfig) -> PaidAnswer:
        """Return the proposal with its cost."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One who votes: a mind as the agent's file names it, and who answers for it."""

    choice: MindChoice
    maker: DecisionMaker


@runtime_checkable
class VotingMaker(DecisionMaker, Protocol):
    """Several minds that decide together (`domain.voting`).

    `propose` asks all of them and keeps nothing; live, each is asked and taped for itself
    (`trading.ensembles`).
    """

    @property
    def vote(self) -> Vote:
        """How they are counted."""
        ...

    @property
    def members(self) -> tuple[Member, ...]:
        """Who is asked, in this order."""
        ...
