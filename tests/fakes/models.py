"""A model that answers from a script and costs what it is told to."""

from dataclasses import dataclass, field
from datetime import date

from typing_extensions import override

from tests.fakes.desk_makers import Script, proposal
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.ports.mind import ModelMaker, PaidAnswer


@dataclass(frozen=True)
class ScriptedModel(ModelMaker):
    """Answers `script[agent, slot]`, else a hold; every answer costs `cost_usd`, `most` at most."""

    script: Script
    cost_usd: float = 0.03
    most: float = 0.05
    cutoff: date | None = None
    asked: list[str] = field(default_factory=list)

    @property
    @override
    def name(self) -> str:
        return "automated/1"

    @property
    @override
    def model(self) -> str:
        return "scripted-model-1"

    @property
    @override
    def training_cutoff(self) -> date | None:
        return self.cutoff

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return 3

    @override
    def most_usd(self, agent: AgentConfig) -> float:
        return self.most

    @override
    def ask(self, snapshot: MarketSnapshot, agent: AgentConfig) -> PaidAnswer:
        self.asked.append(snapshot.key.slot)
        answer = self.script.get((agent.agent_id, snapshot.key.slot), proposal("hold"))
        return PaidAnswer(proposal=answer, cost_usd=self.cost_usd)

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        return self.ask(snapshot, agent).proposal
