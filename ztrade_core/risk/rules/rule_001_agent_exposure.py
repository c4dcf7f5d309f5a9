"""RULE_001: an agent's gross exposure is a bounded share of total capital."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.exposure import Exposure, judge_exposure
from ztrade_core.risk.projection import projected_book
from ztrade_core.risk.rule import Rule, switched_off


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentExposureRule(Rule):
    """Counts the agent's positions, its open entries and this order; `None` is off."""

    rule_id: ClassVar[str] = "RULE_001"
    name: ClassVar[str] = "agent_exposure"
    description: ClassVar[str] = (
        "The agent's gross exposure, its open entries and this order included, is within its share"
        " of total capital."
    )

    limit_fraction: float | None

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge the agent's projected exposure."""
        if self.limit_fraction is None:
            return switched_off(self)
        agent_id = case.agent.agent_id
        exposure = Exposure(
            what=f"{agent_id} would hold" if case.is_entry else f"{agent_id} holds",
            usd=projected_book(case).agent_exposure_usd(agent_id),
            limit_fraction=self.limit_fraction,
        )
        return judge_exposure(self, case.book, exposure)
