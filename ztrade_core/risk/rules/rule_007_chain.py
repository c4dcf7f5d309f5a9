"""RULE_007: the decision ledger's chain verifies from the last anchor to this decision."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.rule import Rule, ruling, switched_off


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRule(Rule):
    """A chain that was not verified has not passed."""

    rule_id: ClassVar[str] = "RULE_007"
    name: ClassVar[str] = "ledger_chain"
    description: ClassVar[str] = (
        "The ledger's hash chain verifies from the last anchor to this decision."
    )

    required: bool

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge what the verification found."""
        if not self.required:
            return switched_off(self)
        fault = case.chain.fault
        if fault is not None:
            row = f"row {fault.sequence} of the ledger"
            return ruling(self, f"{row} does not verify: {fault.problem}", passed=False)
        if not case.chain.verified:
            return ruling(self, "the ledger's chain was not verified", passed=False)
        return ruling(self, "the ledger's chain verifies from the last anchor", passed=True)
