"""Months of a walk-forward: New York calendar months, written `2022-05`.

A bar belongs to the month it opens in. One that opens before a month's begin and completes after it
is of no month's sample: it is known too late to fit on, and only warms up.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from ztrade_core.domain.time import new_york_date, new_york_midnight
from ztrade_core.errors import InputError

MONTHS_A_YEAR = 12
FORM = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Month:
    """A calendar month; `begins` is its first instant, `ends` the first one after it (UTC)."""

    year: int
    number: int

    @property
    def text(self) -> str:
        """As it is written: `2022-05`."""
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def begins(self) -> datetime:
        """00:00 New York of its first day."""
        return new_york_midnight(date(self.year, self.number, 1))

    @property
    def ends(self) -> datetime:
        """00:00 New York of the next month's first day."""
        return self.later(1).begins

    def later(self, months: int) -> "Month":
        """Return the month so many months later, earlier when negative."""
        year, index = divmod(self.year * MONTHS_A_YEAR + self.number - 1 + months, MONTHS_A_YEAR)
        return Month(year=year, number=index + 1)


def month_of(text: str) -> Month:
    """Parse `2022-05`; raise InputError for anything else."""
    found = FORM.fullmatch(text)
    if found is None or int(found[1]) < 1:
        raise InputError(f"month {text!r}: write a year and a month like 2022-05")
    return Month(year=int(found[1]), number=int(found[2]))


def month_at(instant: datetime) -> Month:
    """Return the month that an instant lies in."""
    day = new_york_date(instant)
    return Month(year=day.year, number=day.month)


def months_from(first: Month, last: Month) -> list[Month]:
    """Return the months from `first` to `last`, both included; none when `last` is before."""
    count = (last.year - first.year) * MONTHS_A_YEAR + last.number - first.number + 1
    return [first.later(step) for step in range(max(count, 0))]


def stretches(months: list[Month]) -> list[tuple[Month, Month]]:
    """Return the first and the last month of each unbroken stretch of ascending months."""
    found: list[tuple[Month, Month]] = []
    for month in months:
        if found and found[-1][1].later(1) == month:
            found[-1] = (found[-1][0], month)
        else:
            found.append((month, month))
    return found
