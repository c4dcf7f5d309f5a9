"""What a backfill tells: each month as it is done, each series when it is over."""

from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.time import iso_z
from ztrade_core.market_data.chain import SeriesWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One month of a series is done: rows written in it, bars it still lacks."""

    window: SeriesWindow
    month: SeriesWindow
    done: int
    of: int
    written: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesReport:
    """A series after a backfill.

    `gaps` are the missing bars as runs (first open, length). `until`: a limit stands in the way up to
    then; `failed`: a vendor failed in a way that may pass. Both None and False: every vendor has
    answered, and what is missing is with none of them.
    """

    window: SeriesWindow
    expected: int
    missing: tuple[datetime, ...]
    gaps: tuple[tuple[datetime, int], ...]
    requests: int
    written: int
    sources: tuple[str, ...]
    until: datetime | None
    failed: bool
    notes: tuple[str, ...]

    @property
    def stopped(self) -> str:
        """Why it ended before its time and when to go on; empty: it did not."""
        if not self.missing or not (self.until or self.failed):
            return ""
        when = "now" if self.until is None else f"after {iso_z(self.until)}"
        return (
            f"{self.window.name}: {self.written} bars kept, {len(self.missing)} of {self.expected}"
            f" missing from {iso_z(self.missing[0])} on; launch the same again {when}, it asks only"
            f" for what is missing ({'; '.join(self.notes)})"
        )
