"""The command `ztrade` with the paper account at Alpaca: what it shows, what it refuses, a person's hand."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.fakes.terminal import PROJECT, Terminal
from tests.pipelines.at_alpaca import (
    NOW,
    NUMBER,
    PLACE,
    VARIABLES,
    AlpacaTerminal,
    open_market,
)
from tests.pipelines.conftest import AGENT

REASON = ("--reason", "a test", "--who", "tester")
BUY = ("--manual", "--action", "buy", "--confidence", "0.9", "--rationale", "a test")
DOWN = Fault(method="GET", path="/v2/", status=503, times=1000, acts=False)


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with AlpacaServer() as made:
        open_market(made)
        yield made


@pytest.fixture
def typed(server: AlpacaServer, tmp_path: Path, sqlite_template: Path) -> AlpacaTerminal:
    made = AlpacaTerminal(terminal=Terminal(tmp_path, width=140), server=server)
    made.prepare(sqlite_template)
    return made


def findings(typed: AlpacaTerminal, **more: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code of a check, and what it found by name."""
    answer = typed.type("broker", "check", "--json", **more)
    document = json.loads(answer.out)
    assert (answer.code == 0) is document["fine"]
    return answer.code, document | {each["what"]: each for each in document["findings"]}


def test_a_decision_is_sent_filled_protected_shown_and_flattened(
    typed: AlpacaTerminal, server: AlpacaServer
) -> None:
    ran = typed.type("agent", "run", AGENT, *BUY)
    assert ran.code == 0, ran.err
    assert PLACE in ran.out
    held = server.ledger.held["TSLA"]

    shown = typed.type("company", "dashboard", "--json").document()
    assert shown["portfolio"]["account_epoch"] == 2
    assert shown["portfolio"]["broker"]["account_number"] == NUMBER
    (position,) = shown["positions"]
    assert (position["symbol"], position["quantity"], position["guarded"]) == ("TSLA", held, True)

    assert typed.type("reconcile", "--json").document()["checks"] != {}
    done = typed.type("flatten", *REASON, "--json").document()
    assert (len(done["sold"]), done["failed"]) == (1, [])
    assert server.ledger.held.get("TSLA", 0) == 0


@pytest.mark.parametrize(
    "words",
    [
        ("company", "dashboard"),
        ("company", "positions"),
        ("company", "performance"),
        ("risk", "status"),
    ],
)
def test_every_screen_says_which_account_it_shows(
    typed: AlpacaTerminal, words: tuple[str, ...]
) -> None:
    answer = typed.type(*words)
    assert answer.code == 0, answer.err
    assert PLACE in answer.out
    assert NUMBER in typed.type(*words, "--json").out


def test_the_agents_screen_names_the_broker(typed: AlpacaTerminal) -> None:
    assert "paper account (alpaca)" in typed.type("agent", "status").out
    assert typed.type("agent", "status", "--json").document()["broker"] == "alpaca"


def test_a_check_of_a_sound_broker_is_fine(typed: AlpacaTerminal) -> None:
    code, found = findings(typed)
    assert code == 0
    assert found["place"]["account_number"] == NUMBER
    assert found["place"]["host"] == "https://paper-api.alpaca.markets"
    assert found["account_epoch"] == 2
    assert "tradable" in found["BTC/USD asset"]["value"]
    assert found["TSLA quote"]["value"].startswith("100")
    assert PLACE in typed.type("broker", "check").out


def test_a_check_sends_nothing(typed: AlpacaTerminal, server: AlpacaServer) -> None:
    findings(typed)
    assert {seen.method for seen in server.seen} == {"GET"}


def test_a_check_names_an_asset_that_is_not_there(
    typed: AlpacaTerminal, server: AlpacaServer
) -> None:
    server.ledger.unlisted.add("TSLA")
    code, found = findings(typed)
    assert code == 1
    assert found["TSLA asset"]["problem"] == "the broker has no such asset"


def test_a_check_names_a_clock_that_is_off(typed: AlpacaTerminal, server: AlpacaServer) -> None:
    server.ledger.close_session()
    server.ledger.now = server.ledger.now.replace(minute=9)
    code, found = findings(typed)
    assert code == 1
    assert "our clock is off by -5" in found["clock"]["problem"]


def test_a_check_of_a_broker_that_is_down_asks_no_further(
    typed: AlpacaTerminal, server: AlpacaServer
) -> None:
    server.fault(DOWN)
    code, found = findings(typed)
    assert code == 1
    assert "Alpaca was asked and did not answer" in found["answer"]["problem"]
    assert len(server.seen) == 1


def test_a_live_account_is_refused_and_nothing_is_sent(
    typed: AlpacaTerminal, server: AlpacaServer
) -> None:
    server.ledger.account_number = "123456789"
    answer = typed.type("agent", "run", AGENT, *BUY)
    assert answer.code == 2
    assert "not shown to be a paper account" in answer.err
    assert {seen.method for seen in server.seen} == {"GET"}
    assert typed.type("broker", "check").code != 0


@pytest.mark.parametrize(
    "words", [("company", "dashboard"), ("reconcile",), ("agent", "run", AGENT, *BUY)]
)
def test_a_broker_that_is_down_is_one_line(
    typed: AlpacaTerminal, server: AlpacaServer, words: tuple[str, ...]
) -> None:
    server.fault(DOWN)
    answer = typed.type(*words)
    assert answer.code == 1
    (line,) = answer.err.splitlines()
    assert "Alpaca was asked and did not answer" in line
    assert "Traceback" not in answer.out + answer.err


def test_a_halt_stands_though_the_broker_is_down(
    typed: AlpacaTerminal, server: AlpacaServer
) -> None:
    server.fault(DOWN)
    answer = typed.type("halt", *REASON, "--json")
    assert answer.code == 1  # it stands; open entries could not be looked for
    document = json.loads(answer.out)
    assert [halt["why"] for halt in document["halts"]] == ["a test"]
    assert "could not be looked for" in document["failed"][0]
    assert not (typed.terminal.data / "HALT").exists()


def test_the_simulated_broker_says_so(typed: AlpacaTerminal, server: AlpacaServer) -> None:
    code, found = findings(typed, ZTRADE_BROKER="simulated")
    assert (code, found["broker"]["value"][:9]) == (0, "simulated")
    assert server.seen == []


def test_a_child_process_reaches_the_fake_by_values_only(
    typed: AlpacaTerminal, server: AlpacaServer
) -> None:
    program = (
        "import sys; from tests.fakes.alpaca_launch import main;"
        " main(sys.argv[1], sys.argv[2], sys.argv[4:], now=sys.argv[3])"
    )
    words = [server.url, server.url, NOW, "company", "dashboard", "--json"]
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program, *words],
        cwd=PROJECT,
        env={**typed.terminal.environment, **VARIABLES},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["portfolio"]["broker"]["account_number"] == NUMBER
