"""`ztrade halt`, `resume`, `flatten`: a person's hand works while Dagster or the database is down."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.by_hand import said
from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AGENT, AS_OF, fill_store
from tests.pipelines.rehearsed import buy_in_rehearsal, workshop_of
from ztrade_core.domain.time import parse_instant
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest

REASON = ("--reason", "a test", "--who", "tester")
PROMISED_SECONDS = 5.0
NO_DAGSTER = {"DAGSTER_HOME": "/nowhere"}
NO_DATABASE = {"DATABASE_URL": "postgresql://ztrade:secret@127.0.0.1:1/ztrade"}


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    """A terminal on an empty, migrated store."""
    made = Terminal(tmp_path)
    made.use_database(sqlite_template)
    return made


def halts_of(terminal: Terminal, account: str = "paper") -> list[dict[str, object]]:
    document = terminal.type("company", "dashboard", "--account", account, "--json").document()
    halts: list[dict[str, object]] = document["portfolio"]["halts"]
    return halts


def test_a_halt_stands_until_a_person_resumes(terminal: Terminal) -> None:
    assert terminal.type("halt", *REASON, **NO_DAGSTER).code == 0
    (halt,) = halts_of(terminal)
    assert (halt["who"], halt["why"], halt["agent_id"]) == ("tester", "a test", None)
    assert "a test" in terminal.type("agent", "status").out
    done = terminal.type("resume", *REASON, "--json", **NO_DAGSTER).document()
    assert [each["halt_id"] for each in done["halts"]] == [halt["halt_id"]]
    assert halts_of(terminal) == []


def test_a_halt_of_one_agent_leaves_the_others(terminal: Terminal) -> None:
    assert terminal.type("halt", *REASON, "--agent", "agent_btc", **NO_DAGSTER).code == 0
    agents = terminal.type("agent", "status", "--json").document()["agents"]
    halted = [agent["agent_id"] for agent in agents if agent["halts"]]
    assert halted == ["agent_btc"]


def test_without_dagster_the_act_is_done_and_the_page_is_said_to_miss_it(
    terminal: Terminal,
) -> None:
    answer = terminal.type("halt", *REASON, "--json", **NO_DAGSTER)
    assert answer.document()["did"] == "halted"
    assert "not shown on the page" in answer.err


def test_without_a_database_the_file_halts_and_the_next_resume_removes_it(
    terminal: Terminal,
) -> None:
    answer = terminal.type("halt", *REASON, **NO_DATABASE)
    assert answer.code == 1
    (line,) = answer.err.splitlines()
    assert "halted by the file" in line
    assert "secret" not in line
    file = terminal.data / "HALT"
    assert file.read_text() == "a test (by tester)\n"
    document = terminal.type("company", "dashboard", "--json").document()
    assert document["halt_file"] == "a test (by tester)"
    assert terminal.type("resume", *REASON, **NO_DATABASE).code == 1
    assert file.exists()  # a resume that failed lifts nothing
    assert terminal.type("resume", *REASON, **NO_DAGSTER).code == 0
    assert not file.exists()


@pytest.mark.parametrize("command", ["halt", "flatten"])
def test_while_another_process_holds_the_database_the_file_halts_in_time(
    terminal: Terminal, command: str
) -> None:
    with closing(sqlite3.connect(terminal.data / "ztrade.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        answer = terminal.type(command, *REASON, **NO_DAGSTER)
        seconds = time.monotonic() - started
    assert (answer.code, (terminal.data / "HALT").read_text()) == (1, "a test (by tester)\n")
    assert "another process held the database too long" in answer.err
    assert seconds < PROMISED_SECONDS


def test_resuming_the_rehearsal_leaves_the_file_that_halts_the_paper_account(
    terminal: Terminal,
) -> None:
    buy_in_rehearsal(terminal)
    file = terminal.data / "HALT"
    file.write_text("stop\n")
    answer = terminal.type("resume", *REASON, "--account", "rehearsal", **NO_DAGSTER)
    assert answer.code == 0
    assert "still halts every account" in answer.err
    assert file.exists()


def test_a_halt_that_could_not_cancel_an_open_entry_stands_and_fails(terminal: Terminal) -> None:
    """The broker lost the order that our book has open: nobody knows whether it may still fill."""
    workshop = workshop_of(terminal)
    fill_store(workshop)
    as_of = parse_instant(AS_OF)
    asked = CycleRequest(agent_id=AGENT, as_of=as_of, holder="test", writer=said("buy"))
    run_cycle(workshop.rehearsal_desk(as_of), asked)
    workshop.engine.dispose()
    with closing(sqlite3.connect(terminal.data / "ztrade.db")) as connection:
        assert connection.execute("DELETE FROM simulated_orders").rowcount == 1
        connection.commit()
    answer = terminal.type("halt", *REASON, "--account", "rehearsal", **NO_DAGSTER)
    assert answer.code == 1
    assert "failed: cancel zt1-" in answer.out
    assert len(halts_of(terminal, "rehearsal")) == 1


def test_flatten_halts_and_sells_every_position(terminal: Terminal) -> None:
    buy_in_rehearsal(terminal)
    answer = terminal.type("flatten", *REASON, "--account", "rehearsal", "--json", **NO_DAGSTER)
    done = answer.document()
    assert len(done["sold"]) == 1
    assert done["failed"] == []
    assert len(halts_of(terminal, "rehearsal")) == 1
    looking = ("company", "positions", "--account", "rehearsal", "--json")
    orders = terminal.type(*looking).document()["open_orders"]
    assert [order["role"] for order in orders if order["role"] == "exit"] == ["exit"]


def test_flatten_of_a_flat_account_says_so(terminal: Terminal) -> None:
    assert "no position was open" in terminal.type("flatten", *REASON, **NO_DAGSTER).out


def test_a_rehearsal_begins_anew(terminal: Terminal) -> None:
    buy_in_rehearsal(terminal)
    done = terminal.type("rehearsal", "reset", "--json").document()
    assert done["account_epoch"] == 2
    assert done["opened_at"].startswith("2022-12-20")  # the first stored bar's day, New York
    looking = ("company", "positions", "--account", "rehearsal", "--json")
    assert terminal.type(*looking).document()["positions"] == []
