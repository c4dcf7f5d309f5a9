"""Stored backtests on the command line: shown with their guards, compared, reported, exported."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.terminal import Terminal
from tests.pipelines.rehearsed import workshop_of
from tests.unit.backtest.stored import BUY, NOW, SELL, stored_run
from ztrade_core.domain.time import Timeframe


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Terminal:
    """A terminal on a store with three runs: one that traded, one longer, one that did not."""
    made = Terminal(tmp_path_factory.mktemp("backtests"))
    made.use_database(sqlite_template)
    workshop = workshop_of(made)
    house = stored_run(workshop.backtests)
    bars = house.bars.read("TSLA", Timeframe.M5)
    workshop.bars.upsert([bars], source="test", ingested_at=NOW)
    stored_run(workshop.backtests, {3: BUY, 33: SELL}, end="2022-12-28")
    idle = stored_run(workshop.backtests, {})
    storm = replace(idle.result.run, run_id="bt-storm", status="failed: storm")
    workshop.backtests.save(storm, [], [])
    workshop.engine.dispose()
    return made


def run_ids(terminal: Terminal) -> dict[int, str]:
    """The runs by how many executions they had."""
    runs = terminal.type("backtest", "list", "--json").document()["backtests"]
    return {run["metrics"]["fills"]: run["run_id"] for run in runs if run["status"] == "finished"}


def test_show_has_guards_warnings_and_reasons(terminal: Terminal) -> None:
    run_id = run_ids(terminal)[6]
    shown = terminal.type("backtest", "show", run_id, "--trades", COLUMNS="120")
    assert shown.code == 0, shown.err
    for said in ("deflated_sharpe", "trials", "closed trades: 3, fewer than 30", "held because"):
        assert said in shown.out, said
    assert shown.out.count("sell (exit)") == 3
    document = terminal.type("backtest", "show", run_id, "--json").document()
    overfit = document["overfit"]
    shuffle, bootstrap = document["monte_carlo"]
    assert (shuffle["paths"], bootstrap["paths"]) == (1000, 1000)
    assert "Monte Carlo: 1,000 paths of 3 closed trades" in shown.out
    assert overfit["trials"] == 2
    assert overfit["deflated_sharpe"] is overfit["probabilistic_sharpe"] is None
    assert "luck cannot be told" in overfit["warnings"][0]  # of three days


def test_show_of_a_run_that_never_traded_says_why(terminal: Terminal) -> None:
    run_id = run_ids(terminal)[0]
    shown = terminal.type("backtest", "show", run_id, "--trades")
    assert "Why bars became no trade" in shown.out
    assert "no trades" in shown.out


def test_compare_marks_the_best_and_says_what_does_not_compare(terminal: Terminal) -> None:
    ids = run_ids(terminal)
    shown = terminal.type("backtest", "compare", ids[6], ids[0], COLUMNS="120")
    assert shown.code == 0, shown.err
    (line,) = [line for line in shown.out.splitlines() if line.startswith("total return")]
    document = terminal.type("backtest", "compare", ids[6], ids[0], "--json").document()
    returns = [run["metrics"]["total_return"] for run in document["backtests"]]
    marked = ["*" in cell for cell in line.split("  ") if "%" in cell]
    assert marked == [value == max(returns) for value in returns]
    assert document["notes"] == []
    assert document["best"]["total_return"]


def test_what_does_not_compare_has_no_best(terminal: Terminal) -> None:
    ids = run_ids(terminal)
    shown = terminal.type("backtest", "compare", ids[6], ids[1], COLUMNS="120")
    assert "warning: not comparable: the ranges differ" in shown.out
    assert "*" not in shown.out
    document = terminal.type("backtest", "compare", ids[6], ids[1], "--json").document()
    assert document["notes"][0].startswith("not comparable: the ranges differ")
    assert document["best"] == {}


def test_80_columns_wrap_meanings_and_cut_nothing(terminal: Terminal) -> None:
    shown = terminal.type("backtest", "show", run_ids(terminal)[6], "--trades", COLUMNS="80")
    assert "…" not in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    (guard,) = [each for each in shown.out.splitlines() if each.startswith("probabilistic Sharpe")]
    assert guard.rstrip().endswith("above 0")


def test_a_shuffle_tells_nothing_that_cannot_differ(terminal: Terminal) -> None:
    shown = terminal.type("backtest", "show", run_ids(terminal)[6], COLUMNS="120").out.splitlines()
    for name in ("return 5 / 50 / 95 %", "probability of a loss"):
        (line,) = [each for each in shown if each.startswith(name)]
        shuffled, drawn = line.removeprefix(name).split(maxsplit=1)
        assert shuffled == "–"  # noqa: RUF001
        assert drawn.strip().endswith("%")


def test_an_agent_that_nobody_knows_is_named_with_those_there_are(terminal: Terminal) -> None:
    refused = terminal.type("backtest", "list", "--agent", "agent_foo")
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "no agent 'agent_foo', and no run of it; there are: company, agent_btc" in refused.err
    assert terminal.type("backtest", "list", "--agent", "agent_btc").code == 0


def test_a_run_that_is_not_there_is_one_plain_line(terminal: Terminal) -> None:
    refused = terminal.type("backtest", "show", "nope")
    assert refused.code == 2
    assert refused.err.strip().endswith("no backtest 'nope'; `ztrade backtest list` names them")


def test_report_writes_one_page_into_the_data_folder_or_where_it_is_told(
    terminal: Terminal, tmp_path: Path
) -> None:
    run_id = run_ids(terminal)[6]
    first = terminal.type("backtest", "report", run_id[:8], "--json").document()
    assert first["file"] == str(terminal.data / "tear_sheets" / f"{run_id}.html")
    page = Path(first["file"]).read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert run_id in page
    own = tmp_path / "own.html"
    assert terminal.type("backtest", "report", run_id, "--out", str(own)).code == 0
    assert own.read_text(encoding="utf-8") == page
    refused = terminal.type("backtest", "report", run_id, "--out", str(own))
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "--force overwrites it" in refused.err
    assert terminal.type("backtest", "report", run_id, "--out", str(own), "--force").code == 0
    assert terminal.type("backtest", "report", run_id).code == 0  # its own place, made anew


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_export_writes_three_files_and_refuses_to_overwrite(
    terminal: Terminal, tmp_path: Path, form: str
) -> None:
    run_id = run_ids(terminal)[6]
    words = ("backtest", "export", run_id, "--format", form, "--out", str(tmp_path / "out"))
    document = terminal.type(*words, "--json").document()
    assert [Path(file).name for file in document["files"]] == [
        f"{run_id}_trades.{form}",
        f"{run_id}_equity.{form}",
        f"{run_id}_run.json",
    ]
    assert all(Path(file).stat().st_size for file in document["files"])
    refused = terminal.type(*words)
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "(and 2 more): --force overwrites it" in refused.err
    assert terminal.type(*words, "--force").out.split() == document["files"]


def test_a_place_that_cannot_be_written_to_is_one_line(terminal: Terminal, tmp_path: Path) -> None:
    run_id = run_ids(terminal)[6]
    (tmp_path / "file").write_text("")
    below = str(tmp_path / "file" / "below")
    for words in (("export", run_id, "--out", below), ("report", run_id, "--out", below)):
        answer = terminal.type("backtest", *words)
        assert (answer.code, answer.err.count("\n")) == (2, 1)
        assert "cannot write" in answer.err


def test_a_failed_run_is_reported_as_failed(terminal: Terminal) -> None:
    said = terminal.type("backtest", "report", "bt-storm", "--json").document()["warnings"]
    assert any("the run is failed: storm" in warning for warning in said)
