"""What happens around a fault at Alpaca: what a process did before, the deed it strikes, the bars after.

The fake's time and ours are one: it stands at each deed's moment. Looks are 10 s apart.
"""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from typing_extensions import override

from tests.fakes.alpaca_kit import ledger_at
from tests.fakes.alpaca_ledger import AlpacaLedger
from tests.fakes.alpaca_routes import Seen
from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.fakes.desk import at, bar
from tests.faults.alpaca_jobs import VICTIM, Deed
from tests.unit.risk.builders import BTC, TSLA
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.time import iso_z

BUYS_AT = 10
LOOK = timedelta(seconds=10)
PATIENCE = 60.0
PRICES = {"TSLA": "100", "BTC/USD": "20000"}
FALLEN = {"TSLA": "96", "BTC/USD": "18000"}
Scene = Callable[["Stage"], None]


class ExamServer(AlpacaServer):
    """The fake for many cases, one after the other; it kills whoever sends a request marked so.

    The request of a dead process is held until `release`, or until another changes something; then it is
    carried out first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.yields_to_rivals = False
        self.struck = 0
        self._gate, self._carried_out = threading.Event(), threading.Event()
        self._holds = False

    def start_anew(self, ledger: AlpacaLedger) -> None:
        """Put another account behind it, and forget what was to go wrong."""
        self.ledger = ledger
        self.on_request = _nothing
        self.clear_faults()
        self._gate, self._carried_out = threading.Event(), threading.Event()

    def clear_faults(self) -> None:
        with self.lock:
            self._faults.clear()

    @override
    def take_fault(self, method: str, path: str) -> Fault | None:
        """Take a fault, and count those that were met; one whose path ends in $ is of that path only."""
        fault = super().take_fault(method, path + "$")
        self.struck += fault is not None
        return fault

    def release(self) -> None:
        """Carry out what is held, and wait for it."""
        self._gate.set()
        if self._holds:
            assert self._carried_out.wait(PATIENCE)
            self._holds = False

    @override
    def answer(self, seen: Seen) -> tuple[int, Any]:
        pid = seen.headers.get(VICTIM)
        if pid is None:
            if self.yields_to_rivals and seen.method != "GET":
                self.release()
            return super().answer(seen)
        self._holds = True
        os.kill(int(pid), signal.SIGKILL)
        assert self._gate.wait(PATIENCE)
        try:
            return super().answer(seen)
        finally:
            self._carried_out.set()


def _nothing(_seen: Seen) -> None:
    """What usually happens besides."""


@dataclass
class Stage:
    """The fake of one case, and the symbol it is about."""

    server: ExamServer
    symbol: str

    @property
    def ledger(self) -> AlpacaLedger:
        return self.server.ledger

    def price(self, bid: str | None = None) -> None:
        usual = PRICES[self.symbol]
        self.ledger.price(self.symbol, bid or usual, bid or usual)

    def advance(self, moment: datetime) -> None:
        """Let time pass for the fake; never backwards."""
        self.ledger.now = max(moment, self.ledger.now)


@dataclass(frozen=True, kw_only=True)
class Act:
    """A deed of a story: what, and when: `seconds` after bar `number` is complete."""

    what: str
    number: int = BUYS_AT
    seconds: float = 0.0

    def deed(self, agent: AgentConfig, holder: str, *, later: float = 0.0) -> Deed:
        moment = at(self.number) + timedelta(seconds=self.seconds + later)
        return Deed(what=self.what, at=iso_z(moment), agent_id=agent.agent_id, holder=holder)


@dataclass(frozen=True, kw_only=True)
class AlpacaStory:
    """Acts `before`, the `struck` one, cycles at bars `after`; scenes change the world in between.

    `opening` is the market when it begins, `turn` what happens just before the struck deed, `calm` what
    happens once the process was started again.
    """

    name: str
    agent: AgentConfig
    struck: Act
    before: tuple[Act, ...] = ()
    after: tuple[int, ...] = (13,)
    sells_at: int | None = None
    opening: Scene = Stage.price
    turn: Scene | None = None
    calm: Scene | None = None

    @property
    def text(self) -> str:
        return f"{self.name} of {self.agent.symbol}"

    def lines(self) -> dict[str, str]:
        """The script: buy on bar 10, sell where the story says."""
        lines = {f"{self.agent.agent_id} {iso_z(bar(BUYS_AT))}": "buy"}
        if self.sells_at is not None:
            lines[f"{self.agent.agent_id} {iso_z(bar(self.sells_at))}"] = "sell"
        return lines

    def stage(self, server: ExamServer) -> Stage:
        """Put an empty account of its own behind the server."""
        server.start_anew(ledger_at(bar(BUYS_AT)))
        stage = Stage(server, self.agent.symbol)
        self.opening(stage)
        return stage


def no_quote(_stage: Stage) -> None:
    """Nobody trades: what is sent rests."""


def a_part_fills(stage: Stage) -> None:
    stage.ledger.partial[stage.symbol] = "0.4"
    stage.price()


def legs_stay(stage: Stage) -> None:
    """No cancel gets through: the entry's legs stay those of the day."""
    stage.price()
    stage.server.fault(Fault(method="DELETE", path="/v2/orders", times=99, acts=False))


def wire_works(stage: Stage) -> None:
    stage.server.clear_faults()


def no_bid(stage: Stage) -> None:
    stage.ledger.price(stage.symbol, None, PRICES[stage.symbol])


def stop_vanishes(stage: Stage) -> None:
    for order in stage.ledger.working():
        if order.is_open and order.side == "sell":
            stage.ledger.end(order, "canceled")


def price_falls(stage: Stage) -> None:
    stage.price(FALLEN[stage.symbol])


ENTER = Act(what="cycle")
FIRST_LOOK = Act(what="watch", seconds=12)
ENTERED = (ENTER, FIRST_LOOK)
LEAVE = Act(what="cycle", number=12)


def of_both(name: str, **parts: object) -> tuple[AlpacaStory, AlpacaStory]:
    """Return a story of the stock and of the coin."""
    stock, coin = (AlpacaStory(name=name, agent=each, **parts) for each in (TSLA, BTC))  # type: ignore[arg-type]
    return stock, coin


STORIES = (
    *of_both("entry filled at once", struck=ENTER, after=(11, 12)),
    *of_both("entry partly filled", struck=ENTER, opening=a_part_fills, after=(11, 12)),
    AlpacaStory(
        name="rest of a part ended",
        agent=TSLA,
        before=(ENTER,),
        struck=FIRST_LOOK,
        opening=a_part_fills,
    ),
    *of_both("entry unfilled", struck=ENTER, opening=no_quote, after=(11, 12)),
    AlpacaStory(
        name="entry ended with its bar",
        agent=TSLA,
        before=(ENTER,),
        struck=Act(what="watch", number=11),
        opening=no_quote,
    ),
    AlpacaStory(
        name="legs rebased",
        agent=TSLA,
        before=(ENTER,),
        struck=FIRST_LOOK,
        opening=legs_stay,
        turn=wire_works,
    ),
    *of_both("exit", before=ENTERED, struck=LEAVE, sells_at=12),
    AlpacaStory(
        name="exit without a bid",
        agent=TSLA,
        before=ENTERED,
        struck=LEAVE,
        sells_at=12,
        turn=no_bid,
        calm=Stage.price,
    ),
    *of_both(
        "stop armed again",
        before=ENTERED,
        struck=Act(what="watch", seconds=25),
        turn=stop_vanishes,
    ),
    *of_both(
        "price falls",
        before=ENTERED,
        struck=Act(what="watch", seconds=25),
        turn=price_falls,
    ),
    *of_both("flatten", before=ENTERED, struck=Act(what="flatten", seconds=25)),
)
