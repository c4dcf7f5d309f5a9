"""Rows of a file on their way to sound series: grouped by symbol and timeframe, each row numbered.

What a row must be is `ztrade_core.market_data.soundness`; how rows are read is
`csv_rows` and `parquet_rows`.
"""

import re
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ztrade_core.domain.bars import BarSeries, FloatArray, IntArray
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import UnsoundDataError
from ztrade_core.market_data.soundness import first_fault, stamp_text
from ztrade_core.ports.clock import Calendar

COLUMNS = ("symbol", "timeframe", "timestamp", "open", "high", "low", "close", "volume")
NUMBERS = COLUMNS[3:]
SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9.]{0,15}(/[A-Z0-9]{2,10})?")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarRows:
    """A file's rows as columns; `places` says where each row stands (`line 2`, `row 1`).

    `numbers` has shape `(5, n_rows)`: open, high, low, close, volume.
    """

    origin: str
    unit: str
    places: IntArray
    symbols: list[str]
    timeframes: list[str]
    timestamps: IntArray
    numbers: FloatArray

    def refuse(self, index: int, reason: str) -> UnsoundDataError:
        """Return the error that names file, row and reason."""
        return refusal(self.origin, self.unit, int(self.places[index]), reason)


def refusal(origin: str, unit: str, place: int, reason: str) -> UnsoundDataError:
    """Return the error that names file, row and reason."""
    return UnsoundDataError(f"{origin}: {unit} {place}: {reason}")


def check_columns(origin: str, found: list[str]) -> None:
    """Refuse a header that lacks a column, has one too many, or one twice.

    Raises:
        UnsoundDataError: naming the columns.
    """
    missing = [name for name in COLUMNS if name not in found]
    extra = [name for name in found if name not in COLUMNS]
    twice = sorted({name for name in found if found.count(name) > 1} & set(COLUMNS))
    for text, names in (("missing", missing), ("unexpected", extra), ("repeated", twice)):
        if names:
            listed = ", ".join(repr(name[:40]) for name in names[:8])
            raise UnsoundDataError(f"{origin}: {text} columns {listed}; wanted {','.join(COLUMNS)}")


def series_of(rows: BarRows, calendar: Calendar, known_at: datetime) -> list[BarSeries]:
    """Return the rows as sound series, ordered by symbol and timeframe.

    Raises:
        UnsoundDataError: naming file, row and reason of the first unsound row.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for index, key in enumerate(zip(rows.symbols, rows.timeframes, strict=True)):
        groups.setdefault(key, []).append(index)
    found: list[BarSeries] = []
    faults: list[tuple[int, str]] = []
    for (symbol, timeframe), members in sorted(groups.items()):
        reason = _name_fault(symbol, timeframe)
        if reason:
            faults.append((members[0], reason))
            continue
        series = _series(rows, symbol, Timeframe(timeframe), np.array(members))
        fault = first_fault(series, calendar, known_at)
        if fault is not None:
            stamp = stamp_text(int(series.timestamps[fault.index]))
            faults.append((members[fault.index], f"{symbol} {timeframe} {stamp}: {fault.reason}"))
        found.append(series)
    if faults:
        raise rows.refuse(*min(faults))
    return found


def _name_fault(symbol: str, timeframe: str) -> str:
    if not SYMBOL.fullmatch(symbol):
        return f"symbol {symbol[:40]!r} is not one like TSLA, BRK.B or BTC/USD"
    if timeframe not in list(Timeframe):
        return f"unknown timeframe {timeframe[:40]!r}: one of {' '.join(Timeframe)}"
    return ""


def _series(rows: BarRows, symbol: str, timeframe: Timeframe, members: IntArray) -> BarSeries:
    opens, highs, lows, closes, volumes = (column[members] for column in rows.numbers)
    return BarSeries(
        symbol=symbol,
        timeframe=timeframe,
        timestamps=rows.timestamps[members],
        opens=opens,
        highs=highs,
        lows=lows,
        closes=closes,
        volumes=volumes,
    )
