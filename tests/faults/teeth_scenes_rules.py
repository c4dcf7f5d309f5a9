"""Scenes of who may enter: halts, rules, strangers in the account, a chain that was edited, the fence."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from requests import PreparedRequest, Request, Response
from requests.adapters import BaseAdapter
from typing_extensions import override

from tests.fakes.alpaca_desk import KEYS
from tests.fakes.alpaca_server import Fault
from tests.fakes.desk import at
from tests.faults.judge import Findings
from tests.faults.teeth_world import Bench, Stage
from tests.unit.risk.builders import agent
from tests.unit.settings.test_environment import HOSTILE
from tests.unit.trading.alpaca_world import ADA
from tests.unit.trading.builders import BUY, SELL, TSLA, at_bar
from ztrade_core.brokers.alpaca import fence
from ztrade_core.brokers.alpaca.wire import FencedSession
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import ConfigError
from ztrade_core.settings import environment
from ztrade_core.store.halt_file import HaltFile
from ztrade_core.trading import override as hand
from ztrade_core.trading import ticks

GREEDY = agent(position_usd=9000.0, risk_usd=1000.0)


def halt(bench: Bench) -> None:
    hand.halt(bench.desk(), at=bench.now, **ADA)


def halt_from_another_process(stage: Stage) -> Findings:
    """A person halts in a process that is gone; then an agent wants to buy."""
    bench = stage.bench()
    stage.child("halting", bench, bench.now)
    bench.later(1).run()
    bench.expect(not bench.sent("buy"), "an entry was sent after the halt", "rule_breaks")
    return bench.judged()


def halt_by_file(stage: Stage) -> Findings:
    """Somebody puts the file HALT into the data folder; then an agent wants to buy."""
    bench = stage.bench()
    folder = stage.folder / "data"
    folder.mkdir()
    (folder / "HALT").write_text("fire drill")
    bench.kit = replace(bench.kit, halt_signal=HaltFile(folder / "HALT"))
    bench.run()
    bench.expect(not bench.sent("buy"), "an entry was sent after the halt", "rule_breaks")
    return bench.judged()


def halt_on_the_way(stage: Stage) -> Findings:
    """The halt comes when the entry is admitted and not sent yet."""
    bench = stage.bench()
    bench.run(points={"admitted": lambda: halt(bench)})
    bench.expect(not bench.sent("buy"), "an entry was sent after the halt", "rule_breaks")
    return bench.judged()


def halt_with_an_open_entry(stage: Stage) -> Findings:
    """The halt finds an entry that rests at the broker."""
    bench = stage.bench()
    bench.run()
    halt(bench.later(1))
    bench.expect(not bench.open_buys(), "an entry is open after the halt", "rule_breaks")
    return bench.judged()


def halted_with_a_position(stage: Stage) -> Findings:
    """While halted, a stop that was taken away comes back, and the exit sells."""
    bench = stage.bench(script={at_bar(1): SELL}).bought()
    halt(bench)
    bench.ledger.cancel(bench.ledger.working()[0].id)
    bench.looks(4)
    bench.set(at(1)).run()
    bench.looks(2)
    bench.expect(bench.is_flat(), "the halt has kept an exit from selling")
    return bench.judged()


def greedy_agent(stage: Stage) -> Findings:
    """An agent would like nearly twice of what a symbol may have."""
    bench = stage.bench(GREEDY)
    bench.run()
    return bench.judged()


def edited_ledger(stage: Stage) -> Findings:
    """A row of the ledger is edited; then an agent wants to buy."""
    bench = stage.bench(script={at_bar(1): BUY})
    bench.mind.pop(at_bar(0))
    bench.run()
    with bench.engine.begin() as connection:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in connection.exec_driver_sql(triggers).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE decisions SET reason = 'another'")
    bench.set(at(1)).run()
    sent = bench.sent("buy")
    bench.expect(not sent, "an entry was sent over a chain that does not verify", "rule_breaks")
    return bench.judged(with_chain=False)


def foreign_order(stage: Stage) -> Findings:
    """Somebody else trades in the account: entries wait for a person."""
    bench = stage.bench()
    bench.ledger.accept({**FOREIGN, "client_order_id": "by-hand"})
    bench.run()
    ours = [each for each in bench.sent("buy") if each.client_order_id != "by-hand"]
    bench.expect(not ours, "an entry was sent beside a foreign order", "rule_breaks")
    return bench.judged(foreign=frozenset({"by-hand"}))


FOREIGN = {
    "symbol": "IWM",
    "qty": "1",
    "side": "buy",
    "type": "limit",
    "limit_price": "50",
    "time_in_force": "day",
}


def stale_bars(stage: Stage) -> Findings:
    """The last bar that the calendar expects is not there."""
    bench = stage.bench(script={at_bar(11): BUY}, require_open_session=False)
    bench.set(at(12)).run()
    bench.expect(not bench.decided_to_buy(), "an entry was approved on stale bars", "rule_breaks")
    return bench.judged()


def old_tick(stage: Stage) -> Findings:
    """A tick is looked at more than one bar late."""
    bench = stage.bench()
    calendar = bench.desk().calendar
    tick = ticks.judge_tick(calendar, TSLA, scheduled=at(0), now=at(2))
    bench.expect(
        not tick.due, f"the tick of {iso_z(at(0))} is due at {iso_z(at(2))}", "rule_breaks"
    )
    return bench.found


def not_a_number(stage: Stage) -> Findings:
    """The account holds what our book does not know: its equity is no number, and allows nothing."""
    bench = stage.bench()
    bench.ledger.held["IWM"] = bench.ledger.foreign_held["IWM"] = Decimal(5)
    bench.run()
    with bench.kit.store.reading() as uow:
        (row,) = uow.ledger.rows()
    passed = [each.rule_id for each in row.verdicts if each.passed and each.rule_id in OF_CAPITAL]
    bench.expect(not passed, f"{passed} passed without a number", "rule_breaks")
    return bench.found


OF_CAPITAL = {"RULE_001", "RULE_005", "RULE_006"}


def live_account(stage: Stage) -> Findings:
    """The account that answers is no paper account."""
    bench = stage.bench(account_number="123456789")
    bench.run()
    bench.expect(not bench.writes_since(0), "an order was sent to a live account", "rule_breaks")
    return bench.found


def account_reset(stage: Stage) -> Findings:
    """The paper account is reset while shares are held: the new one has another number, and none."""
    bench = stage.bench().bought()
    bench.renew("PA3FAKE00002")
    bench.looks(2)
    return bench.judged()


def redirected(stage: Stage) -> Findings:
    """The broker's host sends us to another one."""
    bench, other = stage.bench(), stage.other_host()
    there = f"{other.url}/v2/account"
    bench.server.fault(Fault(method="GET", path="/v2/account", how="redirect", location=there))
    bench.run()
    bench.expect(not other.seen, "another host was asked", "rule_breaks")
    return bench.found


class CountingWire(BaseAdapter):
    """A transport that only remembers where it was to send."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[object] = []

    @override
    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self.urls.append(request.url)
        raise OSError

    @override
    def close(self) -> None:
        """Hold nothing open."""


def hostile_urls(stage: Stage) -> Findings:
    """Every wall refuses every form of another address."""
    bench, wire = stage.bench(), CountingWire()
    session = FencedSession(KEYS, wire=wire)
    walls: dict[str, Callable[[str], object]] = {
        "settings": lambda url: environment.check_paper_url(url, "a test"),
        "the client's base": fence.require_paper_base,
        "the fence": lambda url: fence.PAPER.require_request(f"{url}/orders"),
        "the session": lambda url: session.send(Request("GET", f"{url}/orders").prepare()),
    }
    for name, wall in walls.items():
        taken = [url for url in HOSTILE if not url.endswith("/v2") and _takes(wall, url)]
        bench.expect(not taken, f"{name} takes {taken}", "rule_breaks")
    bench.expect(not wire.urls, f"the wire was to send to {wire.urls}", "rule_breaks")
    return bench.found


def _takes(wall: Callable[[str], object], url: str) -> bool:
    try:
        wall(url)
    except (ConfigError, ValueError, OSError):
        return False
    return True


SCENES = (
    halt_from_another_process,
    halt_by_file,
    halt_on_the_way,
    halt_with_an_open_entry,
    halted_with_a_position,
    greedy_agent,
    edited_ledger,
    foreign_order,
    stale_bars,
    old_tick,
    not_a_number,
    live_account,
    account_reset,
    redirected,
    hostile_urls,
)
