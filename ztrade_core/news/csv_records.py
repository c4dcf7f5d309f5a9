"""Records of a CSV file, each with the line it begins on. A record that is none is told, and costs no other.

A stray quote must not swallow the rows after it: where a record does not end well, only its first line
is given up and the next line begins anew. Records of any length are read at the cost of their length.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_LINES = 100  # that a quoted text may span
_CELL = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The cells of one row and the line it begins on; `fault` says why there are none."""

    line: int
    cells: tuple[str, ...] = ()
    fault: str = ""


def records(content: bytes) -> Iterator[Record]:
    """Yield the records of a file in UTF-8, with or without a byte order mark; blank lines are none."""
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    place = 0
    while place < len(lines):
        if not lines[place].strip():
            place += 1
            continue
        count, record = _record(lines, place)
        yield record
        place += count


def _record(lines: Sequence[bytes], first: int) -> tuple[int, Record]:
    """Return how many lines the record beginning at `first` has, and the record."""
    number, quotes, last = first + 1, 0, min(first + MOST_LINES, len(lines))
    for place in range(first, last):
        quotes += lines[place].count(b'"')
        if quotes % 2:
            continue
        whole = b"\n".join(lines[first : place + 1]).removesuffix(b"\r")
        try:
            cells = _cells(whole.decode())
        except UnicodeDecodeError:
            return 1, Record(line=number, fault="not UTF-8 text")
        if cells is None:
            break
        return place + 1 - first, Record(line=number, cells=cells)
    return 1, Record(line=number, fault="not CSV: a quote is not closed, or stands inside a text")


def _cells(text: str) -> tuple[str, ...] | None:
    cells: list[str] = []
    place, goes_on = 0, True
    while goes_on:
        found = _CELL.match(text, place)
        if found is None:
            return None
        quoted, bare, comma = found.groups()
        cells.append(bare if quoted is None else quoted.replace('""', '"'))
        place, goes_on = found.end(), bool(comma)
    return tuple(cells) if place == len(text) else None
