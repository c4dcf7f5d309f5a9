"""RULE_006: the gross exposure of all agents is a bounded share of total capital."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.exposure import Exposure, judge_exposure
from ztrade_core.risk.projection import projected_book
from ztrade_core.risk.rule import Rule, switched_off


@dataclass(frozen=True, slots=True, kw_only=True)
class GrossExposureRule(Rule):
    """Counts every position, open entry and this order; `None` is off."""

    rule_id: ClassVar[str] = "RULE_006"
    name: ClassVar[str] = "gross_exposure"
    description: ClassVar[str] = (
        "The gross exposure of all agents, open entries and this order included, is within its"
        " share of total capital."
    )

    limit_fraction: float | None

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge the company's projected exposure."""
        if self.limit_fraction is None:
            return switched_off(self)
        exposure = Exposure(
            what="the company would hold" if case.is_entry else "the company holds",
            usd=projected_book(case).gross_exposure_usd(),
            limit_fraction=self.limit_fraction,
        )
        return judge_exposure(self, case.book, exposure)
