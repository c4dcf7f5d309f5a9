"""A stored run as files: executions, equity curve, and the run itself.

`<run_id>_trades`, `<run_id>_equity` as CSV (instants ISO 8601 with a Z, floats by their shortest
exact text, empty where there is no value) or Parquet (UTC instants in microseconds, float64), and
`<run_id>_run.json` with metrics and configuration. Each file is written whole or not at all.
"""

import csv
import io
import json
import os
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ztrade_core.domain.backtests import BacktestFill, BacktestRun, EquityPoint
from ztrade_core.domain.canonical import plain
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import InputError
from ztrade_core.ports.backtests import BacktestStore

TRADES = ("timestamp", "action", "symbol", "quantity", "price", "pnl")
EQUITY = ("timestamp", "portfolio_value", "cash_balance")
TEXTS = frozenset({"action", "symbol"})

Rows = Sequence[BacktestFill] | Sequence[EquityPoint]


class Format(StrEnum):
    """How tables are written."""

    CSV = "csv"
    PARQUET = "parquet"


def export_run(
    backtests: BacktestStore, run: BacktestRun, folder: Path, form: Format, *, force: bool = False
) -> list[Path]:
    """Write a run's three files into a folder, which is made, and return their paths.

    Raises InputError, before anything is written, when one of them exists and `force` is false, or
    when the folder cannot be written to.
    """
    writer = _csv if form is Format.CSV else _parquet
    trades, equity = backtests.trades(run.run_id), backtests.equity(run.run_id)
    stem = file_stem(run)
    makers: dict[Path, Callable[[], bytes]] = {
        folder / f"{stem}_trades.{form}": lambda: writer(TRADES, trades),
        folder / f"{stem}_equity.{form}": lambda: writer(EQUITY, equity),
        folder / f"{stem}_run.json": lambda: _document(run),
    }
    if not force:
        refuse_existing(list(makers))
    for path, content in makers.items():
        write_whole(path, content())
    return list(makers)


def file_stem(run: BacktestRun) -> str:
    """Return a run's id as a file's name; InputError for one that is no plain name."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", run.run_id):
        raise InputError(f"run {run.run_id!r} has an id that is no name for a file")
    return run.run_id


def refuse_existing(paths: Sequence[Path]) -> None:
    """Raise InputError when one of the files exists."""
    found = [path for path in paths if path.exists()]
    if found:
        others = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise InputError(f"{found[0]} exists{others}: --force overwrites it")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; its folder is made. Raises InputError when it cannot be."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"cannot write {path}: {reason}; name another place") from error


def _csv(names: Sequence[str], rows: Rows) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(getattr(row, name)) for name in names] for row in rows)
    return stream.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return iso_z(value)
    return repr(value) if isinstance(value, float) else str(value)


def _parquet(names: Sequence[str], rows: Rows) -> bytes:
    import pyarrow as pa  # noqa: PLC0415 - heavy: only who asks for Parquet pays for it
    import pyarrow.parquet as pq  # noqa: PLC0415

    def kind(name: str) -> Any:
        if name == "timestamp":
            return pa.timestamp("us", tz="UTC")
        return pa.string() if name in TEXTS else pa.float64()

    columns = {name: pa.array([getattr(row, name) for row in rows], kind(name)) for name in names}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _document(run: BacktestRun) -> bytes:
    text = json.dumps(plain(run), indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()
