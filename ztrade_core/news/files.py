"""Stories from CSV files with the columns id, timestamp, symbols, headline, summary, source, url.

`timestamp` is when a story was published, with its offset; `symbols` are separated by blanks; summary,
id and url may be empty. A bad row is named with line and column and costs no other. The rows' source is
`file:<source>`: a file's word for where it has a story from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ztrade_core.domain.news import RawStory
from ztrade_core.domain.plain_text import plain_line
from ztrade_core.domain.time import parse_instant
from ztrade_core.errors import InputError, UnsoundDataError
from ztrade_core.news.cleaning import Fetch, Refusal, clean
from ztrade_core.news.csv_records import Record, records
from ztrade_core.news.intake import TakenIn, take_in
from ztrade_core.ports.news import NewsStore

FILES = "files"
COLUMNS = ("id", "timestamp", "symbols", "headline", "summary", "source", "url")
MOST_BYTES = 256_000_000
_COLUMN_OF = {"published_at": "timestamp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """A row that did not enter; `column` is empty where the whole row is wrong."""

    line: int
    column: str
    reason: str

    @property
    def text(self) -> str:
        """The fault in one line."""
        place = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsFile:
    """What a file says: its stories in order, and its bad rows."""

    path: Path
    stories: tuple[RawStory, ...]
    faults: tuple[RowFault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsImport:
    """What importing one file did; `taken` counts one story a symbol."""

    file: str
    rows: int
    taken: TakenIn
    faults: tuple[RowFault, ...]


def import_news(
    paths: Sequence[Path], store: NewsStore, *, fetched_at: datetime, backfill_delay: timedelta
) -> list[NewsImport]:
    """Read every file, then keep its good rows, one transaction a file.

    Raises InputError for what is no file, UnsoundDataError for another header; nothing was kept then.
    """
    fetch = Fetch(provider=FILES, fetched_at=fetched_at, backfill_delay=backfill_delay)
    files = [read_news_file(path, fetch) for path in paths]
    return [
        NewsImport(
            file=file.path.name,
            rows=len(file.stories) + len(file.faults),
            taken=take_in(file.stories, store, fetch),
            faults=file.faults,
        )
        for file in files
    ]


def read_news_file(path: Path, fetch: Fetch) -> NewsFile:
    """Read one file; a row that cleaning would refuse is a fault with its line.

    Raises InputError for what is no file, UnsoundDataError for another header.
    """
    rows = records(_content(path))
    order = _order(path.name, next(rows, None))
    stories: list[RawStory] = []
    faults: list[RowFault] = []
    for record in rows:
        made = _judged(record, order, fetch)
        if isinstance(made, RowFault):
            faults.append(made)
        else:
            stories.append(made)
    return NewsFile(path=path, stories=tuple(stories), faults=tuple(faults))


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise InputError(f"{path} is a directory" if path.is_dir() else f"{path} does not exist")
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB: split it")
    return path.read_bytes()


def _order(name: str, header: Record | None) -> tuple[int, ...]:
    """Return where each of our columns stands; raise UnsoundDataError for another header."""
    wanted = f"wanted {','.join(COLUMNS)}"
    if header is None:
        raise UnsoundDataError(f"{name}: the file is empty; {wanted}")
    if sorted(header.cells) != sorted(COLUMNS):
        found = header.fault or plain_line(",".join(header.cells), 120)
        raise UnsoundDataError(f"{name}: line {header.line}: the header is {found!r}; {wanted}")
    return tuple(header.cells.index(column) for column in COLUMNS)


def _judged(record: Record, order: tuple[int, ...], fetch: Fetch) -> RawStory | RowFault:
    if record.fault:
        return RowFault(line=record.line, column="", reason=record.fault)
    if len(record.cells) != len(order):
        reason = f"{len(record.cells)} cells, the header has {len(order)}"
        return RowFault(line=record.line, column="", reason=reason)
    external_id, stamp, symbols, headline, summary, source, url = (record.cells[i] for i in order)
    try:
        published_at = parse_instant(stamp)
    except (ValueError, OverflowError):
        told = plain_line(stamp, 40)
        reason = f"{told!r} is not an ISO 8601 instant with its offset, like 2025-03-03T14:30:00Z"
        return RowFault(line=record.line, column="timestamp", reason=reason)
    raw = RawStory(
        external_id=external_id,
        symbols=tuple(symbols.split()),
        published_at=published_at,
        changed_at=None,
        source=f"file:{source.replace(':', '-')}" if source.strip() else "",
        headline=headline,
        body=summary,
        url=url,
    )
    made = clean(raw, fetch)
    if isinstance(made, Refusal):
        column = _COLUMN_OF.get(made.field, made.field)
        return RowFault(line=record.line, column=column, reason=made.reason)
    return raw
