"""What a child process does at the fake Alpaca: one deed, and at one moment of it something befalls it.

A deed is a cycle, a look of the watch, a person's flatten or halt. Moments are counted: the nth time a
checkpoint is passed, the nth request. Everything is told in JSON.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from requests import PreparedRequest, Response
from sqlalchemy.engine import Engine
from typing_extensions import override

from tests.fakes.alpaca_desk import BRISK, FEES, KEYS
from tests.fakes.alpaca_kit import PATIENT
from tests.fakes.alpaca_server import DATA_URL, LoopbackWire
from tests.fakes.desk import DeskKit, kit_on
from tests.faults.jobs import COMPANIES, own_engine, script_of, told
from ztrade_core.brokers.alpaca.broker import AlpacaBroker
from ztrade_core.brokers.alpaca.client import AlpacaClient
from ztrade_core.brokers.alpaca.facts import AlpacaFacts
from ztrade_core.brokers.alpaca.fence import PAPER_URL
from ztrade_core.brokers.alpaca.transports import ByHostAdapter
from ztrade_core.brokers.alpaca.wire import FencedSession
from ztrade_core.domain.configuration import ALPACA
from ztrade_core.domain.orders import OrderRequest
from ztrade_core.domain.time import parse_instant
from ztrade_core.ports.broker import Broker
from ztrade_core.ports.checkpoints import Checkpoints
from ztrade_core.ports.store import Store
from ztrade_core.trading.override import flatten, halt
from ztrade_core.trading.watch import watch
from ztrade_core.wires.bounded import WireLimits

VICTIM = "X-Victim"
"""A header with the pid of whoever sent a request: the server may kill it with the request in its hands."""


@dataclass(frozen=True, kw_only=True)
class Strike:
    """What befalls a process: a signal at the `number`th (from 1) moment of a kind.

    `where` is a checkpoint's name, or of a request: `asking` (before a GET is sent), `changing` (before
    any other), `changed` (its answer came and was not read), `sent` (the server has it, and kills).
    """

    where: str
    number: int = 1
    by: int = signal.SIGKILL

    @property
    def text(self) -> str:
        return f"{self.where} {self.number}"


class Moments:
    """Counts what a process passes, and strikes it when its moment comes."""

    def __init__(self, strike: Strike | None = None) -> None:
        self.passed: Counter[str] = Counter()
        self._strike = strike

    def pass_by(self, where: str) -> None:
        self.passed[where] += 1
        if self._strike is not None and self._is_due(self._strike, where):
            os.kill(os.getpid(), self._strike.by)

    def is_sent(self) -> bool:
        """Return whether the request that goes now is the one at which the server strikes."""
        self.passed["sent"] += 1
        return self._strike is not None and self._is_due(self._strike, "sent")

    def _is_due(self, strike: Strike, where: str) -> bool:
        return strike.where == where and strike.number == self.passed[where]


class CountedPoints(Checkpoints):
    """Counts checkpoints."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    @override
    def reach(self, name: str) -> None:
        self._moments.pass_by(name)


class CountedWire(LoopbackWire):
    """Counts requests."""

    def __init__(self, url: str, origin: str, moments: Moments) -> None:
        super().__init__(url, origin)
        self._moments = moments

    @override
    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        moments = self._moments
        if request.method == "GET":
            moments.pass_by("asking")
            return super().send(request, *args, **kwargs)
        moments.pass_by("changing")
        if moments.is_sent():
            request.headers[VICTIM] = str(os.getpid())
        answer = super().send(request, *args, **kwargs)
        moments.pass_by("changed")
        return answer


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an account is, in words that travel: database, fake, account, company, script."""

    database_url: str
    server_url: str
    account: str
    company: str
    lines: dict[str, str]

    def kit(
        self,
        engine: Engine | None = None,
        *,
        moments: Moments | None = None,
        limits: WireLimits = PATIENT,
    ) -> DeskKit:
        """Return a desk's kit; each desk has a new broker, as a process that has just started."""
        counted = Moments() if moments is None else moments
        made = kit_on(
            own_engine(self.database_url) if engine is None else engine,
            account=self.account,
            company=COMPANIES[self.company](),
            script=script_of(self.lines),
        )

        def session() -> FencedSession:
            trading = CountedWire(self.server_url, PAPER_URL, counted)
            data = CountedWire(self.server_url, DATA_URL, counted)
            return FencedSession(KEYS, limits=limits, wire=ByHostAdapter(trading, data))

        def broker(_simulated: object) -> Broker:
            return AccountBroker(self.account, made.store, session())

        facts = AlpacaFacts(AlpacaClient(session(), base_url=PAPER_URL))
        return replace(made, checkpoints=CountedPoints(counted), wrap=broker, facts=facts)


class AccountBroker(AlpacaBroker):
    """The broker under an account's name of its own: so one database holds many accounts."""

    def __init__(self, account: str, store: Store, session: FencedSession) -> None:
        def request_of(client_order_id: str) -> OrderRequest | None:
            with store.reading() as uow:
                order = uow.orders.get(client_order_id)
            return None if order is None else order.request

        def epoch_of(number: str) -> int:
            with store.locked() as uow:
                return uow.accounts.epoch_of(account, ALPACA, number, SEEN_AT)

        super().__init__(
            session, requests=request_of, fee_bps_by_asset=FEES, epoch_of=epoch_of, habits=BRISK
        )
        self._account_name = account

    @property
    @override
    def account(self) -> str:
        return self._account_name


SEEN_AT = parse_instant("2022-12-28T14:30:00Z")


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What a process does at a moment: `cycle`, `watch`, `flatten` or `halt`."""

    what: str
    at: str
    agent_id: str
    holder: str

    @property
    def moment(self) -> datetime:
        return parse_instant(self.at)


def done(kit: DeskKit, deed: Deed) -> dict[str, Any]:
    """Do a deed on a desk of its own; return what it said."""
    return _DEEDS[deed.what](kit, deed)


def _cycle(kit: DeskKit, deed: Deed) -> dict[str, Any]:
    return told(kit.cycle(deed.moment, deed.agent_id, holder=deed.holder))


def _watch(kit: DeskKit, deed: Deed) -> dict[str, Any]:
    seen = watch(kit.desk(deed.moment), deed.moment, holder=deed.holder)
    return {"did": list(seen.did), "note": seen.note}


def _flatten(kit: DeskKit, deed: Deed) -> dict[str, Any]:
    found = flatten(kit.desk(deed.moment), who="ada", why="the exam", at=deed.moment)
    return {"sold": list(found.sold), "failed": list(found.failed)}


def _halt(kit: DeskKit, deed: Deed) -> dict[str, Any]:
    found = halt(kit.desk(deed.moment), who="ada", why="the exam", at=deed.moment)
    return {"canceled": list(found.canceled), "failed": list(found.failed)}


_DEEDS: dict[str, Callable[[DeskKit, Deed], dict[str, Any]]] = {
    "cycle": _cycle,
    "watch": _watch,
    "flatten": _flatten,
    "halt": _halt,
}


def perform(
    *,
    place: dict[str, Any],
    deed: dict[str, Any],
    strike: dict[str, Any] | None = None,
    pid_file: str | None = None,
) -> dict[str, Any]:
    """Do a deed in a process of its own; return what it said, and how often it passed each moment."""
    if pid_file is not None:
        with open(pid_file, "w") as file:  # noqa: PTH123 - one line, read by the parent
            file.write(f"{os.getpid()}\n")
    moments = Moments(None if strike is None else Strike(**strike))
    said = done(Place(**place).kit(moments=moments), Deed(**deed))
    return {"said": said, "passed": moments.passed}


def arguments_of(place: Place, deed: Deed, strike: Strike | None = None) -> dict[str, Any]:
    """Return what `perform` is told."""
    return {
        "place": asdict(place),
        "deed": asdict(deed),
        "strike": None if strike is None else asdict(strike),
    }
