"""RULE_008: nobody has pulled the brake, in the database or by the file `HALT`.

A halt of a kind that no breaker owns is taken for a person's: an unknown halt still halts.
"""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.breakers import BREAKERS, halt_text, standing_halts
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.rule import Rule, ruling, switched_off
from ztrade_core.risk.wording import sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualHaltRule(Rule):
    """Halts of the company and of the agent count; those of other agents do not."""

    rule_id: ClassVar[str] = "RULE_008"
    name: ClassVar[str] = "manual_halt"
    description: ClassVar[str] = "No manual halt stands for the company or the agent."

    required: bool

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge the standing halts and the file."""
        if not self.required:
            return switched_off(self)
        halts = [
            halt_text(halt)
            for halt in standing_halts(case.book, case.agent.agent_id)
            if halt.kind not in BREAKERS
        ]
        if case.halt_file is not None:
            reason = case.halt_file.strip() or "it gives no reason"
            halts.append(f"the file HALT stands in the data folder: {reason}")
        return ruling(self, sentence(halts) or "no manual halt stands", passed=not halts)
