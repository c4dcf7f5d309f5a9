"""Splits as they are known, from vendors and by hand."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from ztrade_core.domain.splits import Split


class SplitStore(Protocol):
    """Splits by (symbol, ex_date)."""

    def put(self, splits: Sequence[Split]) -> int:
        """Keep splits; return how many changed something.

        Raises UnsoundDataError for a ratio other than the one that is kept for the day: nothing is
        replaced silently; `remove` first.
        """
        ...

    def of(self, symbol: str, *, until: date | None = None) -> tuple[Split, ...]:
        """Return a symbol's splits with `ex_date <= until` (None: all), oldest first."""
        ...

    def symbols(self) -> tuple[str, ...]:
        """Return every symbol that has one, sorted."""
        ...

    def remove(self, symbol: str, ex_date: date) -> bool:
        """Forget a split; return whether there was one."""
        ...


class SplitAnswers(Protocol):
    """When a vendor last told a symbol's splits, so that it is not asked at every refresh."""

    def answered_at(self, symbol: str) -> datetime | None:
        """Return the moment of the last answer; None: there was none."""
        ...

    def note_answer(self, symbol: str, vendor: str, at: datetime) -> None:
        """Keep that a vendor answered."""
        ...
