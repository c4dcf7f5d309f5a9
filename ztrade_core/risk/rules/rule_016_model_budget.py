"""RULE_016: what the agents' language models cost in a New York day is within the company's budget.

Counted are the questions of all agents and accounts, by their answers; one that has no answer counts at
the most it may cost. A question that the rest of the budget does not pay for is not asked at all: that
is seen to before it is sent. This rule judges the order that came of one, so that an answer which cost
more than it could moves nothing. An order that no model was asked for has cost nothing.
"""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.arithmetic import within
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.rule import Rule, ruling, switched_off


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelBudgetRule(Rule):
    """`limit_usd` None is off."""

    rule_id: ClassVar[str] = "RULE_016"
    name: ClassVar[str] = "model_budget"
    description: ClassVar[str] = (
        "What the agents' language models cost today is within the company's daily budget."
    )

    limit_usd: float | None

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge today's spending, the answer behind this order included."""
        if self.limit_usd is None:
            return switched_off(self)
        spent = case.desk.model_spent_usd
        return ruling(
            self,
            f"language models cost {spent:.4f} USD today; the daily budget is {self.limit_usd:g}",
            passed=within(spent, self.limit_usd),
            observed=spent,
            limit=self.limit_usd,
        )
