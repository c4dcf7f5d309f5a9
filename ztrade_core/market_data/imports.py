"""Import of files of bars into the store, by the same judgement as vendors' answers.

Every file is read before the first row is written: one row that cannot be a bar, and nothing is
written at all. Bars that are defective beside their neighbours (a spike, an unadjusted split) go to the
quarantine, the rest is stored. A second import of the same files changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import Timeframe
from ztrade_core.market_data.admission import Judged, judge_bars
from ztrade_core.market_data.files import BarFile, expand_paths, read_bar_file
from ztrade_core.market_data.quality.findings import Finding
from ztrade_core.market_data.review import of_stretch
from ztrade_core.ports.bars import BarStore, UpsertReport
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.providers import FetchedBars
from ztrade_core.ports.quarantine import Quarantine, QuarantinedBar
from ztrade_core.ports.splits import SplitStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What importing one series of one file did.

    Conflicts are bars that another source wrote first with other values: those stand. `held` bars went
    to the quarantine now, `former` ones wait there since before. `findings` are everything that was found,
    also what is told only: gaps, bars without volume.
    """

    file: str
    source: str
    symbol: str
    timeframe: Timeframe
    rows: int
    upsert: UpsertReport
    held: tuple[QuarantinedBar, ...] = ()
    former: int = 0
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def waiting(self) -> int:
        """How many of its bars wait in quarantine for a person."""
        return len(self.held) + self.former


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDesk:
    """What files are imported with; without a quarantine nothing but the rows is judged."""

    store: BarStore
    calendar: Calendar
    clock: Clock
    quarantine: Quarantine | None = None
    splits: SplitStore | None = None


def import_files(
    paths: Sequence[str | Path], desk: ImportDesk, *, replace: bool = False
) -> list[ImportReport]:
    """Read files, directories or patterns into the store.

    Raises:
        InputError: an argument names no file of bars.
        UnsoundDataError: naming file, row and reason; nothing was written.
    """
    now = desk.clock.now()
    files = [read_bar_file(path, desk.calendar, now) for path in expand_paths(paths)]
    importer = _Importer(desk, now)
    return [report for file in files for report in importer.take(file, replace=replace)]


class _Importer:
    """Takes files that were read whole, one after the other: each is judged beside the former ones."""

    def __init__(self, desk: ImportDesk, now: datetime) -> None:
        self._desk = desk
        self._now = now

    def take(self, file: BarFile, *, replace: bool) -> Iterator[ImportReport]:
        """Keep a file's defective bars apart, and write the others in one transaction."""
        judged = [self._judged(bars, file.source) for bars in file.series]
        if self._desk.quarantine is not None:
            self._desk.quarantine.hold([bar for one in judged for bar in one.held])
        done = self._desk.store.upsert(
            [one.sound for one in judged],
            source=file.source,
            ingested_at=self._now,
            replace=replace,
        )
        for bars, one, upsert in zip(file.series, judged, done, strict=True):
            yield ImportReport(
                file=file.path.name,
                source=file.source,
                symbol=bars.symbol,
                timeframe=bars.timeframe,
                rows=len(bars),
                upsert=upsert,
                held=one.held,
                former=one.former,
                findings=tuple(of_stretch(one.findings, bars)),
                notes=one.notes,
            )

    def _judged(self, bars: BarSeries, source: str) -> Judged:
        if self._desk.quarantine is None:
            return Judged(
                sound=bars, held=(), rows=len(bars), former=0, source=source, findings=(), notes=()
            )
        return judge_bars(
            FetchedBars(series=bars, source=source),
            store=self._desk.store,
            quarantine=self._desk.quarantine,
            calendar=self._desk.calendar,
            known_at=self._now,
            splits=self._desk.splits,
        )
