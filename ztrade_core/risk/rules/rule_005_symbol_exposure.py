"""RULE_005: a symbol's position, company-wide, is a bounded share of total capital."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.exposure import Exposure, judge_exposure
from ztrade_core.risk.projection import projected_book
from ztrade_core.risk.rule import Rule, switched_off


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolExposureRule(Rule):
    """Counts positions, open entries and this order in the symbol; `None` is off."""

    rule_id: ClassVar[str] = "RULE_005"
    name: ClassVar[str] = "symbol_exposure"
    description: ClassVar[str] = (
        "The symbol's position of all agents, open entries and this order included, is within its"
        " share of total capital."
    )

    limit_fraction: float | None

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge the order's symbol; without an order, the agent's."""
        if self.limit_fraction is None:
            return switched_off(self)
        symbol = case.agent.symbol if case.candidate is None else case.candidate.symbol
        verb = "would hold" if case.is_entry else "holds"
        exposure = Exposure(
            what=f"the company {verb} in {symbol}",
            usd=projected_book(case).symbol_exposure_usd(symbol),
            limit_fraction=self.limit_fraction,
        )
        return judge_exposure(self, case.book, exposure)
