"""RULE_017: an agent that fails again and again is stopped until a person looks.

Failures in a row are the agent's entries that the broker rejected since the last one it took, plus
its mind's invalid answers since the last valid one; what lies before a resume is forgiven. At
`limit` the agent is halted by a breaker (`runaway`), and that halt denies until it is lifted, even
when the next answers are sound.
"""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.breakers import RUNAWAY, halt_text, standing_halts
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.findings import Finding, verdict_of
from ztrade_core.risk.rule import OFF, Rule, ruling
from ztrade_core.risk.wording import sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class RunawayRule(Rule):
    """`limit` None is off, a standing halt of the breaker is not."""

    rule_id: ClassVar[str] = "RULE_017"
    name: ClassVar[str] = "runaway"
    description: ClassVar[str] = (
        "The agent's entries are not rejected, nor its answers invalid, time and again."
    )

    limit: int | None

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge the agent's failures in a row and its standing halt."""
        agent_id = case.agent.agent_id
        halts = [
            halt_text(halt) for halt in standing_halts(case.book, agent_id) if halt.kind == RUNAWAY
        ]
        if self.limit is None:
            return ruling(self, sentence([*halts, f"{self.name} is {OFF}"]), passed=not halts)
        failures = case.book.record_of(agent_id).failures_in_a_row
        counted = Finding(
            passed=failures < self.limit,
            message=f"rejected entries or invalid answers in a row: {failures};"
            f" the agent is halted at {self.limit}",
            observed=float(failures),
            limit=float(self.limit),
        )
        return verdict_of(self, [counted], halts)
