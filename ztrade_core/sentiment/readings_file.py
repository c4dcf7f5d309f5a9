"""Sentiment from a file: readings of one symbol as CSV with the columns known_at, score, confidence.

`known_at` is the moment from which a reading could be known (ISO 8601 with an offset), ascending;
`score` is -1..1, `confidence` 0..1; both empty: no news from then on. A file is judged whole: one bad
line refuses all of it.
"""

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from typing_extensions import override

from ztrade_core.domain.bars import IntArray
from ztrade_core.domain.sentiment import SentimentCoverage, SentimentSeries
from ztrade_core.domain.time import from_micros, iso_z, parse_instant, to_micros
from ztrade_core.errors import InputError, UnsoundDataError
from ztrade_core.ports.sentiment import SentimentHistory

COLUMNS = ("known_at", "score", "confidence")
RANGES = {"score": (-1.0, 1.0), "confidence": (0.0, 1.0)}
MOST_NAMED = 10


class _Reading(NamedTuple):
    """A line's reading; `problems` are its bad columns in words."""

    known_at: int | None
    score: float
    confidence: float
    problems: tuple[str, ...]


class FileSentiment(SentimentHistory):
    """The readings of one symbol in a file, read at the first question."""

    def __init__(self, path: Path, symbol: str) -> None:
        self._path = path
        self._symbol = symbol
        self._known: SentimentSeries | None = None

    @override
    def series(self, symbol: str, moments: IntArray) -> SentimentSeries | None:
        if symbol != self._symbol or len(moments) == 0:
            return None
        if self._known is None:
            self._known = read_readings(self._path)
        known = self._known
        first, beyond = known.known_at.searchsorted(moments[[0, -1]], side="right")
        within = slice(max(0, int(first) - 1), int(beyond))
        return SentimentSeries(
            known_at=known.known_at[within],
            scores=known.scores[within],
            confidences=known.confidences[within],
            scorer=known.scorer,
        )

    @override
    def coverage(self, symbol: str, moments: IntArray) -> SentimentCoverage:
        known = self.series(symbol, moments)
        stories = 0 if known is None else len(known)
        return SentimentCoverage(scorer=f"file:{self._path.name}", stories=stories, unscored=0)


def read_readings(path: Path) -> SentimentSeries:
    """Read a file of readings; their scorer is `file:<name>`.

    Raises:
        InputError: no such file, or a directory.
        UnsoundDataError: naming file, and line and column of every bad cell (of the first ten).
    """
    if not path.is_file():
        raise InputError(f"{path} is no file: give a CSV file with {','.join(COLUMNS)}")
    readings: list[_Reading] = []
    problems: list[str] = []
    before: int | None = None
    for line, cells in _rows(path):
        found = _reading(cells, before)
        problems += [f"line {line}, {problem}" for problem in found.problems]
        before = before if found.known_at is None else found.known_at
        readings.append(found)
    if problems:
        more = len(problems) - MOST_NAMED
        named = "; ".join(problems[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
        raise UnsoundDataError(f"{path.name}: {named}")
    if not readings:
        raise UnsoundDataError(f"{path.name}: the file has no readings")
    return SentimentSeries(
        known_at=np.array([reading.known_at for reading in readings], dtype=np.int64),
        scores=np.array([reading.score for reading in readings]),
        confidences=np.array([reading.confidence for reading in readings]),
        scorer=f"file:{path.name}",
    )


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and the cells of COLUMNS; lines without any cell are passed over."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            if sorted(header) != sorted(COLUMNS):
                raise UnsoundDataError(
                    f"{path.name}: line 1 has the columns {','.join(header) or 'none'}; needed are"
                    f" {','.join(COLUMNS)}"
                )
            order = [header.index(name) for name in COLUMNS]
            for row in reader:
                if len(row) not in (0, len(header)):
                    raise UnsoundDataError(
                        f"{path.name}: line {reader.line_num} has {len(row)} columns, not"
                        f" {len(header)}"
                    )
                if row:
                    yield reader.line_num, [row[place].strip() for place in order]
    except (csv.Error, UnicodeDecodeError) as error:
        raise UnsoundDataError(f"{path.name}: not a CSV file in UTF-8: {error}") from error


def _reading(cells: list[str], before: int | None) -> _Reading:
    """Judge one line; `before` is when the last sound line was known."""
    stamp, *texts = cells
    problems = []
    known_at: int | None = None
    try:
        known_at = to_micros(parse_instant(stamp))
    except (ValueError, OverflowError):
        hint = "an ISO 8601 instant with its offset, like 2022-02-02T14:30:00Z"
        problems.append(f"known_at: {stamp[:40]!r} is not {hint}")
    if known_at is not None and before is not None and known_at <= before:
        problems.append(f"known_at: {stamp} is not after {iso_z(from_micros(before))}")
    if not any(texts):
        return _Reading(known_at, math.nan, math.nan, tuple(problems))
    numbers = []
    for (name, (low, high)), text in zip(RANGES.items(), texts, strict=True):
        number = _number(text)
        if not low <= number <= high:
            problems.append(f"{name}: {text[:40]!r} is not a number within {low:g}..{high:g}")
        numbers.append(number)
    return _Reading(known_at, numbers[0], numbers[1], tuple(problems))


def _number(text: str) -> float:
    """Return the number, NaN for what is none."""
    try:
        return math.nan if "_" in text else float(text)  # Python would read 1_000
    except ValueError:
        return math.nan
