"""`ztrade broker long-only`: said, asked, set; and what `broker check` says while it is not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.fakes.terminal import Terminal
from tests.pipelines.at_alpaca import PLACE, AlpacaTerminal, open_market


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with AlpacaServer() as made:
        open_market(made)
        made.ledger.no_shorting = False
        yield made


@pytest.fixture
def typed(server: AlpacaServer, tmp_path: Path, sqlite_template: Path) -> AlpacaTerminal:
    made = AlpacaTerminal(terminal=Terminal(tmp_path, width=140), server=server)
    made.prepare(sqlite_template)
    return made


def test_an_account_that_may_go_short_is_named_and_made_long_only(
    typed: AlpacaTerminal, server: AlpacaServer
) -> None:
    checked = typed.type("broker", "check")
    assert checked.code == 1
    assert "long only: a sell could open a short: run `ztrade broker long-only`" in checked.err
    done = typed.type("broker", "long-only", "--yes", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out) == {"place": PLACE.partition(", epoch")[0], "long_only": True}
    assert server.ledger.no_shorting
    document = json.loads(typed.type("broker", "check", "--json").out)
    (found,) = (each for each in document["findings"] if each["what"] == "long only")
    assert (found["value"], found["problem"]) == ("yes", None)


def test_without_a_yes_nothing_is_set(typed: AlpacaTerminal, server: AlpacaServer) -> None:
    answer = typed.type("broker", "long-only")
    assert answer.code != 0
    assert "set `no_shorting`" in answer.err
    assert not server.ledger.no_shorting


def test_a_setting_that_was_not_answered_is_an_error(
    typed: AlpacaTerminal, server: AlpacaServer
) -> None:
    server.fault(Fault(method="PATCH", path="/v2/account", status=503, acts=False))
    answer = typed.type("broker", "long-only", "--yes")
    assert answer.code == 1
    assert "Traceback" not in answer.err


def test_the_simulated_account_has_nothing_to_set(typed: AlpacaTerminal) -> None:
    answer = typed.type("broker", "long-only", "--yes", ZTRADE_BROKER="simulated")
    assert answer.code == 2
    assert "never sells short" in answer.err
