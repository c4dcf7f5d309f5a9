"""Bars from files: CSV and Parquet with the columns of `ztrade_core.market_data.rows`.

A file is read whole and judged whole: one unsound row refuses all of it. The rows' `source` is
`file:<name>`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from glob import glob, has_magic
from pathlib import Path

from typing_extensions import override

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import Timeframe, to_micros
from ztrade_core.errors import InputError, NoDataError
from ztrade_core.market_data.csv_rows import read_csv_rows
from ztrade_core.market_data.parquet_rows import read_parquet_rows
from ztrade_core.market_data.rows import series_of
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.providers import BarProvider, FetchedBars

READERS = {".csv": read_csv_rows, ".parquet": read_parquet_rows}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarFile:
    """A file's sound series, and the source that their rows carry."""

    path: Path
    source: str
    series: tuple[BarSeries, ...]


def read_bar_file(path: Path, calendar: Calendar, known_at: datetime) -> BarFile:
    """Read one file; `known_at` is the moment of reading: no bar may complete after it.

    Raises:
        InputError: no such file, a directory, or neither CSV nor Parquet by its name.
        UnsoundDataError: naming file, row and reason.
    """
    if path.is_dir():
        raise InputError(f"{path} is a directory, not a file of bars")
    if not path.is_file():
        raise InputError(f"{path} does not exist")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path.name} is neither .csv nor .parquet")
    series = series_of(reader(path), calendar, known_at)
    return BarFile(path=path, source=f"file:{path.name}", series=tuple(series))


def expand_paths(arguments: Sequence[str | Path]) -> list[Path]:
    """Return the files that paths, directories and glob patterns name, each once, in order.

    Raises:
        InputError: an argument names no file of bars.
    """
    found: dict[Path, None] = {}
    for argument in arguments:
        path = Path(argument)
        if path.is_dir():
            names = sorted(p for p in path.iterdir() if p.suffix.lower() in READERS)
        elif has_magic(str(argument)) and not path.exists():
            names = sorted(Path(name) for name in glob(str(argument), recursive=True))  # noqa: PTH207
        else:
            names = [path]
        if not names:
            raise InputError(f"{argument} holds no .csv or .parquet file")
        found.update(dict.fromkeys(names))
    return list(found)


class FileProvider(BarProvider):
    """Serves bars out of files, read at the first question; the first file that has any wins.

    Without files it offers nothing: then `files` means what was imported into the store.
    """

    name = "files"

    def __init__(self, paths: Sequence[str | Path], calendar: Calendar, clock: Clock) -> None:
        self._paths = tuple(paths)
        self._calendar = calendar
        self._clock = clock
        self._files: tuple[BarFile, ...] | None = None

    @override
    def supports(self, symbol: str, timeframe: Timeframe) -> bool:
        return bool(self._holding(symbol, timeframe))

    @override
    def calls(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> int:
        return 0

    @override
    def fetch(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> FetchedBars:
        for source, bars in self._holding(symbol, timeframe):
            first, beyond = bars.timestamps.searchsorted([to_micros(start), to_micros(stop)])
            if first < beyond:
                return FetchedBars(series=bars.window(int(first), int(beyond)), source=source)
        raise NoDataError(f"no file has {symbol} {timeframe} from {start} to {stop}")

    def _holding(self, symbol: str, timeframe: Timeframe) -> list[tuple[str, BarSeries]]:
        if self._files is None:
            now = self._clock.now()
            paths = expand_paths(self._paths)
            self._files = tuple(read_bar_file(path, self._calendar, now) for path in paths)
        return [
            (file.source, bars)
            for file in self._files
            for bars in file.series
            if (bars.symbol, bars.timeframe) == (symbol, timeframe)
        ]
