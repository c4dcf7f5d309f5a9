"""A run as files: exact, whole, and never over an old one unasked."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.backtest.stored import stored_run
from ztrade_core.backtest.export import Format, export_run
from ztrade_core.domain.canonical import plain
from ztrade_core.domain.time import parse_instant
from ztrade_core.errors import InputError
from ztrade_core.store.backtests import SqlBacktestStore


def test_csv_gives_every_number_back_exactly(backtests: SqlBacktestStore, tmp_path: Path) -> None:
    result = stored_run(backtests).result
    trades, equity, _ = export_run(backtests, result.run, tmp_path / "new" / "er", Format.CSV)
    with trades.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(result.trades) == 6
    for row, fill in zip(rows, result.trades, strict=True):
        assert parse_instant(row["timestamp"]) == fill.timestamp
        assert (row["action"], row["symbol"]) == (fill.action, fill.symbol)
        assert (float(row["quantity"]), float(row["price"])) == (fill.quantity, fill.price)
        assert row["pnl"] == ("" if fill.pnl is None else repr(fill.pnl))
    with equity.open(newline="") as stream:
        points = list(csv.DictReader(stream))
    assert [float(point["portfolio_value"]) for point in points] == [
        point.portfolio_value for point in result.equity
    ]


def test_parquet_has_utc_instants_and_the_same_rows(
    backtests: SqlBacktestStore, tmp_path: Path
) -> None:
    result = stored_run(backtests).result
    trades, equity, _ = export_run(backtests, result.run, tmp_path, Format.PARQUET)
    read = pq.read_table(trades)
    assert read.schema.field("timestamp").type == pa.timestamp("us", tz="UTC")
    assert read.column("pnl").to_pylist() == [fill.pnl for fill in result.trades]
    assert read.column("timestamp").to_pylist() == [fill.timestamp for fill in result.trades]
    values = pq.read_table(equity).column("portfolio_value").to_pylist()
    assert values == [point.portfolio_value for point in result.equity]


@pytest.mark.parametrize("form", Format)
def test_a_run_without_a_trade_has_tables_with_columns_and_no_rows(
    backtests: SqlBacktestStore, tmp_path: Path, form: Format
) -> None:
    result = stored_run(backtests, {}).result
    trades, _, _ = export_run(backtests, result.run, tmp_path, form)
    names = ["timestamp", "action", "symbol", "quantity", "price", "pnl"]
    if form is Format.CSV:
        assert trades.read_text() == ",".join(names) + "\n"
    else:
        assert (pq.read_table(trades).column_names, pq.read_table(trades).num_rows) == (names, 0)


def test_the_run_itself_is_one_json_document(backtests: SqlBacktestStore, tmp_path: Path) -> None:
    run = stored_run(backtests).result.run
    *_, document = export_run(backtests, run, tmp_path, Format.CSV)
    assert json.loads(document.read_text()) == plain(run)


def test_nothing_is_overwritten_unless_forced(backtests: SqlBacktestStore, tmp_path: Path) -> None:
    """One old file is enough: none of the others is written."""
    run = stored_run(backtests).result.run
    old = tmp_path / f"{run.run_id}_equity.csv"
    old.write_text("mine")
    with pytest.raises(InputError, match=r"_equity\.csv exists: --force overwrites it"):
        export_run(backtests, run, tmp_path, Format.CSV)
    assert list(tmp_path.glob("bt-*")) == [old]
    assert old.read_text() == "mine"
    export_run(backtests, run, tmp_path, Format.CSV, force=True)
    assert old.read_text().startswith("timestamp,")
    assert not list(tmp_path.glob(".*.part"))


def test_a_folder_that_cannot_be_written_to_is_one_clear_error(
    backtests: SqlBacktestStore, tmp_path: Path
) -> None:
    run = stored_run(backtests).result.run
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(InputError, match=r"cannot write .*file.*: .*; name another place"):
        export_run(backtests, run, file / "below", Format.CSV)


def test_an_id_that_is_a_path_is_refused(backtests: SqlBacktestStore, tmp_path: Path) -> None:
    run = replace(stored_run(backtests).result.run, run_id="../../etc/passwd")
    with pytest.raises(InputError, match="no name for a file"):
        export_run(backtests, run, tmp_path, Format.CSV)
