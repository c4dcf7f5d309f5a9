"""An AlpacaBroker on the fake server, and the book it completes orders from."""

from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import SecretStr

from tests.fakes.alpaca_server import AlpacaServer
from tests.unit.brokers.builders import entry
from ztrade_core.brokers.alpaca.broker import AlpacaBroker
from ztrade_core.brokers.alpaca.client import AlpacaClient
from ztrade_core.brokers.alpaca.facts import AlpacaFacts
from ztrade_core.brokers.alpaca.fence import PAPER_URL
from ztrade_core.brokers.alpaca.habits import Habits
from ztrade_core.brokers.alpaca.transports import ByHostAdapter
from ztrade_core.brokers.alpaca.wire import FencedSession, PaperKeys
from ztrade_core.domain.orders import BrokerOrder, OrderRequest
from ztrade_core.wires.bounded import WireLimits

API_KEY, SECRET_KEY = "PKCANARYKEY0001", "canarySecret0002"
KEYS = PaperKeys(api_key=SecretStr(API_KEY), secret_key=SecretStr(SECRET_KEY))
QUICK = WireLimits(
    connect_seconds=0.5, read_seconds=0.5, deadline_seconds=0.8, body_bytes=256 * 1024
)
BRISK = Habits(cancel_seconds=0.3, poll_seconds=0.01)
FEES = (0.0, 25.0)
COIN = {"symbol": "BTC/USD", "agent_id": "agent_btc", "target": None}


@dataclass
class AlpacaDesk:
    """A broker, the fake behind it, and our book between them."""

    server: AlpacaServer
    limits: WireLimits = QUICK
    habits: Habits = BRISK
    book: dict[str, OrderRequest] = field(default_factory=dict)

    def session(self) -> FencedSession:
        wire = ByHostAdapter(self.server.wire(), self.server.data_wire())
        return FencedSession(KEYS, limits=self.limits, wire=wire)

    def broker(self) -> AlpacaBroker:
        """A broker as a process that has just started would make it."""
        return AlpacaBroker(
            self.session(),
            requests=self.book.get,
            fee_bps_by_asset=FEES,
            epoch_of=lambda _number: 2,
            habits=self.habits,
        )

    def facts(self) -> AlpacaFacts:
        return AlpacaFacts(AlpacaClient(self.session(), base_url=PAPER_URL))

    def intend(self, request: OrderRequest) -> OrderRequest:
        """Write an order into our book, as admission does."""
        self.book[request.client_order_id] = request
        return request

    def send(self, request: OrderRequest) -> BrokerOrder:
        return self.broker().submit(self.intend(request))

    def fill(self, client_order_id: str, price: str, quantity: str | None = None) -> None:
        ledger = self.server.ledger
        ledger.fill(ledger.by_client_id(client_order_id), price, quantity)

    def bought(self, quantity: str = "10", **prices: str | None) -> OrderRequest:
        """A filled stock entry with its legs."""
        request = self.intend(entry(quantity, **prices))
        self.broker().submit(request)
        self.fill(request.client_order_id, "99.5")
        return request

    def hold(self, symbol: str, quantity: str) -> None:
        self.server.ledger.held[symbol] = Decimal(quantity)
