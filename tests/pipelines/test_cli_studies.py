"""Studies on the command line: a sweep through Dagster, listed and shown."""

from pathlib import Path

import pytest

from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AGENT, fill_store
from tests.pipelines.rehearsed import workshop_of
from tests.pipelines.test_sweeps import swing_store

SWEEP = ("study", "sweep", AGENT, "--method", "random", "--seed", "5")


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Terminal:
    """A terminal on a market that swings, and one small sweep of it."""
    made = Terminal(tmp_path_factory.mktemp("studies"))
    made.use_database(sqlite_template)
    workshop = workshop_of(made)
    fill_store(workshop)
    swing_store(workshop)
    workshop.engine.dispose()
    swept = made.spawn(*SWEEP, "--samples", "3", "--top", "2", COLUMNS="200")
    assert swept.code == 0, swept.err
    (made.data / "swept.txt").write_text(swept.out)
    return made


def study_of(terminal: Terminal) -> str:
    """The one study's id."""
    (study,) = terminal.type("study", "list", "--json").document()["studies"]
    return str(study["study_id"])


def test_a_sweep_prints_the_best_and_what_is_held_against_it(terminal: Terminal) -> None:
    shown = (terminal.data / "swept.txt").read_text()
    for said in (
        "random: 3 of ",
        "that the best is more than luck",
        "Best 2 of 3 trials by sharpe",
        "sma_slow",
        "warning: ",
        "ztrade backtest show bt-",
    ):
        assert said in shown, said


def test_list_and_show_find_the_study(terminal: Terminal) -> None:
    study_id = study_of(terminal)
    listed = terminal.type("study", "list", COLUMNS="120")
    assert study_id in listed.out
    assert "  sharpe " in listed.out
    for width, heads in ((76, 6), (92, 7), (110, 8)):
        told = terminal.type("study", "list", COLUMNS=str(width)).out.splitlines()
        assert len(told[1].split()) == heads, told[1]
        assert study_id in told[3]
    assert "no studies" in terminal.type("study", "list", "--kind", "costs").out
    shown = terminal.type("study", "show", study_id[:6])
    assert shown.code == 0, shown.err
    assert "Best 3 of 3 trials" in shown.out
    assert "sma_slow=" in shown.out  # 100 columns are too few for one a parameter


def test_json_has_the_trials_ranked_and_the_guards(terminal: Terminal) -> None:
    document = terminal.type("study", "show", study_of(terminal), "--json").document()
    trials = document["best_trials"]
    ratios = [trial["metrics"]["sharpe"] for trial in trials]
    assert ratios == sorted(ratios, reverse=True)
    assert document["backtest"]["run_id"] == document["run_id"]
    assert document["backtest"]["metrics"] == trials[0]["metrics"]
    assert document["overfit"]["trials"] == len({tuple(t["metrics"].values()) for t in trials})
    assert document["summary"]["trials"] == 3
    assert terminal.type("study", "show", study_of(terminal), "--top", "1").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "sw-nothing"), "no study 'sw-nothing'; `ztrade study list` names them"),
        (("sweep", "agent_spy"), "no agent 'agent_spy' in config/agents; there are:"),
        (("sweep", "agent_btc"), "no bars of BTC/USD 1h in the store"),
        (("sweep", AGENT, "--start", "2019-01-01", "--end", "2019-02-01"), "the store has"),
        (("sweep", AGENT, "--samples", "0"), "0 is not in the range"),
        (("sweep", AGENT, "--method", "clever"), "'clever' is not one of 'grid', 'random'"),
    ],
)
def test_a_bad_request_is_one_line(terminal: Terminal, words: tuple[str, ...], said: str) -> None:
    refused = terminal.type("study", *words)
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert said in refused.err
