"""What an override is tried on at a fake Alpaca: a held position, an open entry, one that waits.

It is 10:00 New York of a fixed day, for our clock and the fake's. IWM is quoted and fills; TSLA has no
quote, so that its entry rests. No process of Dagster is there at all.
"""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from tests.fakes.alpaca_launch import opener
from tests.fakes.alpaca_orders import FakeOrder
from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.by_hand import said
from tests.fakes.desk_points import Meanwhile
from tests.fakes.series import series_of_closes
from tests.fakes.terminal import PROJECT, Terminal
from tests.faults.outage_bench import DiedError, die
from tests.pipelines.at_alpaca import NOW, VARIABLES
from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Outcome
from ztrade_core.domain.time import parse_instant
from ztrade_core.errors import LeaseLostError
from ztrade_core.settings.load import load_settings
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.protection import protect
from ztrade_core.trading.submission import submit

HELD, OPEN, WAITS = "agent_iwm", "agent_tsla", "agent_btc"
AT = parse_instant(NOW)
DAYS = timedelta(days=3)
CLOSE = 100.0
NOWHERE = {"DAGSTER_HOME": "/nowhere"}


@dataclass(kw_only=True)
class AlpacaBench:
    """The fake, a terminal, and the account as this process sees it."""

    server: AlpacaServer
    terminal: Terminal
    workshop: Workshop
    data_url: str
    waiting: str = ""

    def command(self, *words: str) -> subprocess.Popen[str]:
        """Start `ztrade` on the fake in a process of its own; Dagster's home is nowhere."""
        launch = f"main({self.server.url!r}, {self.data_url!r}, {list(words)!r}, now={NOW!r})"
        return subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", f"from tests.fakes.alpaca_launch import main; {launch}"],
            cwd=PROJECT,
            env={**self.terminal.environment, **VARIABLES, **NOWHERE},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def cycle(self, workshop: Workshop, agent_id: str, *, dry_run: bool = False) -> CycleResult:
        """Let a person buy for an agent, in this process."""
        request = CycleRequest(
            agent_id=agent_id,
            as_of=AT,
            holder="the test",
            dry_run=dry_run,
            writer=said("buy"),
        )
        return run_cycle(workshop.live_desk(), request)

    def arrange(self) -> None:
        """Hold IWM under its stop, leave TSLA's entry open, let BTC's run die before it sends."""
        self.server.ledger.price("IWM", "100.00", "100.02")
        self.cycle(self.workshop, HELD)
        protect(self.workshop.live_desk(), AT, holder="the test")
        self.cycle(self.workshop, OPEN)
        dying = replace(self.workshop, checkpoints=Meanwhile({"admitted": die}))
        with suppress(DiedError):
            self.cycle(dying, WAITS)
        with self.workshop.store.reading() as uow:
            orders = uow.orders.working("paper", self.workshop.live_desk().broker.epoch())
        (self.waiting,) = [
            order.request.client_order_id
            for order in orders
            if order.request.agent_id == WAITS and order.broker_order_id is None
        ]
        assert self.server.ledger.held["IWM"] > 0
        assert [each.symbol for each in self.entries_open()] == ["TSLA"]

    def entries_open(self) -> list[FakeOrder]:
        """Return the buys that work at the fake."""
        with self.server.lock:
            return [each for each in self.server.ledger.working() if each.side == "buy"]

    def is_sold(self) -> bool:
        """Return whether the fake has sold, or sells at market or below the bid, what was held."""
        return not self.server.ledger.held.get("IWM", 0)

    def nothing_enters(self) -> str:
        """Try to send the waiting entry, and to get one admitted; return why it was held back."""
        desk = self.workshop.live_desk()
        with suppress(LeaseLostError):
            submit(desk, self.waiting, holder="a late run", at=AT)
        with self.workshop.store.reading() as uow:
            order = uow.orders.get(self.waiting)
        assert order is not None
        assert order.broker_order_id is None
        denied = self.cycle(self.workshop, WAITS, dry_run=True).validated
        assert denied.outcome is Outcome.DENIED
        assert "RULE_008" in {each.rule_id for each in denied.verdicts if not each.passed}
        return order.reason


@contextmanager
def alpaca_bench(folder: Path, template: Path, *, quotes_are_silent: bool) -> Iterator[AlpacaBench]:
    """Build the bench; a silent host of quotes accepts connections and never answers."""
    with AlpacaServer() as server, socket.create_server(("127.0.0.1", 0)) as silent:
        server.ledger.now = AT
        data_url = server.url
        if quotes_are_silent:
            data_url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        terminal = Terminal(folder, width=200)
        terminal.use_database(template)
        settings = load_settings(environ={**terminal.environment, **VARIABLES})
        workshop = opener(server.url, data_url, now=NOW)(settings)
        for agent in settings.company.agents:
            _fill(workshop, agent)
        bench = AlpacaBench(server=server, terminal=terminal, workshop=workshop, data_url=data_url)
        bench.arrange()
        yield bench
        workshop.engine.dispose()


def _fill(workshop: Workshop, agent: AgentConfig) -> None:
    """Store an agent's bars of the last days, flat at CLOSE with a ripple."""
    asset_class = agent.instrument.asset_class
    opened = [
        each
        for each in workshop.calendar.expected_bars(asset_class, agent.timeframe, AT - DAYS, AT)
        if workshop.calendar.completes_at(asset_class, agent.timeframe, each) <= AT
    ]
    closes = [CLOSE + 0.01 * (index % 3) for index in range(len(opened))]
    volumes = [1e6] * len(opened)
    bars = series_of_closes(
        agent.symbol, agent.timeframe, opened, closes, volumes=volumes, wick=0.001
    )
    workshop.bars.upsert([bars], source="hand-made", ingested_at=AT)
