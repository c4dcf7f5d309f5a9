"""What a quality check says: which bars, how grave, what was seen, what is allowed, in one sentence.

What does not belong here: what happens to the bars (`ztrade_core.market_data.admission`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.market_data.soundness import stamp_text


class Severity(StrEnum):
    """How grave a finding is: `quarantine` keeps the bars out, `warn` is told only."""

    QUARANTINE = "quarantine"
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One defect: `rows` index the judged bars (none for bars that are missing).

    `first` and `last` are stamps in microseconds, of the bars meant; `count` is how many.
    """

    check: str
    severity: Severity
    rows: tuple[int, ...]
    first: int
    last: int
    count: int
    observed: float
    limit: float
    text: str

    @property
    def quarantines(self) -> bool:
        """Whether the bars are kept out."""
        return self.severity is Severity.QUARANTINE

    def sentence(self) -> str:
        """Return the finding as one line: when, and what."""
        if self.first == self.last:
            return f"{stamp_text(self.first)}: {self.text}"
        return f"{stamp_text(self.first)} to {stamp_text(self.last)}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a check measured on some bars, beside what it allows."""

    check: str
    severity: Severity
    observed: float
    limit: float
    text: str


def found(bars: BarSeries, rows: Sequence[int] | IntArray, seen: Seen) -> Finding:
    """Return the finding on some rows of `bars`, which are not empty."""
    indices = tuple(int(row) for row in rows)
    stamps = bars.timestamps[list(indices)]
    return Finding(
        check=seen.check,
        severity=seen.severity,
        rows=indices,
        first=int(stamps.min()),
        last=int(stamps.max()),
        count=len(indices),
        observed=seen.observed,
        limit=seen.limit,
        text=seen.text,
    )


def runs_of(mask: ArrayLike) -> list[tuple[int, int]]:
    """Return the runs of true values as `(start, stop)`."""
    padded = np.concatenate(([False], np.asarray(mask, dtype=np.bool_), [False]))
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]
