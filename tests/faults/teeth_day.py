"""A day's story with canaries for secrets: in Dagster, and with a broker that repeats every key."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import dagster as dg

from tests.fakes.alpaca_launch import loopback_wires
from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.faults.teeth_canaries import ENVIRONMENT, KEYS, Search
from tests.faults.teeth_echo import MODES, EchoServer
from tests.pipelines.at_alpaca import BUY, NOW, fill_market, look
from tests.pipelines.conftest import AGENT, House, house_of, settings_of
from tests.unit.brokers.builders import entry
from ztrade_core.assembly.workshop import Workshop, open_workshop
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.orders import Role, Side
from ztrade_core.domain.time import parse_instant
from ztrade_core.errors import ZtradeError
from ztrade_core.trading.broker_check import check_broker
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.override import halt
from ztrade_core.trading.watch import watch

WHO = {"who": "tester", "why": "a test"}
VARIABLES = {**ENVIRONMENT, "ZTRADE_BROKER": "alpaca"}
SAID = f"{KEYS['ALPACA_API_KEY']} {KEYS['ALPACA_SECRET_KEY']}"


def refusing(how: str) -> Fault:
    """An `order`, the `keys`, or anything (a `page`) refused in words that repeat the keys."""
    said = f'{{"code": 42210000, "message": "bad key {SAID}"}}'.encode()
    page = f"<html><pre>{SAID} {quote(SAID)}</pre></html>".encode()
    match how:
        case "order":
            return Fault(method="POST", path="/v2/orders", status=422, body=said, acts=False)
        case "keys":
            return Fault(method="GET", path="/v2/", status=401, body=said, acts=False, times=50)
        case _:
            return Fault(method="GET", path="/v2/", status=502, body=page, acts=False, times=50)


@dataclass(frozen=True, kw_only=True)
class Day:
    """Where a day's story takes place; `instance` keeps its storage in files of `folder`."""

    server: AlpacaServer
    instance: dg.DagsterInstance
    folder: Path

    @contextmanager
    def house(self, minute: int, url: str) -> Iterator[House]:
        """The definitions so many minutes after 10:00 New York, on the fake, with the canaries."""
        now = parse_instant(NOW.replace(":00:", f":{minute:02}:"))
        self.server.ledger.now = max(now, self.server.ledger.now)
        settings = settings_of(self.folder, url, **VARIABLES)
        wires = loopback_wires(self.server.url, self.server.url)
        made = house_of(settings, self.instance, now=now, wires=wires)
        fill_market(made.workshop)
        yield made
        made.workshop.engine.dispose()

    def lived(self, url: str) -> House:
        """Refused, bought, covered, watched, unanswered, keys refused, halted, sold, resumed."""
        server = self.server
        with self.house(0, url) as early:
            server.fault(refusing("order"))
            assert early.run(AGENT, BUY).success
            assert server.ledger.all_orders() == []
        with self.house(5, url) as made:
            assert made.run(AGENT, BUY).success
            assert server.ledger.held["TSLA"] > 0
            server.ledger.cancel(server.ledger.working()[0].id)
            look(made)
            for how in ("page", "keys"):
                server.fault(refusing(how))
                assert "did not answer" in look(made).skip_message
                assert not made.run("reconcile").success
                server._faults.clear()
            for job in ("halt_trading", "flatten_positions", "resume_trading"):
                assert made.run(job, WHO).success
            assert server.ledger.held["TSLA"] == 0
        return made

    def searched(self, search: Search, made: House) -> None:
        """Look through all that the day left."""
        search_through(search, made, self.folder)


def search_through(search: Search, made: House, folder: Path) -> None:
    """Look through a house's tables, runs, events and files, and this process's arguments."""
    search.database(made.workshop.engine)
    made.workshop.engine.dispose()
    for run in made.instance.get_runs():
        search.text(f"run {run.job_name}", f"{run.run_config} {run.tags} {run!r}")
        for event in made.instance.all_logs(run.run_id):
            search.text(f"event of {run.job_name}", str(event))
    search.folder(folder)
    search.arguments()


@contextmanager
def echoed_to(echo: EchoServer, folder: Path, url: str) -> Iterator[Workshop]:
    """A workshop whose broker is a server that repeats the keys."""
    settings = settings_of(folder, url, **VARIABLES)
    made = open_workshop(settings, wires=loopback_wires(echo.url, echo.url))
    yield replace(made, clock=SimulatedClock(parse_instant(NOW)))
    made.engine.dispose()


def questions_of(workshop: Workshop) -> dict[str, Callable[[], object]]:
    """Everything a broker is asked."""
    desk, request = workshop.live_desk(), entry()
    broker, facts, now = desk.broker, desk.facts, desk.clock.now()
    assert facts is not None
    asked = CycleRequest(agent_id=AGENT, as_of=now, holder="a test")
    return {
        "epoch": broker.epoch,
        "cash": broker.cash,
        "positions": broker.positions,
        "open orders": broker.open_orders,
        "fills": broker.fills,
        "look-up": lambda: broker.order_by_client_id("zt1-entry"),
        "quote": lambda: broker.quote("TSLA"),
        "coin quote": lambda: broker.quote("BTC/USD"),
        "submit": lambda: broker.submit(request),
        "close": lambda: broker.close(replace(request, role=Role.EXIT, side=Side.SELL)),
        "cancel": lambda: broker.cancel("zt1-entry"),
        "standing": facts.standing,
        "clock": facts.clock,
        "asset": lambda: facts.asset("TSLA"),
        "check": lambda: check_broker(desk).problems,
        "cycle": lambda: run_cycle(desk, asked),
        "watch": lambda: watch(desk, now, holder="a test"),
        "halt": lambda: halt(desk, at=now, **WHO),
    }


def asked_of_an_echo(search: Search, folder: Path, url: str) -> tuple[int, int]:
    """Ask everything in every mode and look through answers and errors.

    Returns how often a question failed, and how often the server was shown a key.
    """
    failed, echo = 0, EchoServer()
    with echo.serving(), echoed_to(echo, folder, url) as workshop:
        for echo.mode in MODES:
            for name, question in questions_of(workshop).items():
                try:
                    search.text(f"{name} of {echo.mode}", repr(question()))
                except ZtradeError as error:
                    failed += 1
                    search.error(f"{name} of {echo.mode}", error)
        search.database(workshop.engine)
    search.folder(folder)
    return failed, echo.shown


def laid_out(folder: Path, template: Path) -> Path:
    """Put a migrated database into a data folder, and return that."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, data / "ztrade.db")
    return data
