"""Returns by calendar month and year, from daily closes.

A month's return is its last close over the close before the month (the allocated capital before the
first), less 1; a year's likewise. Months without a mark are absent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ztrade_core.performance.daily import NOTHING_FRACTION, DailyClose

MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class YearReturns:
    """One year: twelve months, None where there is no return, and the year's own."""

    year: int
    months: tuple[float | None, ...]
    total: float | None


def monthly_table(closes: Sequence[DailyClose], capital_usd: float) -> list[YearReturns]:
    """Return a row a year with a close, ascending; `closes` are in order of days.

    A return on nothing, or on a debt, does not exist.
    """
    nothing = capital_usd * NOTHING_FRACTION
    last_of: dict[int, dict[int, float]] = {}
    for close in closes:
        last_of.setdefault(close.day.year, {})[close.day.month] = close.equity_usd
    table: list[YearReturns] = []
    before = capital_usd
    for year, months in last_of.items():
        opening = before
        cells: list[float | None] = [None] * MONTHS
        for month, equity in months.items():
            cells[month - 1] = _change(before, equity, nothing)
            before = equity
        total = _change(opening, before, nothing)
        table.append(YearReturns(year=year, months=tuple(cells), total=total))
    return table


def _change(before: float, after: float, nothing: float) -> float | None:
    return after / before - 1.0 if before > nothing else None
