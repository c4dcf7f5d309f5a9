"""Rows of a CSV file: text in, columns out. Line 1 is the header.

Read as a stream with bounded lines, so that garbage of any size ends at its first bad line.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ztrade_core.domain.time import parse_instant, to_micros
from ztrade_core.errors import UnsoundDataError
from ztrade_core.market_data.rows import COLUMNS, NUMBERS, BarRows, check_columns, refusal

MAX_LINE_BYTES = 4096
UNIT = "line"


def read_csv_rows(path: Path) -> BarRows:
    """Return the rows of a CSV file.

    Raises:
        UnsoundDataError: naming file, line and reason.
    """
    origin = path.name
    reader = csv.reader(_lines(path), strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        header = next(reader, None)
        if header is None:
            raise UnsoundDataError(f"{origin}: the file is empty")
        check_columns(origin, header)
        rows.extend((reader.line_num, row) for row in reader if row)
    except csv.Error as error:
        raise refusal(origin, UNIT, reader.line_num, f"not CSV: {error}") from error
    if not rows:
        raise UnsoundDataError(f"{origin}: the file has a header and no rows")
    return _columns(origin, header, rows)


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines as text, without a byte order mark."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                reason = f"longer than {MAX_LINE_BYTES} bytes: this is no file of bars"
                raise refusal(path.name, UNIT, number, reason)
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise refusal(path.name, UNIT, number, "not UTF-8 text") from error
            yield text


def _columns(origin: str, header: list[str], rows: list[tuple[int, list[str]]]) -> BarRows:
    order = [header.index(name) for name in COLUMNS]
    symbols: list[str] = []
    timeframes: list[str] = []
    stamps = np.empty(len(rows), dtype=np.int64)
    numbers = np.empty((len(NUMBERS), len(rows)))
    for index, (line, cells) in enumerate(rows):
        try:
            if len(cells) != len(header):
                raise ValueError(f"{len(cells)} cells, the header has {len(header)}")  # noqa: TRY301
            symbol, timeframe, stamp, *values = (cells[place] for place in order)
            symbols.append(symbol)
            timeframes.append(timeframe)
            stamps[index] = _stamp(stamp)
            numbers[:, index] = [_number(*pair) for pair in zip(NUMBERS, values, strict=True)]
        except ValueError as error:
            raise refusal(origin, UNIT, line, str(error)) from error
    return BarRows(
        origin=origin,
        unit=UNIT,
        places=np.array([line for line, _ in rows], dtype=np.int64),
        symbols=symbols,
        timeframes=timeframes,
        timestamps=stamps,
        numbers=numbers,
    )


def _stamp(text: str) -> int:
    try:
        return to_micros(parse_instant(text))
    except (ValueError, OverflowError) as error:
        hint = "an ISO 8601 instant with its offset, like 2022-02-02T14:30:00Z"
        raise ValueError(f"timestamp {text[:40]!r} is not {hint}") from error


def _number(name: str, text: str) -> float:
    try:
        if "_" in text:  # Python would read 1_000
            raise ValueError(text)  # noqa: TRY301
        return float(text)
    except ValueError as error:
        raise ValueError(f"{name} {text[:40]!r} is not a number") from error
