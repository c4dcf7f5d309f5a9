"""The broker at Alpaca: a `Broker` on a paper account, through alpaca-py on our own wire.

Contract: that of `ztrade_core.ports.broker`. Every call is one exchange or a few, none is repeated. A
no that Alpaca wrote itself is OrderRejectedError with its message; "client_order_id must be unique" is
answered with the order that has the id; 429, 5xx, refused keys, silence, cut or foreign answers to
`submit` and `cancel` are OrderStateUnknownError, to questions TransientBrokerError. Alpaca's exceptions
stay in this package. What it does not return (agent, role, position, the ids of legs) is completed from our
book, which the constructor is given as `requests`; `completion` says how.

Before its first order an instance asks for the account, and sends nothing unless that is a paper one;
the same answer tells the epoch. Orders are fitted to Alpaca's grid. `cancel` waits a moment for the order
to be over and returns it as it then stands: it may still be working. `close` is told in `closing`.
`fills` returns an hour more than asked, because executions appear late; a fill keeps its id.
"""

from collections.abc import Callable
from datetime import datetime

from typing_extensions import override

from ztrade_core.brokers.alpaca.answers import (
    AccountAnswer,
    AlpacaStatus,
    OrderAnswer,
    parsed,
)
from ztrade_core.brokers.alpaca.client import AlpacaClient, RefusedError, UnclearError
from ztrade_core.brokers.alpaca.closing import Closer
from ztrade_core.brokers.alpaca.collar import Collar
from ztrade_core.brokers.alpaca.completion import Completer, Requests, leg_request, shown
from ztrade_core.brokers.alpaca.executions import Executions
from ztrade_core.brokers.alpaca.facts import AlpacaFacts, looked_up
from ztrade_core.brokers.alpaca.fence import PAPER_URL, require_paper_account
from ztrade_core.brokers.alpaca.forms import is_pair, order_body, refuse_unfit
from ztrade_core.brokers.alpaca.grid import Grid
from ztrade_core.brokers.alpaca.habits import Habits
from ztrade_core.brokers.alpaca.holdings import Holdings
from ztrade_core.brokers.alpaca.orders import Located, Orders
from ztrade_core.brokers.alpaca.quotes import AlpacaQuotes
from ztrade_core.brokers.alpaca.reader import OrderReader
from ztrade_core.brokers.alpaca.refusals import Cause
from ztrade_core.brokers.alpaca.wire import FencedSession, acting
from ztrade_core.domain.brokerage import Quote
from ztrade_core.domain.orders import TERMINAL, BrokerOrder, Fill, OrderRequest, Role
from ztrade_core.errors import (
    OrderRejectedError,
    OrderStateUnknownError,
    TransientBrokerError,
)
from ztrade_core.ports.broker import Broker
from ztrade_core.ports.market import MarketView

PAPER_ACCOUNT = "paper"
_UNPROCESSABLE = 422
RESERVED_REQUESTS = 40
"""No entry is sent when fewer requests are left in the minute: stops and exits need them."""


class AlpacaBroker(Broker):
    """One paper account at Alpaca.

    `requests` is our book: it returns the OrderRequest of a client order id, or None. It is asked for
    entries, exits, stops and, by `position_id`, for the entry whose leg an order is. An order must be in
    the book before it is submitted. `fee_bps_by_asset` are the rates of stocks and of crypto. `epoch_of`
    gives the epoch of an account number. The session's keys and transport serve the quotes too.
    """

    def __init__(
        self,
        session: FencedSession,
        *,
        requests: Requests,
        fee_bps_by_asset: tuple[float, float],
        epoch_of: Callable[[str], int],
        habits: Habits | None = None,
        base_url: str = PAPER_URL,
    ) -> None:
        self._client = AlpacaClient(session, base_url=base_url)
        self._allowance = session.allowance
        self._fee_bps_by_asset = fee_bps_by_asset
        self._epoch_of = epoch_of
        self._epoch: int | None = None
        self._habits = Habits() if habits is None else habits
        self._holdings = Holdings(self._client)
        reader = OrderReader(self._client)
        self._orders = Orders(reader, Completer(requests))
        self._executions = Executions(self._client, reader, self._orders, fee_bps_by_asset)
        self._quotes = AlpacaQuotes(session)
        facts = AlpacaFacts(self._client)
        self._grid = Grid(facts.asset)
        collar = Collar(self._quotes.latest, facts.clock, self._grid, self._habits)
        self._closer = Closer(
            self._client, self._orders, collar, cancel=self.cancel, submit=self._sent
        )

    @property
    @override
    def account(self) -> str:
        return PAPER_ACCOUNT

    @property
    @override
    def fee_bps_by_asset(self) -> tuple[float, float]:
        return self._fee_bps_by_asset

    @property
    @override
    def is_paper(self) -> bool:
        """Hold by construction: the fence passes the paper host only, and `submit` asks the account."""
        return True

    @property
    @override
    def host(self) -> str | None:
        return PAPER_URL

    @property
    @override
    def is_external(self) -> bool:
        return True

    @override
    def epoch(self) -> int:
        """Return the epoch of the account that answers; ConfigError unless it is a paper account."""
        if self._epoch is None:
            number = looked_up(self._account).account_number
            require_paper_account(number)
            self._epoch = self._epoch_of(number)
        return self._epoch

    @override
    def account_time(self) -> datetime | None:
        return None

    @override
    def advance(self, view: MarketView, until: datetime) -> None:
        """Do nothing: the world advances by itself."""

    @override
    def cash(self) -> float:
        return float(looked_up(self._account).cash)

    @override
    def positions(self) -> dict[str, float]:
        return looked_up(self._holdings.quantities)

    @override
    def open_orders(self) -> tuple[BrokerOrder, ...]:
        return looked_up(self._open_orders)

    @override
    def order_by_client_id(self, client_order_id: str) -> BrokerOrder | None:
        return looked_up(lambda: self._find(client_order_id))

    @override
    def fills(self, *, after: datetime | None = None) -> tuple[Fill, ...]:
        return looked_up(lambda: tuple(self._executions.fills(after)))

    @property
    def requests_left(self) -> int | None:
        """How many requests Alpaca still takes in this minute; None when it has not said so."""
        return self._allowance.left()

    @override
    def submit(self, request: OrderRequest) -> BrokerOrder:
        left = self.requests_left
        if request.role is Role.ENTRY and left is not None and left < RESERVED_REQUESTS:
            raise OrderStateUnknownError(
                f"{request.client_order_id}: nothing was sent: {left} requests are left in this minute,"
                f" and {RESERVED_REQUESTS} are kept for stops and exits"
            )
        return self._answered(request, self._sent)

    @override
    def close(self, request: OrderRequest) -> BrokerOrder:
        return self._answered(request, self._closed)

    @override
    def quote(self, symbol: str) -> Quote | None:
        return self._quotes.latest(symbol)

    @override
    def cancel(self, client_order_id: str) -> BrokerOrder:
        with acting():
            return self._cancelled(client_order_id)

    def _cancelled(self, client_order_id: str) -> BrokerOrder:
        found = self._located(client_order_id, None)
        if _is_ending(found):
            return self._ended(found.order)
        refusal: RefusedError | None = None
        try:
            self._client.delete(f"/orders/{found.answer.id}")
        except RefusedError as error:
            refusal = error
        except UnclearError as error:
            raise OrderStateUnknownError(
                f"{client_order_id} may or may not be cancelled: {error}"
            ) from error
        now = self._located(client_order_id, "its cancel was answered")
        if refusal is None or _is_ending(now):
            return self._ended(now.order)
        if refusal.status == _UNPROCESSABLE:
            raise OrderRejectedError(f"Alpaca did not cancel {client_order_id}: {refusal}")
        raise OrderStateUnknownError(f"the cancel of {client_order_id} is unclear: {refusal}")

    def _ended(self, order: BrokerOrder) -> BrokerOrder:
        """Return a cancelled order once it is over, or as it stands when the wait is."""
        habits = self._habits
        until = habits.monotonic() + habits.cancel_seconds
        while order.status not in TERMINAL and habits.monotonic() < until:
            habits.pause(habits.poll_seconds)
            order = self._present(order.request.client_order_id, "its cancel was taken")
        return order

    def _answered(
        self, request: OrderRequest, act: Callable[[OrderRequest], BrokerOrder]
    ) -> BrokerOrder:
        """Return what became of an order, every failure as one of the port's."""
        order_id = request.client_order_id
        try:
            with acting():
                return act(request)
        except RefusedError as error:
            if error.cause is Cause.TAKEN_ID:
                with acting():
                    return self._present(order_id, error.message)
            raise OrderRejectedError(
                f"Alpaca refused {order_id}: {error}: {error.cause.value}"
            ) from error
        except (UnclearError, TransientBrokerError) as error:
            raise OrderStateUnknownError(f"{order_id} may or may not be sent: {error}") from error

    def _closed(self, request: OrderRequest) -> BrokerOrder:
        self.epoch()
        return self._closer.close(request)

    def _sent(self, request: OrderRequest) -> BrokerOrder:
        refuse_unfit(request)
        self.epoch()
        fitted = self._grid.fitted(request)
        step = self._grid.price_increment(request.symbol)
        sold = self._holdings.sellable(fitted)  # the last question: what left meanwhile is not sold
        if sold != fitted:
            request, fitted = sold, self._grid.fitted(sold)
        body = order_body(fitted, step)
        return self._accepted(fitted, request, self._client.post("/orders", body))

    def _present(self, client_order_id: str, known_because: str | None) -> BrokerOrder:
        return self._located(client_order_id, known_because).order

    def _located(self, client_order_id: str, known_because: str | None) -> Located:
        """Return an order that should be there; a failed question leaves its state unknown."""
        try:
            found = looked_up(lambda: self._orders.located(client_order_id))
        except TransientBrokerError as error:
            raise OrderStateUnknownError(f"{client_order_id}: {error}") from error
        if found is not None:
            return found
        if known_because is None:
            raise OrderRejectedError(f"no order {client_order_id} at Alpaca")
        raise OrderStateUnknownError(f"{client_order_id}: {known_because}, but it is not found")

    def _account(self) -> AccountAnswer:
        return parsed(AccountAnswer, self._client.get("/account"))

    def _accepted(self, fitted: OrderRequest, request: OrderRequest, answer: object) -> BrokerOrder:
        order = parsed(OrderAnswer, answer)
        same = (order.client_order_id, order.our_symbol, order.side, order.qty)
        if same != (fitted.client_order_id, fitted.symbol, fitted.side, fitted.quantity):
            raise UnclearError("the answer tells of another order")
        if not is_pair(request):
            return shown(order, request)
        for leg in order.legs or ():
            if leg_request(request, leg) == request:
                return shown(leg, request)
        return self._present(request.client_order_id, "it was accepted")

    def _open_orders(self) -> tuple[BrokerOrder, ...]:
        orders = (each.order for each in self._orders.open())
        return tuple(sorted(orders, key=lambda order: order.request.client_order_id))

    def _find(self, client_order_id: str) -> BrokerOrder | None:
        found = self._orders.located(client_order_id)
        return None if found is None else found.order


def _is_ending(found: Located) -> bool:
    pending = found.answer.status is AlpacaStatus.PENDING_CANCEL
    return pending or found.order.status in TERMINAL
