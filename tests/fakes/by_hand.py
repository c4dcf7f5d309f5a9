"""A person whose answer is there from the start: a proposal in place of a text."""

from dataclasses import dataclass

from typing_extensions import override

from tests.fakes.desk_makers import LOOKBACK_BARS
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.ports.mind import AnswerWriter, PaidAnswer


@dataclass(frozen=True)
class Said(AnswerWriter):
    """Answers `proposal` on whatever slot is decided, from as many bars as are asked for."""

    proposal: Proposal
    bars: int = LOOKBACK_BARS

    @property
    @override
    def slot(self) -> str | None:
        return None

    @property
    @override
    def is_waiting(self) -> bool:
        return False

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return self.bars

    @override
    def answer(self, snapshot: MarketSnapshot, agent: AgentConfig) -> PaidAnswer:
        return PaidAnswer(proposal=self.proposal, cost_usd=0.0)


def said(action: str, **wishes: float) -> Said:
    """Return a person who is sure of an action, and sees as much as a model."""
    proposal = Proposal(
        action=Action(action), confidence=0.9, rationale="a test", maker="manual", **wishes
    )
    return Said(proposal, bars=201)
