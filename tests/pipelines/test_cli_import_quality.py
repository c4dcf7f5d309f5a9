"""`ztrade data import` judges what it brings: defective bars wait in quarantine, the rest is stored."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.quality import scaled
from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import flat_market
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import from_micros, iso_z, parse_instant, to_micros

SPIKE = "2022-12-28T14:40:00Z"
WHERE = ("TSLA", "5m")


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    made = Terminal(tmp_path, width=160)
    made.use_database(sqlite_template)
    return made


def as_file(path: Path, bars: BarSeries) -> Path:
    """Write bars as an importable CSV."""
    names = ("open", "high", "low", "close", "volume")
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(("symbol", "timeframe", "timestamp", *names))
        for row in range(len(bars)):
            bar = bars.bar(row)
            values = [getattr(bar, name) for name in names]
            lines.writerow(
                (bars.symbol, bars.timeframe, iso_z(from_micros(bar.timestamp)), *values)
            )
    return path


def market() -> BarSeries:
    return flat_market(ExchangeSessions())


def spiked() -> BarSeries:
    bars = market()
    row = int(bars.timestamps.searchsorted(to_micros(parse_instant(SPIKE))))
    return scaled(bars, slice(row, row + 1), 2.0)


def imported(terminal: Terminal, path: Path) -> tuple[int, dict[str, Any]]:
    """Import a file; return exit code and the report of its one series."""
    typed = terminal.type("data", "import", str(path), "--json")
    [report] = json.loads(typed.out)["series"]
    return typed.code, report


def status(terminal: Terminal) -> dict[str, Any]:
    [series] = terminal.type("data", "status", "--json").document()["series"]
    found: dict[str, Any] = series
    return found


def test_a_defective_bar_waits_in_quarantine_and_a_second_import_changes_nothing(
    terminal: Terminal, tmp_path: Path
) -> None:
    bars, path = spiked(), as_file(tmp_path / "spiked.csv", spiked())
    code, first = imported(terminal, path)
    before = status(terminal)
    assert (code, first["inserted"], first["quarantined"]) == (3, len(bars) - 1, 1)
    [held] = first["quarantined_now"]
    assert (held["timestamp"], held["check"]) == (SPIKE, "spike")
    assert (before["rows"], before["quarantined"]) == (len(bars) - 1, 1)

    code, second = imported(terminal, path)
    assert code == 3, "it waits still"
    assert (second["inserted"], second["updated"], second["quarantined"]) == (0, 0, 1)
    assert second["quarantined_now"] == []
    assert status(terminal) == before


def test_what_was_kept_apart_is_told_with_what_to_do(terminal: Terminal, tmp_path: Path) -> None:
    path = as_file(tmp_path / "spiked.csv", spiked())
    first, second = (terminal.type("data", "import", str(path)) for _ in range(2))
    assert f"TSLA 5m, spiked.csv: 1 bar is in quarantine, first {SPIKE}: spike: goes " in first.out
    assert "`ztrade data quarantine show TSLA 5m`" in first.out
    assert "TSLA 5m, spiked.csv: 1 are in quarantine since before" in second.out


@pytest.mark.parametrize(("word", "rows"), [("--as-is", 0), ("--drop", -1)])
def test_after_a_persons_decision_the_import_is_complete(
    word: str, rows: int, terminal: Terminal, tmp_path: Path
) -> None:
    path = as_file(tmp_path / "spiked.csv", spiked())
    imported(terminal, path)
    days = ("--from", SPIKE, "--to", SPIKE, "--why", "looked at it")
    done = terminal.type("data", "quarantine", "release", *WHERE, *days, word)
    assert done.code == 0, done.err
    code, report = imported(terminal, path)
    assert (code, report["inserted"], report["updated"], report["quarantined"]) == (0, 0, 0, 0)
    assert status(terminal)["rows"] == len(spiked()) + rows


def test_a_defect_that_an_earlier_import_let_in_leaves_the_store(
    terminal: Terminal, tmp_path: Path
) -> None:
    """The spike comes alone first, as the newest bar: only the bars after it tell what it is."""
    bars = spiked()
    row = int(bars.timestamps.searchsorted(to_micros(parse_instant(SPIKE))))
    code, _ = imported(terminal, as_file(tmp_path / "early.csv", bars.window(0, row + 1)))
    assert code == 0
    code, report = imported(
        terminal, as_file(tmp_path / "late.csv", bars.window(row + 1, len(bars)))
    )
    assert (code, report["inserted"]) == (3, len(bars) - row - 1)
    assert [one["timestamp"] for one in report["quarantined_now"]] == [SPIKE]
    assert status(terminal)["rows"] == len(bars) - 1


def test_a_clean_file_is_imported_with_exit_code_0_and_its_gaps_are_told(
    terminal: Terminal, tmp_path: Path
) -> None:
    bars = market()
    whole = as_file(tmp_path / "whole.csv", bars.window(0, 500))
    code, report = imported(terminal, whole)
    assert (code, report["findings"], report["quarantined"]) == (0, [], 0)
    later = as_file(tmp_path / "later.csv", bars.window(520, 600))
    assert imported(terminal, later)[1]["findings"] == [], "what lies beside a file is not its gap"
    assert datetime.fromisoformat(status(terminal)["last_open"]) > datetime(2022, 1, 1, tzinfo=UTC)
