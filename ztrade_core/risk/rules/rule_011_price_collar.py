"""RULE_011: an entry's prices are near the market and its stop neither too near nor too far.

- The limit price (a market order's: the close it was sized at) is at most `max_gap_bps` from the
  decision bar's close and from the latest mark, either way, in basis points of those.
- The stop is `min_stop_fraction` to `max_stop_fraction` below the limit price, as a fraction of it.
  An entry without a stop has no distance: RULE_003 judges that.
- A target, where there is one, lies above the limit price.

A price that is missing or no number fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.arithmetic import (
    at_least,
    price_gap_bps,
    stop_distance_fraction,
    target_is_valid,
    within,
)
from ztrade_core.risk.case import Candidate, RiskCase
from ztrade_core.risk.findings import Finding, verdict_of
from ztrade_core.risk.rule import Rule, ruling
from ztrade_core.risk.wording import apart, percent, plain, usd


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceCollarRule(Rule):
    """Judges entries only; each of the three limits is off when None."""

    rule_id: ClassVar[str] = "RULE_011"
    name: ClassVar[str] = "price_collar"
    description: ClassVar[str] = (
        "An entry's limit price is near the decision bar's close and the latest mark, its stop"
        " within its distances and its target beyond the limit price."
    )

    max_gap_bps: float | None
    min_stop_fraction: float | None
    max_stop_fraction: float | None

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge an entry's prices."""
        entry = case.entry
        if entry is None:
            return ruling(self, "no entry is asked for", passed=True)
        findings = [*self._gaps(case, entry), *self._stop(entry), *_target(entry)]
        return verdict_of(self, findings)

    def _gaps(self, case: RiskCase, entry: Candidate) -> Iterator[Finding]:
        limit = self.max_gap_bps
        if limit is None:
            return
        close, mark = case.market.close, case.desk.mark
        for reference, what in ((close, "the decision bar's close"), (mark, "the latest mark")):
            gap = price_gap_bps(entry.limit_price, reference)
            seen, most = apart(gap, limit, plain)
            where = f"the limit price {usd(entry.limit_price)} is {seen} bps from {what}"
            yield Finding(
                passed=within(gap, limit),
                message=f"{where} {usd(reference)}; the limit is {most}",
                observed=gap,
                limit=limit,
            )

    def _stop(self, entry: Candidate) -> Iterator[Finding]:
        if entry.stop_price is None:
            return
        away = stop_distance_fraction(entry.limit_price, entry.stop_price)
        if self.min_stop_fraction is not None:
            seen, least = apart(away, self.min_stop_fraction, percent)
            yield Finding(
                passed=at_least(away, self.min_stop_fraction),
                message=f"the stop is {seen} below the limit price; at least {least} is needed",
                observed=away,
                limit=self.min_stop_fraction,
            )
        if self.max_stop_fraction is not None:
            seen, most = apart(away, self.max_stop_fraction, percent)
            yield Finding(
                passed=within(away, self.max_stop_fraction),
                message=f"the stop is {seen} below the limit price; at most {most} is allowed",
                observed=away,
                limit=self.max_stop_fraction,
            )


def _target(entry: Candidate) -> Iterator[Finding]:
    """Say where the target is; without one there is nothing to say but that."""
    target = entry.target_price
    if target is None:
        yield Finding(passed=True, message="there is no target")
        return
    is_beyond = target_is_valid(target, entry.limit_price)
    where = "above" if is_beyond else "not above"
    message = f"the target {usd(target)} is {where} the limit price {usd(entry.limit_price)}"
    yield Finding(passed=is_beyond, message=message, observed=target, limit=entry.limit_price)
