"""The store of bars: idempotent upserts in, sound series out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.domain.time import Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertReport:
    """What an upsert did.

    `conflicts` counts bars that another source wrote first, with other values: the first source
    stands unless `replace` was asked for.
    """

    inserted: int
    updated: int
    unchanged: int
    conflicts: int
    first_conflict: datetime | None = None
    first_conflict_source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesStatus:
    """One stored series at a glance."""

    symbol: str
    timeframe: Timeframe
    rows: int
    first_open: datetime
    last_open: datetime
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TracedBars:
    """Bars, and of each its source and when its values came (microseconds)."""

    series: BarSeries
    sources: tuple[str, ...]
    ingested: IntArray


class BarStore(Protocol):
    """Bars by (symbol, timeframe, open time)."""

    def upsert(
        self,
        series: Sequence[BarSeries],
        *,
        source: str,
        ingested_at: datetime,
        replace: bool = False,
    ) -> list[UpsertReport]:
        """Write several series in one transaction: all of them, or none.

        Raises UnsoundDataError for NaN, disorder, or mixing synthetic with real in one series.
        """
        ...

    def read(
        self,
        symbol: str,
        timeframe: Timeframe,
        *,
        start: datetime | None = None,
        stop: datetime | None = None,
        last: int | None = None,
    ) -> BarSeries:
        """Return bars with `start <= open < stop`; `last` keeps only the newest that many."""
        ...

    def traced(
        self,
        symbol: str,
        timeframe: Timeframe,
        *,
        start: datetime | None = None,
        stop: datetime | None = None,
        last: int | None = None,
    ) -> TracedBars:
        """Return what `read` returns, and where each bar came from and when; slower than `read`."""
        ...

    def source_at(self, symbol: str, timeframe: Timeframe, opened: datetime) -> str:
        """Return the source of the bar that opened then; empty when there is none."""
        ...

    def status(self) -> list[SeriesStatus]:
        """Return every stored series, ordered by symbol and timeframe."""
        ...
