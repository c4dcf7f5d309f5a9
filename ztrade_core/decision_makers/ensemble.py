"""Several minds that decide together: all are asked for the same snapshot, their votes counted.

The counting is `domain.voting`. Live, the members are asked one by one and taped for themselves
(`trading.ensembles`); a backtest asks this as it asks any mind.
"""

from collections.abc import Sequence
from datetime import date

from typing_extensions import override

from ztrade_core.domain.configuration import AgentConfig, Vote
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.voting import combined, maker_of
from ztrade_core.ports.mind import Member, ModelMaker, PaidAnswer, VotingMaker
from ztrade_core.trading.ensembles import usual_bracket


class EnsembleMaker(VotingMaker):
    """Asks its members in their order. None of them costs anything."""

    def __init__(self, vote: Vote, members: Sequence[Member]) -> None:
        self._vote = vote
        self._members = tuple(members)

    @property
    @override
    def name(self) -> str:
        return maker_of(self._vote)

    @property
    @override
    def vote(self) -> Vote:
        return self._vote

    @property
    @override
    def members(self) -> tuple[Member, ...]:
        return self._members

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        """Return the longest look-back of any: all see the same snapshot."""
        return max(each.maker.lookback_bars(agent.with_mind(each.choice)) for each in self._members)

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        return combined(
            self._vote,
            [
                (each.choice.name, each.maker.propose(snapshot, agent.with_mind(each.choice)))
                for each in self._members
            ],
            usual_bracket(snapshot, agent),
        )


class PaidEnsembleMaker(EnsembleMaker, ModelMaker):
    """An ensemble with a model among its members: it costs what they cost together.

    Its training cutoff is the latest of its models; None where one of theirs is not known.
    """

    @property
    @override
    def model(self) -> str:
        return " and ".join(dict.fromkeys(each.model for each in self._models))

    @property
    @override
    def training_cutoff(self) -> date | None:
        days = [each.training_cutoff for each in self._models]
        known = [day for day in days if day is not None]
        return max(known) if len(known) == len(days) else None

    @property
    @override
    def longest_seconds(self) -> float:
        total = 0.0
        for each in self._models:
            total += each.longest_seconds
        return total

    @override
    def most_usd(self, agent: AgentConfig) -> float:
        total = 0.0
        for each in self._members:
            if isinstance(each.maker, ModelMaker):
                total += each.maker.most_usd(agent.with_mind(each.choice))
        return total

    @override
    def ask(self, snapshot: MarketSnapshot, agent: AgentConfig) -> PaidAnswer:
        total, ballots = 0.0, []
        for each in self._members:
            asked_as = agent.with_mind(each.choice)
            if isinstance(each.maker, ModelMaker):
                paid = each.maker.ask(snapshot, asked_as)
                total += paid.cost_usd
                ballots.append((each.choice.name, paid.proposal))
            else:
                ballots.append((each.choice.name, each.maker.propose(snapshot, asked_as)))
        proposal = combined(self._vote, ballots, usual_bracket(snapshot, agent))
        return PaidAnswer(proposal=proposal, cost_usd=total)

    @property
    def _models(self) -> list[ModelMaker]:
        makers = [each.maker for each in self._members]
        return [maker for maker in makers if isinstance(maker, ModelMaker)]


def ensemble_of(vote: Vote, members: Sequence[Member]) -> EnsembleMaker:
    """Return the maker of these members, which is a model's if any of them is."""
    if any(isinstance(each.maker, ModelMaker) for each in members):
        return PaidEnsembleMaker(vote, members)
    return EnsembleMaker(vote, members)
