"""RULE_021: the agent's own limits: confidence, trades a day, position size, losing streak."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.arithmetic import at_least, within
from ztrade_core.risk.breakers import CONSECUTIVE_LOSSES, halt_text, standing_halts
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.findings import Finding, verdict_of
from ztrade_core.risk.projection import projected_book
from ztrade_core.risk.rule import OFF, Rule, ruling
from ztrade_core.risk.wording import apart, plain, sentence, usd

FULL_CONFIDENCE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLimitsRule(Rule):
    """The limits of the agent's own file; `required` false is off, a standing pause is not.

    `observed` and `limit` are those of the first limit that fails, else the position's.
    """

    rule_id: ClassVar[str] = "RULE_021"
    name: ClassVar[str] = "agent_limits"
    description: ClassVar[str] = (
        "The agent is within its own limits: confidence, trades a day, position and losing streak."
    )

    required: bool

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge the agent's record, its projected position and, on an entry, its confidence."""
        halts = [
            halt_text(halt)
            for halt in standing_halts(case.book, case.agent.agent_id)
            if halt.kind == CONSECUTIVE_LOSSES
        ]
        if not self.required:
            return ruling(self, sentence([*halts, f"{self.name} is {OFF}"]), passed=not halts)
        return verdict_of(self, list(_findings(case)), halts)


def _findings(case: RiskCase) -> Iterator[Finding]:
    yield _position(case)
    yield _trades(case)
    yield _streak(case)
    if case.entry is not None:
        yield _confidence(case.entry.confidence, case.agent.limits.min_confidence)


def _position(case: RiskCase) -> Finding:
    exposure = projected_book(case).agent_exposure_usd(case.agent.agent_id)
    limit = case.agent.limits.position_usd
    held, most = apart(exposure, limit, usd)
    return Finding(
        passed=within(exposure, limit),
        message=f"its position {'would be' if case.is_entry else 'is'} {held}; the limit is {most}",
        observed=exposure,
        limit=limit,
    )


def _trades(case: RiskCase) -> Finding:
    """An entry is one trade more: it counts itself, so that exactly the limit is allowed."""
    done = case.book.record_of(case.agent.agent_id).trades_today
    trades = done + 1 if case.is_entry else done
    limit = case.agent.limits.max_daily_trades
    return Finding(
        passed=trades <= limit,
        message=f"trades today{', this order included' if case.is_entry else ''}: {trades};"
        f" the limit is {limit}",
        observed=float(trades),
        limit=float(limit),
    )


def _streak(case: RiskCase) -> Finding:
    losses = case.book.record_of(case.agent.agent_id).consecutive_losses
    limit = case.agent.limits.max_consecutive_losses
    return Finding(
        passed=losses < limit,
        message=f"losing trades in a row: {losses}; the agent pauses at {limit}",
        observed=float(losses),
        limit=float(limit),
    )


def _confidence(confidence: float, least: float) -> Finding:
    seen, needed = apart(confidence, least, plain)
    return Finding(
        passed=at_least(confidence, least) and confidence <= FULL_CONFIDENCE,
        message=f"its confidence is {seen}; at least {needed} and at most 1 is needed",
        observed=confidence,
        limit=least,
    )
