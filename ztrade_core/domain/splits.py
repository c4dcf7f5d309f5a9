"""Stock splits: from which day on how many new shares stand for one old share."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ztrade_core.errors import UnsoundDataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """`ratio` new shares for one old share from `ex_date` (a New York date) on; below 1: a reverse split.

    `source` is the vendor that told it, or who wrote it by hand. Raises ValueError for a ratio that is
    none: not finite, not above 0, or 1.
    """

    symbol: str
    ex_date: date
    ratio: float
    source: str

    def __post_init__(self) -> None:
        if not (math.isfinite(self.ratio) and self.ratio > 0.0) or self.ratio == 1.0:
            raise ValueError(f"a split of {self.ratio} new shares for one: write a number above 0")


def ratio_between(splits: Iterable[Split], after: date, until: date) -> float:
    """Return how many shares at `until` stand for one at `after` (`after < ex_date <= until`)."""
    ratio = 1.0
    for split in sorted(splits, key=lambda each: each.ex_date):
        if after < split.ex_date <= until:
            ratio *= split.ratio
    return ratio


def refuse_another(kept: Split, told: Split) -> None:
    """Raise UnsoundDataError when `told` has another ratio than the split that is kept for its day."""
    if kept.ratio != told.ratio:
        raise UnsoundDataError(
            f"{told.symbol} {told.ex_date}: {told.source} tells {told.ratio:g} new shares for one, and"
            f" {kept.ratio:g} are kept of {kept.source or 'an unknown source'}; `ztrade data splits remove"
            f" {told.symbol} {told.ex_date}` first if that is wrong"
        )
