"""RULE_012: what was decided on is fresh, whole, and dated by a clock that is right."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.domain.time import iso_z
from ztrade_core.risk.arithmetic import within
from ztrade_core.risk.case import MarketFacts, RiskCase
from ztrade_core.risk.rule import OFF, Rule, ruling
from ztrade_core.risk.wording import apart, plain, sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshDataRule(Rule):
    """`required` false asks for no fresh bar; clock and unsound inputs are always judged."""

    rule_id: ClassVar[str] = "RULE_012"
    name: ClassVar[str] = "fresh_data"
    description: ClassVar[str] = (
        "The last bar that the calendar expects is there, the inputs are sound and the clock is"
        " right."
    )

    required: bool
    max_clock_skew_seconds: float

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge freshness, the clock's skew and the input's issues."""
        market = case.market
        skew = abs(market.clock_skew_seconds)
        limit = self.max_clock_skew_seconds
        on_time = within(skew, limit)
        stale = self.required and not market.fresh
        seen, allowed = apart(skew, limit, plain)
        parts = [
            _freshness(market) if self.required else f"freshness is {OFF}",
            f"the clock is off by {seen} s; the limit is {allowed} s",
            *(f"the inputs are not sound: {issue}" for issue in market.issues),
        ]
        return ruling(
            self,
            sentence(parts),
            passed=on_time and not stale and not market.issues,
            observed=skew,
            limit=limit,
        )


def _freshness(market: MarketFacts) -> str:
    last = "none" if market.last_bar is None else iso_z(market.last_bar)
    if market.fresh:
        return f"the last expected bar ({last}) is there"
    if market.expected_bar is None:
        return f"the calendar expects no bar now; the last one is {last}"
    return f"the bar of {iso_z(market.expected_bar)} is missing; the last one is {last}"
