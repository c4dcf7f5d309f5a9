"""Import of files of bars into the store.

Every file is read and judged before the first row is written: one unsound row anywhere, and nothing
is written at all. A second import of the same files changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ztrade_core.domain.time import Timeframe
from ztrade_core.market_data.files import expand_paths, read_bar_file
from ztrade_core.ports.bars import BarStore, UpsertReport
from ztrade_core.ports.clock import Calendar, Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What importing one series of one file did.

    Conflicts are bars that another source wrote first with other values: those stand.
    """

    file: str
    source: str
    symbol: str
    timeframe: Timeframe
    rows: int
    upsert: UpsertReport


def import_files(
    paths: Sequence[str | Path],
    store: BarStore,
    calendar: Calendar,
    clock: Clock,
    *,
    replace: bool = False,
) -> list[ImportReport]:
    """Read files, directories or patterns into the store, one transaction a file.

    Raises:
        InputError: an argument names no file of bars.
        UnsoundDataError: naming file, row and reason; nothing was written.
    """
    now = clock.now()
    files = [read_bar_file(path, calendar, now) for path in expand_paths(paths)]
    reports: list[ImportReport] = []
    for file in files:
        done = store.upsert(file.series, source=file.source, ingested_at=now, replace=replace)
        reports += [
            ImportReport(
                file=file.path.name,
                source=file.source,
                symbol=bars.symbol,
                timeframe=bars.timeframe,
                rows=len(bars),
                upsert=upsert,
            )
            for bars, upsert in zip(file.series, done, strict=True)
        ]
    return reports
