"""RULE_014: an order that is absurdly large is denied, whatever sized it.

- its notional, fees included, is at most `max_usd`;
- its notional is at most `position_multiple` times the agent's `position_usd`;
- its quantity is at most `volume_multiple` times the decision bar's volume (on a bar without volume
  no quantity is).

The sizing stays well inside: a number that gets here past it was computed wrongly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.arithmetic import within
from ztrade_core.risk.case import Candidate, RiskCase
from ztrade_core.risk.findings import Finding, verdict_of
from ztrade_core.risk.rule import Rule, ruling
from ztrade_core.risk.wording import apart, exactly, plain, usd


@dataclass(frozen=True, slots=True, kw_only=True)
class FatFingerRule(Rule):
    """Judges entries only; each of the three limits is off when None."""

    rule_id: ClassVar[str] = "RULE_014"
    name: ClassVar[str] = "fat_finger"
    description: ClassVar[str] = (
        "An entry's notional and quantity are within absolute bounds: dollars, the agent's position"
        " size and the decision bar's volume."
    )

    max_usd: float | None
    position_multiple: float | None
    volume_multiple: float | None

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge an entry's size."""
        if case.entry is None:
            return ruling(self, "no entry is asked for", passed=True)
        return verdict_of(self, list(self._findings(case, case.entry)))

    def _findings(self, case: RiskCase, entry: Candidate) -> Iterator[Finding]:
        if self.max_usd is not None:
            yield _in_usd(entry, self.max_usd, "the limit")
        if self.position_multiple is not None:
            most = self.position_multiple * case.agent.limits.position_usd
            yield _in_usd(entry, most, f"{exactly(self.position_multiple)} x the position size")
        if self.volume_multiple is not None:
            most = self.volume_multiple * case.market.volume
            seen, allowed = apart(entry.quantity, most, plain)
            multiple = exactly(self.volume_multiple)
            yield Finding(
                passed=within(entry.quantity, most),
                message=f"its quantity is {seen}; {multiple} x the bar's volume is {allowed}",
                observed=entry.quantity,
                limit=most,
            )


def _in_usd(entry: Candidate, most: float, what: str) -> Finding:
    seen, allowed = apart(entry.notional_usd, most, usd)
    return Finding(
        passed=within(entry.notional_usd, most),
        message=f"the order is worth {seen}; {what} is {allowed}",
        observed=entry.notional_usd,
        limit=most,
    )
