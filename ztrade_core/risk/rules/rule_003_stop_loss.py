"""RULE_003: no position without a stop: the entry brings one, every open position has one."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.book import Position
from ztrade_core.domain.decisions import Verdict
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.risk.arithmetic import is_covered, stop_is_valid, target_is_valid
from ztrade_core.risk.case import Candidate, RiskCase
from ztrade_core.risk.rule import Rule, ruling, switched_off
from ztrade_core.risk.wording import apart, exactly, sentence, usd


@dataclass(frozen=True, slots=True, kw_only=True)
class StopLossRule(Rule):
    """The entry's stop is below its limit price; open positions of all agents are covered.

    A target, where there is one, must be above: the two are one bracket at the broker.
    """

    rule_id: ClassVar[str] = "RULE_003"
    name: ClassVar[str] = "stop_loss"
    description: ClassVar[str] = (
        "The entry carries a stop below its price, and every open position a stop at the broker."
    )

    required: bool

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge the entry's bracket and what stops cover of every position."""
        if not self.required:
            return switched_off(self)
        entry = case.entry
        problems = [] if entry is None else _bracket_problems(entry)
        problems += [text for each in case.book.positions if (text := _uncovered(each))]
        message = sentence(problems) or _all_well(entry, len(case.book.positions))
        return ruling(
            self,
            message,
            passed=not problems,
            observed=None if entry is None else entry.stop_price,
            limit=None if entry is None else entry.limit_price,
        )


def _bracket_problems(entry: Candidate) -> list[str]:
    problems = []
    if entry.stop_price is None:
        problems.append("the entry has no stop loss")
    elif not stop_is_valid(entry.stop_price, entry.limit_price):
        stop, limit = apart(entry.stop_price, entry.limit_price, usd)
        problems.append(f"the stop at {stop} is not a price below the entry at {limit}")
    if entry.target_price is not None and not target_is_valid(
        entry.target_price, entry.limit_price
    ):
        target, limit = apart(entry.target_price, entry.limit_price, usd)
        problems.append(f"the target at {target} is not a price above the entry at {limit}")
    return problems


def _uncovered(position: Position) -> str:
    lots_per_unit = instrument_of(position.symbol).lots_per_unit
    whose = f"{position.agent_id}'s {position.symbol}"
    if position.stop_price is not None and not 0.0 < position.stop_price < float("inf"):
        return f"the stop of {whose} is at {usd(position.stop_price)}"
    if is_covered(position.protected_quantity, position.quantity, lots_per_unit):
        return ""
    held, covered = exactly(position.quantity), exactly(position.protected_quantity)
    return f"stops at the broker cover {covered} of {held} in {whose}"


def _all_well(entry: Candidate | None, positions: int) -> str:
    standing = f"{positions} open positions are covered by stops"
    if entry is None or entry.stop_price is None:
        return standing
    stop, limit = apart(entry.stop_price, entry.limit_price, usd)
    return f"the stop at {stop} is below the entry at {limit}; {standing}"
