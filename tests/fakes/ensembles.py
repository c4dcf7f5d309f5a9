"""TSLA decided by several minds on a desk: scripted models that cost, and real strategies.

`voting_kit(kit_on(engine), makers)` puts an ensemble of these makers, by name and in their order, in the place
of TSLA's own mind. Strategies among them are `CROSSING` and `REVERTING`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from typing_extensions import override

from tests.fakes.desk import DeskKit, bar
from tests.fakes.desk_makers import Script, proposal
from tests.fakes.models import ScriptedModel
from tests.unit.risk.builders import TSLA, company
from ztrade_core.clocks.system import SystemClock
from ztrade_core.decision_makers.ensemble import ensemble_of
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.configuration import (
    AgentConfig,
    Company,
    EnsembleConfig,
    MindChoice,
    Mode,
    StrategyChoice,
    Vote,
)
from ztrade_core.domain.decisions import Proposal, SlotKey
from ztrade_core.domain.model_config import PUBLISHED_PRICES, ModelsConfig
from ztrade_core.domain.side_slots import member_slot
from ztrade_core.domain.time import iso_z
from ztrade_core.ports.mind import DecisionMaker, Member, ModelMaker
from ztrade_core.settings.company import with_digest
from ztrade_core.trading.desk import TradingDesk

CROSSING = StrategyChoice(name="sma_crossover", parameters=(("fast", 2.0), ("slow", 4.0)))
REVERTING = StrategyChoice(name="mean_reversion", parameters=(("entry_z", 1.0),))
Makers = Mapping[str, DecisionMaker | StrategyChoice]


def model_saying(**by_bar: str | Proposal) -> ScriptedModel:
    """A model that answers `b5="buy"` on bar 5, and holds else."""
    script: Script = {
        (TSLA.agent_id, iso_z(bar(int(name[1:])))): proposal(said)
        if isinstance(said, str)
        else said
        for name, said in by_bar.items()
    }
    return ScriptedModel(script)


def choice_of(name: str, maker: DecisionMaker | StrategyChoice) -> MindChoice:
    """How an agent's file would name a member."""
    if isinstance(maker, StrategyChoice):
        return MindChoice(name=name, mode=Mode.STRATEGY, strategy=maker)
    mode = Mode.AUTOMATED if isinstance(maker, ModelMaker) else Mode.STRATEGY
    return MindChoice(name=name, mode=mode)


def voter(makers: Makers, vote: Vote = Vote.MAJORITY, agent: AgentConfig = TSLA) -> AgentConfig:
    """The agent in mode ensemble."""
    members = tuple(choice_of(name, maker) for name, maker in makers.items())
    ensemble = EnsembleConfig(vote=vote, members=members)
    return replace(agent, mode=Mode.ENSEMBLE, ensemble=ensemble)


def voting_company(
    makers: Makers, vote: Vote = Vote.MAJORITY, budget: float | None = 5.0
) -> Company:
    """TSLA alone, decided by them, under every rule but the correlation's."""
    models = ModelsConfig(
        prices=PUBLISHED_PRICES, daily_budget_usd=budget, max_usd_per_decision=1.0
    )
    made = company(voter(makers, vote), max_correlated_positions=None)
    return with_digest(replace(made, models=models))


def minds_of(makers: Makers) -> Callable[[Mode, AgentConfig], DecisionMaker | None]:
    """What gives a desk the ensemble."""

    def minds(mode: Mode, agent: AgentConfig) -> DecisionMaker | None:
        if mode is not Mode.ENSEMBLE or agent.ensemble is None:
            return None
        members = []
        for choice in agent.ensemble.members:
            found = makers[choice.name]
            maker = StrategyMaker() if isinstance(found, StrategyChoice) else found
            members.append(Member(choice=choice, maker=maker))
        return ensemble_of(agent.ensemble.vote, members)

    return minds


@dataclass(frozen=True, kw_only=True)
class VotingKit(DeskKit):
    """A kit whose desks have the ensemble."""

    voters: Makers = field(kw_only=True)

    @override
    def desk(self, *args: Any, **options: Any) -> TradingDesk:
        made = super().desk(*args, **options)
        return replace(
            made,
            minds=minds_of(self.voters),
            makers={Mode.STRATEGY: StrategyMaker()},
            lease_clock=SystemClock(),
        )


def voting_kit(base: DeskKit, makers: Makers, **parts: Any) -> VotingKit:
    """The base kit's books, traded by an ensemble."""
    given = {"company": voting_company(makers), **parts}
    return VotingKit(
        store=base.store, simulations=base.simulations, bars=base.bars, voters=makers, **given
    )


def member_tape(kit: DeskKit, key: SlotKey, name: str) -> Tape | None:
    """A member's tape beside a slot."""
    with kit.store.reading() as uow:
        return uow.tapes.get(replace(key, slot=member_slot(name, key.slot)))
