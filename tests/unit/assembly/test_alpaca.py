"""Opening the account at Alpaca: late, once, without alpaca-py only with a word, and in time."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest

from tests.fakes.alpaca_desk import API_KEY, SECRET_KEY
from tests.fakes.alpaca_launch import loopback_wires
from tests.fakes.alpaca_server import AlpacaServer, Fault
from ztrade_core.assembly.alpaca import AlpacaAccount, LookLimits
from ztrade_core.assembly.places import place_of
from ztrade_core.assembly.workshop import Workshop, open_workshop
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.errors import ConfigError, TransientBrokerError
from ztrade_core.settings.load import Settings, load_settings
from ztrade_core.trading.desk import TradingDesk

REPOSITORY = Path(__file__).resolve().parents[3]
NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
WITHOUT_ALPACA_PY = """
import sys
sys.modules["alpaca"] = None
from ztrade_core.assembly.workshop import open_workshop
from ztrade_core.settings.load import load_settings
settings = load_settings(environ={"ZTRADE_HOME": sys.argv[1], "ZTRADE_BROKER": sys.argv[2],
    "ALPACA_API_KEY": "PK1", "ALPACA_SECRET_KEY": "s", "DATABASE_URL": "postgresql://h.invalid/d"})
try:
    open_workshop(settings)
except Exception as error:
    print(type(error).__name__, error)
"""
WITHOUT_A_DESK = """
import sys
from ztrade_core.assembly.workshop import open_workshop
from ztrade_core.settings.load import load_settings
open_workshop(load_settings(environ={"ZTRADE_HOME": sys.argv[1], "ZTRADE_BROKER": sys.argv[2],
    "ALPACA_API_KEY": "PK1", "ALPACA_SECRET_KEY": "s"}))
print(sorted(name for name in ("alpaca", "requests") if name in sys.modules))
"""


def settings_at(url: str) -> Settings:
    environ = {
        "DATABASE_URL": url,
        "ZTRADE_BROKER": "alpaca",
        "ALPACA_API_KEY": API_KEY,
        "ALPACA_SECRET_KEY": SECRET_KEY,
    }
    return load_settings(root=REPOSITORY, environ=environ)


def looking(workshop: Workshop, server: AlpacaServer, limits: LookLimits) -> Workshop:
    """Return the workshop with other limits of a look."""
    settings = workshop.settings
    assert settings.alpaca is not None
    account = AlpacaAccount(
        "paper",
        settings.alpaca,
        workshop.store,
        settings.company.broker.costs,
        loopback_wires(server.url, server.url),
        looks=limits,
    )
    return replace(workshop, alpaca=account)


def question(desk: TradingDesk) -> TransientBrokerError | None:
    """Ask the broker something; return why it was not answered."""
    try:
        desk.broker.cash()
    except TransientBrokerError as error:
        return error
    return None


def told(program: str, broker: str = "alpaca") -> str:
    """Run a program in a process of its own; return what it printed."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program, str(REPOSITORY), broker],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with AlpacaServer() as made:
        yield made


@pytest.fixture
def workshop(server: AlpacaServer, sqlite_url: str) -> Iterator[Workshop]:
    made = open_workshop(settings_at(sqlite_url), wires=loopback_wires(server.url, server.url))
    yield replace(made, clock=SimulatedClock(NOON))
    made.engine.dispose()


def test_without_alpaca_py_the_command_is_named_before_anything_else() -> None:
    line = told(WITHOUT_ALPACA_PY)
    assert line.startswith("ConfigError broker alpaca: the package alpaca-py is not installed;")
    assert "pip install -c constraints.txt -e '.[alpaca]'" in line


def test_the_simulated_broker_needs_no_alpaca_py() -> None:
    assert told(WITHOUT_ALPACA_PY, broker="simulated") == ""


def test_opening_a_workshop_imports_no_vendor() -> None:
    assert told(WITHOUT_A_DESK) == "[]"


def test_settings_made_by_hand_without_keys_are_refused(sqlite_url: str) -> None:
    with pytest.raises(ConfigError, match="ALPACA_API_KEY and ALPACA_SECRET_KEY"):
        open_workshop(replace(settings_at(sqlite_url), alpaca=None))


def test_desks_and_rehearsals_ask_nobody_until_they_are_used(
    workshop: Workshop, server: AlpacaServer
) -> None:
    desk = workshop.live_desk()
    workshop.watch_desk()
    assert not workshop.rehearsal_desk(NOON).broker.is_external
    assert desk.broker.is_external
    assert desk.facts is not None
    assert workshop.rehearsal_desk(NOON).facts is None
    assert server.seen == []


def test_a_process_has_one_broker_and_asks_its_number_once(
    workshop: Workshop, server: AlpacaServer
) -> None:
    desks = [workshop.live_desk(), workshop.desk_of("paper"), workshop.desk_for(None)]
    assert len({id(desk.broker) for desk in desks}) == 1
    assert [desk.broker.epoch() for desk in desks] == [2, 2, 2]
    assert [seen.path for seen in server.seen] == ["/v2/account"]


def test_an_epoch_is_dated_and_placed(workshop: Workshop) -> None:
    desk = workshop.live_desk()
    place = place_of(desk, desk.broker.epoch())
    assert place.text == "alpaca paper account PA3FAKE00001"
    assert place.host == "https://paper-api.alpaca.markets"
    assert place.first_seen_at == NOON
    assert place_of(workshop.rehearsal_desk(NOON), 1).text == "simulated"


def test_a_look_at_a_slow_broker_ends_in_time(workshop: Workshop, server: AlpacaServer) -> None:
    """No answer comes late enough to be given up alone; together they would take for ever."""
    watching = looking(workshop, server, LookLimits(questions_seconds=0.5))
    server.on_request = lambda _seen: server.stopping.wait(0.15)
    desk = watching.watch_desk()
    begun = monotonic()
    error: TransientBrokerError | None = None
    while error is None:
        error = question(desk)
    assert "this look has used up its 0.5 s" in str(error)
    assert monotonic() - begun < 3.0
    asked = len(server.seen)
    assert 1 <= asked <= 4
    assert question(desk) is not None  # nothing more is sent
    assert len(server.seen) == asked
    watching.watch_desk()  # the next look has all of its time again
    assert question(desk) is None


def test_a_look_at_a_silent_broker_ends_with_its_first_question(
    workshop: Workshop, server: AlpacaServer
) -> None:
    watching = looking(workshop, server, LookLimits(call_seconds=0.4))
    server.fault(Fault(method="GET", path="/v2/", how="silence", seconds=30, times=100))
    begun = monotonic()
    with pytest.raises(TransientBrokerError, match="no whole answer within"):
        watching.watch_desk().broker.epoch()
    assert monotonic() - begun < 3.0
