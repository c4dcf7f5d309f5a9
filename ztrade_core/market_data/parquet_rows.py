"""Rows of a Parquet file: the same columns as in CSV, stamps as zoned timestamps or as text.

Row 1 is the first row of data.
"""

from pathlib import Path
from typing import Any

import numpy as np

from ztrade_core.domain.bars import FloatArray, IntArray
from ztrade_core.domain.time import parse_instant, to_micros
from ztrade_core.errors import UnsoundDataError
from ztrade_core.market_data.rows import NUMBERS, BarRows, check_columns, refusal

UNIT = "row"


def read_parquet_rows(path: Path) -> BarRows:
    """Return the rows of a Parquet file.

    Raises:
        UnsoundDataError: naming file, row or column, and reason.
    """
    import pyarrow as pa  # noqa: PLC0415  (a third of a second to import)
    from pyarrow import parquet  # noqa: PLC0415

    origin = path.name
    try:
        table = parquet.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        text = str(error).splitlines()[0][:120]
        raise UnsoundDataError(f"{origin}: not a Parquet file: {text}") from error
    check_columns(origin, list(table.column_names))
    if table.num_rows == 0:
        raise UnsoundDataError(f"{origin}: the file has no rows")
    for name in table.column_names:
        _refuse_nulls(origin, name, table.column(name))
    return BarRows(
        origin=origin,
        unit=UNIT,
        places=np.arange(1, table.num_rows + 1, dtype=np.int64),
        symbols=_texts(origin, "symbol", table.column("symbol")),
        timeframes=_texts(origin, "timeframe", table.column("timeframe")),
        timestamps=_stamps(origin, table.column("timestamp")),
        numbers=np.stack([_numbers(origin, name, table.column(name)) for name in NUMBERS]),
    )


def _refuse_nulls(origin: str, name: str, column: Any) -> None:
    if column.null_count:
        row = column.is_null().to_pylist().index(True) + 1
        raise refusal(origin, UNIT, row, f"{name} is missing")


def _texts(origin: str, name: str, column: Any) -> list[str]:
    values = column.to_pylist()
    for row, value in enumerate(values, start=1):
        if not isinstance(value, str):
            raise refusal(origin, UNIT, row, f"{name} {str(value)[:40]!r} is not text")
    return list(values)


def _stamps(origin: str, column: Any) -> IntArray:
    import pyarrow as pa  # noqa: PLC0415

    if not pa.types.is_timestamp(column.type):
        return _stamps_of_text(origin, _texts(origin, "timestamp", column))
    if column.type.tz is None:
        raise refusal(origin, UNIT, 1, "timestamp is naive: give the column a time zone, e.g. UTC")
    try:
        zoned = column.cast(pa.timestamp("us", tz="UTC"))
    except pa.ArrowInvalid as error:
        raise UnsoundDataError(f"{origin}: timestamps finer than a microsecond") from error
    stamps: IntArray = zoned.cast(pa.int64()).to_numpy()
    return stamps


def _stamps_of_text(origin: str, texts: list[str]) -> IntArray:
    stamps = np.empty(len(texts), dtype=np.int64)
    for index, text in enumerate(texts):
        try:
            stamps[index] = to_micros(parse_instant(text))
        except (ValueError, OverflowError) as error:
            reason = f"timestamp {text[:40]!r} is not an ISO 8601 instant with its offset"
            raise refusal(origin, UNIT, index + 1, reason) from error
    return stamps


def _numbers(origin: str, name: str, column: Any) -> FloatArray:
    import pyarrow as pa  # noqa: PLC0415

    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise UnsoundDataError(f"{origin}: column {name!r} holds {kind}, not numbers")
    values: FloatArray = column.cast(pa.float64(), safe=False).to_numpy()
    return values
