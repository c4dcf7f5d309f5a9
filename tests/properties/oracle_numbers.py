"""How the second opinion reads a case: numbers as exact fractions, what is an entry, whose halts.

A number is read as the decimal it prints as; one that is missing, NaN or infinite is None, and a
rule that needs it fails.
"""

from fractions import Fraction
from math import isfinite
from typing import Any

TOLERANCE = Fraction(1, 10**9)


def number(value: float | None) -> Fraction | None:
    return Fraction(repr(value)) if value is not None and isfinite(value) else None


def at_most(observed: Fraction | None, limit: Fraction) -> bool:
    return observed is not None and observed <= limit + abs(limit) * TOLERANCE


def is_entry(case: Any) -> bool:
    order = case.candidate
    if order is None:
        return False
    holds = any(p.agent_id == case.agent.agent_id for p in case.book.positions)
    return order.side == "buy" or not holds


def halts_of(case: Any) -> list[str]:
    return [h.kind for h in case.book.halts if h.agent_id in (None, case.agent.agent_id)]
