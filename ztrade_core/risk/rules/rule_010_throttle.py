"""RULE_010: no flood of entries: company-wide in a minute, of one agent in an hour.

An entry counts from the moment it was admitted, whatever became of it, for less than 60 seconds
(the company's) and less than 3600 (the agent's): one that is exactly so old is out. The order that
is judged counts itself, so that exactly the limit is allowed. A future entry counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.findings import Finding, verdict_of
from ztrade_core.risk.rule import Rule

MINUTE_SECONDS = 60.0
HOUR_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottleRule(Rule):
    """Each of the two limits is off when None."""

    rule_id: ClassVar[str] = "RULE_010"
    name: ClassVar[str] = "throttle"
    description: ClassVar[str] = (
        "The company's entries of the last minute and the agent's of the last hour are within"
        " their limits."
    )

    per_minute: int | None
    agent_per_hour: int | None

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge how many entries there are, this one included."""
        return verdict_of(self, list(self._findings(case)))

    def _findings(self, case: RiskCase) -> Iterator[Finding]:
        if self.per_minute is not None:
            made = _younger_than(case, MINUTE_SECONDS, None)
            yield _finding(case, made, self.per_minute, "the company's entries of the last 60 s")
        if self.agent_per_hour is not None:
            agent_id = case.agent.agent_id
            made = _younger_than(case, HOUR_SECONDS, agent_id)
            yield _finding(
                case, made, self.agent_per_hour, f"{agent_id}'s entries of the last hour"
            )


def _younger_than(case: RiskCase, seconds: float, agent_id: str | None) -> int:
    count = 0
    for entry in case.desk.entries:
        mine = agent_id is None or entry.agent_id == agent_id
        if mine and (case.desk.at - entry.created_at).total_seconds() < seconds:
            count += 1
    return count


def _finding(case: RiskCase, made: int, limit: int, what: str) -> Finding:
    count = made + 1 if case.is_entry else made
    included = ", this order included" if case.is_entry else ""
    return Finding(
        passed=count <= limit,
        message=f"{what}{included}: {count}; the limit is {limit}",
        observed=float(count),
        limit=float(limit),
    )
