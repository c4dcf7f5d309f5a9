"""RULE_013: an entry decided now can fill in the running session.

A closed session is no fault of a standing book: holds pass, exits queue.
"""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.rule import Rule, ruling, switched_off


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpenRule(Rule):
    """Judges entries only."""

    rule_id: ClassVar[str] = "RULE_013"
    name: ClassVar[str] = "session_open"
    description: ClassVar[str] = "An entry is only made while its session is open."

    required: bool

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge whether the session takes an entry."""
        if not self.required:
            return switched_off(self)
        market = case.market
        state = "open" if market.session_open else "closed to entries"
        note = f" ({market.session_note})" if market.session_note else ""
        nothing = "" if case.is_entry else "; no entry is asked for"
        return ruling(
            self,
            f"the session is {state}{note}{nothing}",
            passed=market.session_open or not case.is_entry,
        )
