"""Runs of several agents on the command line: run, shown, compared, reported, listed, exported."""

from pathlib import Path

import pytest

from tests.fakes.terminal import Terminal
from tests.pipelines.markets import fill_all
from tests.pipelines.rehearsed import workshop_of
from tests.unit.backtest.shared_account import NOW, TRADING, market, shared_bench
from ztrade_core.backtest.portfolio_runs import run_portfolio_and_store

RULES = {"max_gross_exposure_fraction": 0.018}


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Terminal:
    """A terminal on a store with three runs: all agents twice, under two limits, and one agent."""
    made = Terminal(tmp_path_factory.mktemp("portfolio"))
    made.use_database(sqlite_template)
    workshop = workshop_of(made)
    series = market()
    workshop.bars.upsert(series, source="test", ingested_at=NOW)
    days = ("2022-12-28", "2022-12-29")
    run_portfolio_and_store(shared_bench(workshop.backtests, series, TRADING), (), *days)
    tight = shared_bench(workshop.backtests, series, TRADING, **RULES)
    run_portfolio_and_store(tight, (), *days)
    alone = shared_bench(workshop.backtests, series, TRADING)
    run_portfolio_and_store(alone, ("agent_tsla",), days[0], days[0])
    workshop.engine.dispose()
    return made


def run_ids(terminal: Terminal) -> dict[str, str]:
    runs = terminal.type("backtest", "list", "--agent", "company", "--json").document()["backtests"]
    assert {run["agent_id"] for run in runs} == {"company"}
    named = {}
    for run in runs:
        shown = terminal.type("backtest", "show", run["run_id"], "--json").document()["config"]
        limit = shown["risk"]["max_gross_exposure_fraction"]
        name = "alone" if len(shown["agents"]) == 1 else "free" if limit is None else "tight"
        named[name] = run["run_id"]
    assert len(named) == 3
    return named


def test_show_tells_each_agents_part_and_who_denied(terminal: Terminal) -> None:
    shown = terminal.type("backtest", "show", run_ids(terminal)["tight"], "--trades", COLUMNS="160")
    assert shown.code == 0, shown.err
    for said in ("Agents", "Correlations at the end", "Monte Carlo", "Overfit guards", "RULE_006"):
        assert said in shown.out, said
    (row,) = [line for line in shown.out.splitlines() if line.startswith("agent_btc   BTC/USD")]
    assert "$10,000" in row
    assert "agent_btc/total_return" not in shown.out


@pytest.mark.parametrize("width", [72, 80, 90, 100, 160])
def test_the_agents_stand_in_whole_words_at_any_width(terminal: Terminal, width: int) -> None:
    shown = terminal.type("backtest", "show", run_ids(terminal)["tight"], COLUMNS=str(width)).out
    agents = shown.split("Agents", 1)[1].split("Correlations", 1)[0]
    assert max(map(len, agents.splitlines())) <= width
    assert "RULE_006 100 %" in agents
    assert "denied by, share" in agents
    assert ("allocated" in agents) == (width >= 100)
    rows = [line for line in agents.splitlines() if line.startswith("agent_")]
    assert [row.split()[0] for row in rows] == ["agent_btc", "agent_iwm", "agent_tsla"]


def test_show_as_json_has_guards_monte_carlo_and_agents(terminal: Terminal) -> None:
    document = terminal.type("backtest", "show", run_ids(terminal)["free"], "--json").document()
    assert {one["method"] for one in document["monte_carlo"]} == {"shuffle", "bootstrap"}
    assert all(one["paths"] == 1000 for one in document["monte_carlo"])
    assert document["overfit"]["trials"] >= 1
    assert [each["agent"]["agent_id"] for each in document["config"]["agents"]] == [
        "agent_btc",
        "agent_iwm",
        "agent_tsla",
    ]
    assert document["metrics"]["agent_tsla/trades"] == 2


def test_compare_names_what_differs(terminal: Terminal) -> None:
    ids = run_ids(terminal)
    words = ("backtest", "compare", ids["free"], ids["tight"])
    document = terminal.type(*words, "--json").document()
    assert document["comparable"] is True
    assert document["notes"] == []
    assert document["differences"] == {"risk.max_gross_exposure_fraction": [None, 0.018]}
    shown = terminal.type(*words, COLUMNS="120")
    assert "Configuration that differs" in shown.out
    assert "agent_tsla total return" in shown.out


def test_compare_flags_other_ranges_and_other_agents(terminal: Terminal) -> None:
    ids = run_ids(terminal)
    notes = terminal.type("backtest", "compare", ids["free"], ids["alone"], "--json").document()
    assert notes["comparable"] is False
    assert any("the ranges differ" in note for note in notes["notes"])
    assert any("the instruments or timeframes differ" in note for note in notes["notes"])
    shown = terminal.type("backtest", "compare", ids["free"], ids["alone"], COLUMNS="120")
    assert shown.out.startswith("warning: not comparable")


def test_the_report_has_a_price_for_each_symbol(terminal: Terminal) -> None:
    written = terminal.type("backtest", "report", run_ids(terminal)["free"], "--json").document()
    page = Path(written["file"]).read_text(encoding="utf-8")
    for symbol in ("BTC/USD", "IWM", "TSLA"):
        assert f"Trades on the price of {symbol}" in page
    assert "buy and hold is left out" not in page


def test_export_has_every_symbol(terminal: Terminal, tmp_path: Path) -> None:
    words = ("backtest", "export", run_ids(terminal)["free"], "--out", str(tmp_path))
    files = terminal.type(*words, "--json").document()["files"]
    trades = Path(files[0]).read_text(encoding="utf-8")
    assert all(f",{symbol}," in trades for symbol in ("BTC/USD", "IWM", "TSLA"))


def test_the_command_runs_the_agents_over_what_all_have(
    tmp_path: Path, sqlite_template: Path
) -> None:
    made = Terminal(tmp_path)
    made.use_database(sqlite_template)
    workshop = workshop_of(made)
    fill_all(workshop)
    workshop.engine.dispose()
    words = ("backtest", "portfolio", "agent_tsla", "agent_btc", "--start", "2022-12-29")
    run = made.spawn(*words, "--json").document()
    assert run["agent_id"] == "company"
    assert run["end"] == "2022-12-29T21:00:00Z"  # TSLA's last bar; BTC has more
    assert run["metrics"]["agent_btc/trades"] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("agent_spy",), "no agent 'agent_spy'"),
        (("agent_tsla", "agent_tsla"), "named more than once"),
        (("--start", "soon"), "start 'soon'"),
        (("--start", "2022-12-29", "--end", "2022-12-28"), "is not before end"),
    ],
)
def test_a_bad_request_is_one_line(terminal: Terminal, words: tuple[str, ...], said: str) -> None:
    answer = terminal.type("backtest", "portfolio", *words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert said in answer.err


def test_an_agent_without_any_bars_is_one_line(tmp_path: Path, sqlite_template: Path) -> None:
    made = Terminal(tmp_path)
    made.use_database(sqlite_template)
    answer = made.type("backtest", "portfolio")
    assert answer.code != 0
    assert answer.err.count("\n") == 1
    assert "agent_btc: no bars of BTC/USD 1h in the store" in answer.err
