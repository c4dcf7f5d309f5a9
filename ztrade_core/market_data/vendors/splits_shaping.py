"""From what vendors tell of a split to ours; what is none is refused."""

import math
from collections.abc import Iterable
from datetime import date
from typing import Any

from ztrade_core.domain.splits import Split
from ztrade_core.errors import UnsoundDataError

MOST_SPLITS = 200
MOST_RATIO = 10_000.0


def split_of(symbol: str, day: Any, rates: tuple[Any, Any], source: str) -> Split:
    """Return the split of a day (`2022-08-25`): so many new shares for so many old ones.

    Raises UnsoundDataError for what is no day, no number, no split, or beyond 10,000 to 1.
    """
    new, old = (_number(each) for each in rates)
    if not (new > 0.0 and old > 0.0):
        raise UnsoundDataError(
            f"a split of {symbol} that is none: {rates[0]!r} for {rates[1]!r}"[:160]
        )
    ratio = new / old
    if not (1.0 / MOST_RATIO <= ratio <= MOST_RATIO):
        raise UnsoundDataError(f"a split of {symbol} of {ratio:g} to 1, beyond all that is known")
    try:
        return Split(symbol=symbol, ex_date=date.fromisoformat(day), ratio=ratio, source=source)
    except (TypeError, ValueError) as error:
        raise UnsoundDataError(
            f"a split of {symbol} that is none ({type(error).__name__})"
        ) from None


def within(splits: Iterable[Split], since: date, until: date) -> tuple[Split, ...]:
    """Return the splits of a range of days, oldest first; UnsoundDataError for two of one day."""
    found: dict[date, Split] = {}
    for number, split in enumerate(splits):
        if number >= MOST_SPLITS or found.setdefault(split.ex_date, split) != split:
            raise UnsoundDataError(f"it tells splits of {split.symbol} that no stock can have had")
    return tuple(found[day] for day in sorted(found) if since <= day <= until)


def _number(value: Any) -> float:
    """Return a number as told; NaN, which no split has, for whatever else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else math.nan
