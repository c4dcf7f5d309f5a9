"""A mind that answers from a script: by agent and bar, else hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from typing_extensions import override

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.ports.mind import DecisionMaker

Script = Mapping[tuple[str, str], Proposal]
LOOKBACK_BARS = 3


def proposal(action: str, **wishes: float) -> Proposal:
    """A confident answer."""
    return Proposal(
        action=Action(action), confidence=0.9, rationale="as scripted", maker="script", **wishes
    )


@dataclass(frozen=True)
class ScriptedMaker(DecisionMaker):
    """Answers `script[agent, slot]`; what is not written there is a hold. `asked` lists the slots."""

    script: Script
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    @override
    def name(self) -> str:
        return "script"

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return LOOKBACK_BARS

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        key = (agent.agent_id, snapshot.key.slot)
        self.asked.append(key)
        return self.script.get(key, proposal("hold"))
