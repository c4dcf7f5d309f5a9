"""Processes of their own with the paper account at a fake Alpaca, and looks at one that hangs."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import dagster as dg
import pytest

from tests.fakes.alpaca_launch import VARIABLE, loopback_wires
from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.fakes.terminal import PROJECT, Terminal
from tests.pipelines.at_alpaca import (
    NUMBER,
    VARIABLES,
    AlpacaTerminal,
    alpaca_house,
    look,
    open_market,
)
from tests.pipelines.conftest import House
from ztrade_core.assembly.alpaca import AlpacaAccount, LookLimits


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with AlpacaServer() as made:
        open_market(made)
        yield made


@pytest.fixture
def at_alpaca(
    server: AlpacaServer, instance: dg.DagsterInstance, tmp_path: Path, sqlite_url: str
) -> Iterator[House]:
    with alpaca_house(server, instance, tmp_path, sqlite_url) as made:
        yield made


def hurried(house: House, server: AlpacaServer, limits: LookLimits) -> House:
    """Return the house with other limits of a look."""
    settings = house.settings
    assert settings.alpaca is not None
    account = AlpacaAccount(
        "paper",
        settings.alpaca,
        house.workshop.store,
        settings.company.broker.costs,
        loopback_wires(server.url, server.url),
        looks=limits,
    )
    return replace(house, workshop=replace(house.workshop, alpaca=account))


def test_a_run_of_the_definitions_on_a_fake_reaches_it_from_a_process_of_its_own(
    server: AlpacaServer, tmp_path: Path, sqlite_template: Path
) -> None:
    terminal = Terminal(tmp_path)
    terminal.use_database(sqlite_template)
    command = ["-m", "dagster", "job", "execute", "-m", "tests.fakes.alpaca_definitions"]
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, *command, "-j", "reconcile"],
        cwd=PROJECT,
        env={**terminal.environment, **VARIABLES, VARIABLE: f"{server.url} {server.url}"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "RUN_SUCCESS" in done.stderr
    assert {seen.method for seen in server.seen} == {"GET"}
    for name in ("ALPACA_API_KEY", "ALPACA_SECRET_KEY"):
        assert VARIABLES[name] not in done.stdout + done.stderr
    asked = len(server.seen)
    shown = AlpacaTerminal(terminal=terminal, server=server).type("company", "dashboard", "--json")
    assert shown.document()["portfolio"]["broker"]["account_number"] == NUMBER
    assert len(server.seen) > asked


def test_a_look_at_a_broker_that_hangs_ends_with_its_reason(
    at_alpaca: House, server: AlpacaServer
) -> None:
    house = hurried(at_alpaca, server, LookLimits(call_seconds=0.4))
    server.fault(Fault(method="GET", path="/v2/", how="silence", seconds=60, times=100))
    begun = monotonic()
    assert "could not look: Alpaca was asked" in look(house).skip_message
    assert monotonic() - begun < 10.0


def test_a_look_at_a_broker_that_is_slow_every_time_ends_too(
    at_alpaca: House, server: AlpacaServer
) -> None:
    house = hurried(at_alpaca, server, LookLimits(questions_seconds=0.5))
    server.on_request = lambda _seen: server.stopping.wait(0.2)
    assert "this look has used up its 0.5 s" in look(house).skip_message
    assert len(server.seen) <= 4


def test_a_look_is_left_alone_while_the_one_before_it_is_at_work(
    at_alpaca: House, server: AlpacaServer
) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def hold_up(_seen: object) -> None:
        begun.set()
        goes_on.wait(10)

    server.on_request = hold_up
    found: list[str] = []
    house = hurried(at_alpaca, server, LookLimits(call_seconds=15))
    first = threading.Thread(target=lambda: found.append(str(look(house).skip_message)))
    first.start()
    assert begun.wait(10)
    assert "the look before this one is still at work" in look(house).skip_message
    goes_on.set()
    first.join()
    assert "no position and no working order" in found[0]
