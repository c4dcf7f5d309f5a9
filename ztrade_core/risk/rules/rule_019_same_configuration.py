"""RULE_019: the configuration did not change between freezing the inputs and judging the answer.

The digest of the whole configuration is in the snapshot; it must be that of the configuration in
force. The next decision is frozen under the new one and passes.
"""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.rule import Rule, ruling, switched_off

SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SameConfigurationRule(Rule):
    """`required` false is off."""

    rule_id: ClassVar[str] = "RULE_019"
    name: ClassVar[str] = "same_configuration"
    description: ClassVar[str] = (
        "The configuration in force is the one that the decision's inputs were frozen under."
    )

    required: bool

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge the two digests."""
        if not self.required:
            return switched_off(self)
        frozen, standing = case.market.config_digest, case.company.digest
        if frozen == standing:
            return ruling(self, f"the configuration is {standing[:SHOWN]} still", passed=True)
        changed = f"the configuration changed from {frozen[:SHOWN]} to {standing[:SHOWN]}"
        return ruling(self, f"{changed} since the inputs were frozen", passed=False)
