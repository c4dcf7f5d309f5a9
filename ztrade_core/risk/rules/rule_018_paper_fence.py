"""RULE_018: orders go to a paper or simulated account, and to no other host than the paper one.

The broker says what it is: `is_paper`, and its `host`: none (simulated), or exactly
`domain.configuration.PAPER_HOST`, compared as text: nothing is parsed or resolved. This is the last
of three fences (settings, transport, rule); it has no switch.
"""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.configuration import PAPER_HOST
from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.rule import Rule, ruling
from ztrade_core.risk.wording import sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFenceRule(Rule):
    """Without a limit."""

    rule_id: ClassVar[str] = "RULE_018"
    name: ClassVar[str] = "paper_fence"
    description: ClassVar[str] = (
        "The broker is a paper or simulated one, and its host is the paper host."
    )

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge what the broker says of itself; a host that is refused is not repeated."""
        desk, problems = case.desk, []
        if desk.is_paper is not True:
            problems.append("the broker does not say that its account is a paper account")
        if desk.broker_host is not None and desk.broker_host != PAPER_HOST:
            problems.append(f"the broker's host is not {PAPER_HOST}")
        where = "on our own books" if desk.broker_host is None else f"at {desk.broker_host}"
        return ruling(self, sentence(problems) or f"paper trading {where}", passed=not problems)
