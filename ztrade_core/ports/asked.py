"""What vendors were asked and answered, so that a hole they do not fill is not asked for again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ztrade_core.domain.time import Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRange:
    """A vendor's whole answer to `start <= open < stop`: so many rows, 0 for none at all."""

    symbol: str
    timeframe: Timeframe
    vendor: str
    start: datetime
    stop: datetime
    rows: int
    answered_at: datetime


class AskedRanges(Protocol):
    """Answers by series and vendor."""

    def of(self, symbol: str, timeframe: Timeframe, vendor: str) -> Sequence[AskedRange]:
        """Return what a vendor answered about a series, ordered by start."""
        ...

    def record(self, answered: AskedRange) -> None:
        """Keep an answer; one to the very same question replaces the former."""
        ...
