"""Recorded decisions repeated on the command line: from the ledger, from a file, and one line for a bad one."""

import json
from pathlib import Path

import pytest

from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AGENT
from tests.pipelines.rehearsed import buy_in_rehearsal

SLOT = "2022-12-28T14:55:00Z"
DAYS = ("--start", "2022-12-28", "--end", "2022-12-29")


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Terminal:
    """A terminal on a store where a person bought TSLA in rehearsal."""
    made = Terminal(tmp_path_factory.mktemp("minds"), width=160)
    made.use_database(sqlite_template)
    buy_in_rehearsal(made)
    return made


def test_the_ledgers_decisions_are_repeated_and_said_so(terminal: Terminal) -> None:
    done = terminal.spawn("backtest", "run", AGENT, *DAYS, "--recorded", "ledger:rehearsal")
    assert done.code == 0, done.err
    assert "repeats: ledger, account rehearsal, epoch 1" in done.out
    assert "answered: 2 of 156 bars" in done.out
    [run] = terminal.type("backtest", "list", "--json").document()["backtests"]
    shown = terminal.type("backtest", "show", run["run_id"], "--trades")
    assert "2 of 156 bars" in shown.out
    assert shown.out.count("buy ") >= 1
    assert run["metrics"]["fills"] == 1


def test_a_files_decisions_are_repeated(terminal: Terminal, tmp_path: Path) -> None:
    lines = [
        {"slot": SLOT, "action": "buy", "confidence": 0.9, "quantity": 3, "rationale": "cheap"},
        {"slot": "2022-12-28T15:30:00Z", "action": "sell", "confidence": 0.9},
    ]
    path = tmp_path / "tape.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    done = terminal.spawn("backtest", "run", AGENT, *DAYS, "--recorded", str(path), "--json")
    run_id = done.document()["run_id"]
    shown = terminal.type("backtest", "show", run_id, "--trades", "--json").document()
    assert [(fill["action"], fill["quantity"]) for fill in shown["trades"]] == [
        ("buy", 3.0),
        ("sell (exit)", 3.0),
    ]
    assert shown["config"]["recorded"]["source"] == "file tape.jsonl"
    assert shown["config"]["recorded"]["answered"] == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--recorded", "none.jsonl"), "none.jsonl cannot be read as a recording"),
        (("--recorded", "ledger"), f"the ledger has no decision of {AGENT} on account paper"),
        (("--recorded", "ledger:moon"), "no account 'moon' to repeat; there are: paper, rehearsal"),
        (("--budget-usd", "5"), "which costs nothing: leave the budget out"),
    ],
)
def test_what_cannot_be_repeated_or_paid_is_one_line(
    terminal: Terminal, more: tuple[str, ...], said: str
) -> None:
    done = terminal.spawn("backtest", "run", AGENT, *DAYS, *more)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert said in done.err
