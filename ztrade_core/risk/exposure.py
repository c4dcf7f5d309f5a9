"""The wording and arithmetic that the three exposure rules share: a sum against a share of capital.

The rules differ in what they sum; each says so in its own file.
"""

import math
from dataclasses import dataclass

from ztrade_core.domain.book import Book
from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.arithmetic import fraction_of, within
from ztrade_core.risk.projection import capital_of
from ztrade_core.risk.rule import Rule, ruling
from ztrade_core.risk.wording import apart, percent, usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A sum that a limit bounds: `what` would hold `usd`."""

    what: str
    usd: float
    limit_fraction: float


def judge_exposure(rule: Rule, book: Book, exposure: Exposure) -> Verdict:
    """Return whether an exposure is within its share of total capital; missing capital fails."""
    capital = capital_of(book)
    share = fraction_of(exposure.usd, capital)
    limit = exposure.limit_fraction
    passed = within(share, limit)
    if not math.isfinite(share):
        message = _unknown(book, exposure, capital)
    else:
        held, most = apart(exposure.usd, limit * capital, usd)
        seen, allowed = apart(share, limit, percent)
        message = (
            f"{exposure.what} {held}, {seen} of {usd(capital)}; the limit is {allowed} ({most})"
        )
    return ruling(rule, message, passed=passed, observed=share, limit=limit)


def _unknown(book: Book, exposure: Exposure, capital: float) -> str:
    if book.equity is None:
        return "total capital is missing: the account's equity is not known"
    if book.day_base_equity is None:
        return "total capital is missing: no equity is stored for 00:00 New York of this day"
    if not (capital > 0.0 and math.isfinite(capital)):
        return f"total capital is not a positive number of dollars: {capital}"
    return f"{exposure.what} an amount that is not a number: a quantity, mark or price is NaN"
