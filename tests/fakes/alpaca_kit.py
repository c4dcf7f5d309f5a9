"""A trading desk at the fake Alpaca: the real AlpacaBroker over HTTP, on any of our databases.

    with AlpacaServer(ledger_at(bar(0))) as server:
        kit = at_alpaca(kit_in_memory(company=...), server.url)

`alpaca_kit_at(database_url, server_url)` makes one from plain strings, as a child process does. A kit's
desk has a new broker each time, as a process that has just started; `warm` keeps one. The fake's
time begins where `ledger_at` says, and is moved by tests.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from tests.fakes.alpaca_desk import BRISK, KEYS
from tests.fakes.alpaca_ledger import AlpacaLedger
from tests.fakes.alpaca_server import DATA_URL, LoopbackWire
from tests.fakes.desk import DeskKit, kit_in_memory, kit_on
from ztrade_core.brokers.alpaca.broker import PAPER_ACCOUNT, AlpacaBroker
from ztrade_core.brokers.alpaca.client import AlpacaClient
from ztrade_core.brokers.alpaca.facts import AlpacaFacts
from ztrade_core.brokers.alpaca.fence import PAPER_URL
from ztrade_core.brokers.alpaca.habits import Habits
from ztrade_core.brokers.alpaca.transports import ByHostAdapter
from ztrade_core.brokers.alpaca.wire import FencedSession
from ztrade_core.domain.configuration import ALPACA
from ztrade_core.domain.orders import Order, OrderRequest
from ztrade_core.ports.broker import Broker
from ztrade_core.ports.store import Store
from ztrade_core.store.engine import make_engine
from ztrade_core.wires.bounded import WireLimits

PATIENT = WireLimits(
    connect_seconds=3.0, read_seconds=5.0, deadline_seconds=6.0, body_bytes=1024 * 1024
)
EPOCH = 2
"""The epoch of the first account at Alpaca."""


class PastLedger(AlpacaLedger):
    """The fake's account, its time beginning at any moment; time runs by `now` or `time_from`."""

    def __init__(self, opened: datetime, *, account_number: str = "PA3FAKE00001") -> None:
        super().__init__(account_number=account_number)
        self._now = opened


def ledger_at(opened: datetime, *, account_number: str = "PA3FAKE00001") -> AlpacaLedger:
    """Return an empty account whose time begins at a moment."""
    return PastLedger(opened, account_number=account_number)


def alpaca_broker(
    store: Store,
    url: str,
    *,
    data_url: str | None = None,
    seen_at: datetime | None = None,
    limits: WireLimits = PATIENT,
    habits: Habits = BRISK,
) -> AlpacaBroker:
    """Return the broker as `assembly` makes it, on local servers."""

    def request_of(client_order_id: str) -> OrderRequest | None:
        with store.reading() as uow:
            order = uow.orders.get(client_order_id)
        return None if order is None else order.request

    def epoch_of(number: str) -> int:
        at = AlpacaLedger().now if seen_at is None else seen_at
        with store.locked() as uow:
            return uow.accounts.epoch_of(PAPER_ACCOUNT, ALPACA, number, at)

    return AlpacaBroker(
        alpaca_session(url, data_url=data_url, limits=limits),
        requests=request_of,
        fee_bps_by_asset=(0.0, 25.0),
        epoch_of=epoch_of,
        habits=habits,
    )


def alpaca_session(
    url: str, *, data_url: str | None = None, limits: WireLimits = PATIENT
) -> FencedSession:
    """Return a fenced session whose two hosts are local servers."""
    data = LoopbackWire(url if data_url is None else data_url, DATA_URL)
    return FencedSession(KEYS, limits=limits, wire=ByHostAdapter(LoopbackWire(url), data))


def at_alpaca(
    made: DeskKit,
    url: str,
    *,
    data_url: str | None = None,
    wrap: Callable[[Broker], Broker] | None = None,
    warm: bool = False,
) -> DeskKit:
    """Return a kit that trades at the fake; `wrap` goes around its broker, `warm` keeps one broker."""
    kept: list[Broker] = []

    def broker(_simulated: object) -> Broker:
        if not (warm and kept):
            inner: Broker = alpaca_broker(made.store, url, data_url=data_url)
            kept[:] = [inner if wrap is None else wrap(inner)]
        return kept[0]

    session = alpaca_session(url, data_url=data_url)
    facts = AlpacaFacts(AlpacaClient(session, base_url=PAPER_URL))
    return replace(made, account=PAPER_ACCOUNT, wrap=broker, facts=facts)


def alpaca_kit_at(
    database_url: str, server_url: str, *, data_url: str | None = None, **parts: object
) -> DeskKit:
    """Return a kit from plain strings: a migrated database, and the fake's address."""
    return at_alpaca(kit_on(make_engine(database_url), **parts), server_url, data_url=data_url)


def alpaca_kit_in_memory(server_url: str, **parts: object) -> DeskKit:
    """Return a kit whose books live in this process."""
    return at_alpaca(kit_in_memory(**parts), server_url)


def orders_at(kit: DeskKit) -> list[Order]:
    """Our orders of the account at the fake, oldest first."""
    with kit.store.reading() as uow:
        return uow.orders.recent(PAPER_ACCOUNT, EPOCH, 1000)[::-1]
