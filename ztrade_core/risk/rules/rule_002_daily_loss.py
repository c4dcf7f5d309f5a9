"""RULE_002: the company's breakers: the day's loss, and the drawdown beside it.

A loss is denied AT its limit (>=), unlike an exposure. Drawdown is judged here and not in a rule of
its own because both halt the whole company until a person resumes, and a decision has one verdict a
rule: `observed` and `limit` are the drawdown's where only the drawdown fails, else the day's loss.
"""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.book import Book
from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.arithmetic import below
from ztrade_core.risk.breakers import (
    COMPANY_BREAKERS,
    daily_loss_of,
    drawdown_of,
    halt_text,
    standing_halts,
)
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.rule import OFF, Rule, ruling
from ztrade_core.risk.wording import apart, percent, sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loss:
    what: str
    observed: float
    limit: float | None

    @property
    def passed(self) -> bool:
        return self.limit is None or below(self.observed, self.limit)

    @property
    def message(self) -> str:
        if self.limit is None:
            return f"{self.what} limit is {OFF}"
        seen, allowed = apart(self.observed, self.limit, percent)
        return f"{self.what} is {seen}; it halts all entries at {allowed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyLossRule(Rule):
    """The day's loss against 00:00 New York, unrealised included; `None` is off, halts are not."""

    rule_id: ClassVar[str] = "RULE_002"
    name: ClassVar[str] = "daily_loss"
    description: ClassVar[str] = (
        "The day's loss and the drawdown are under their limits, and no breaker halts the company."
    )

    limit_fraction: float | None
    drawdown_fraction: float | None

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge loss and drawdown now, and the halts they left standing."""
        day = _Loss(
            what="the day's loss", observed=daily_loss_of(case.book), limit=self.limit_fraction
        )
        drawdown = _Loss(
            what="the drawdown", observed=drawdown_of(case.book), limit=self.drawdown_fraction
        )
        halts = [
            halt_text(halt)
            for halt in standing_halts(case.book, case.agent.agent_id)
            if halt.kind in COMPANY_BREAKERS
        ]
        within_limits = day.passed and drawdown.passed
        missing = [] if within_limits else _missing(case.book)
        shown = drawdown if day.passed and not drawdown.passed else day
        return ruling(
            self,
            sentence([*halts, day.message, drawdown.message, *missing]),
            passed=within_limits and not halts,
            observed=shown.observed,
            limit=shown.limit,
        )


def _missing(book: Book) -> list[str]:
    parts = {
        "the account's equity": book.equity,
        "the equity at 00:00 New York": book.day_base_equity,
        "the peak equity": book.peak_equity,
    }
    return [f"{what} is missing" for what, value in parts.items() if value is None]
