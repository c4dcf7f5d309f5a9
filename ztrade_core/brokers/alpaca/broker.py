"""The broker at Alpaca: a `Broker` on a paper account, through alpaca-py on our own wire.

Contract: that of `ztrade_core.ports.broker`. Every call is one exchange or a few, none is repeated. A
no that Alpaca wrote itself is OrderRejectedError with its message; "client_order_id must be unique" is
answered with the order that has the id; 429, 5xx, refused keys, silence, cut or foreign answers to
`submit` and `cancel` are OrderStateUnknownError, to questions TransientBrokerError. Alpaca's exceptions
stay in this package. What it does not return (agent, role, position, the ids of legs) is completed from our
book, which the constructor is given as `requests`; `completion` says how.

Before its first order an instance asks for the account, and sends nothing unless that is a paper one.
`cancel` asks Alpaca to cancel and returns the order as it stood right after: it may still be working.
`fills` returns an hour more than asked, because executions appear late; a fill keeps its id.
"""

from datetime import datetime

from typing_extensions import override

from ztrade_core.brokers.alpaca.answers import (
    AccountAnswer,
    OrderAnswer,
    PositionAnswer,
    parsed,
    parsed_list,
)
from ztrade_core.brokers.alpaca.client import AlpacaClient, RefusedError, UnclearError
from ztrade_core.brokers.alpaca.completion import Completer, Requests
from ztrade_core.brokers.alpaca.executions import Executions
from ztrade_core.brokers.alpaca.facts import looked_up
from ztrade_core.brokers.alpaca.fence import PAPER_URL, require_paper_account
from ztrade_core.brokers.alpaca.forms import order_body
from ztrade_core.brokers.alpaca.reader import OrderReader
from ztrade_core.brokers.alpaca.wire import FencedSession
from ztrade_core.domain.brokerage import Quote
from ztrade_core.domain.orders import TERMINAL, BrokerOrder, Fill, OrderRequest
from ztrade_core.errors import (
    OrderRejectedError,
    OrderStateUnknownError,
    TransientBrokerError,
)
from ztrade_core.ports.broker import Broker
from ztrade_core.ports.market import MarketView

PAPER_ACCOUNT = "paper"
_TAKEN_ID = "client_order_id must be unique"
_UNPROCESSABLE = 422


class AlpacaBroker(Broker):
    """One paper account at Alpaca.

    `requests` is our book: it returns the OrderRequest of a client order id, or None. It is asked for
    entries, exits, stops and, by `position_id`, for the entry whose leg an order is. An order must be in
    the book before it is submitted. `fee_bps_by_asset` are the rates of stocks and of crypto.
    """

    def __init__(
        self,
        session: FencedSession,
        *,
        requests: Requests,
        fee_bps_by_asset: tuple[float, float],
        base_url: str = PAPER_URL,
    ) -> None:
        self._client = AlpacaClient(session, base_url=base_url)
        self._fee_bps_by_asset = fee_bps_by_asset
        self._completer = Completer(requests)
        self._reader = OrderReader(self._client)
        self._executions = Executions(self._client, self._reader, self._completer, fee_bps_by_asset)
        self._is_paper_shown = False

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
        return 1

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
        return looked_up(self._positions)

    @override
    def open_orders(self) -> tuple[BrokerOrder, ...]:
        return looked_up(self._open_orders)

    @override
    def order_by_client_id(self, client_order_id: str) -> BrokerOrder | None:
        return looked_up(lambda: self._find(client_order_id))

    @override
    def fills(self, *, after: datetime | None = None) -> tuple[Fill, ...]:
        return looked_up(lambda: tuple(self._executions.fills(after)))

    @override
    def submit(self, request: OrderRequest) -> BrokerOrder:
        body = order_body(request)
        order_id = request.client_order_id
        try:
            self._require_paper()
            return self._accepted(request, self._client.post("/orders", body))
        except RefusedError as error:
            if error.status == _UNPROCESSABLE and _TAKEN_ID in error.message:
                return self._present(order_id, error.message)
            raise OrderRejectedError(f"Alpaca refused {order_id}: {error}") from error
        except (UnclearError, TransientBrokerError) as error:
            raise OrderStateUnknownError(f"{order_id} may or may not be sent: {error}") from error

    @override
    def close(self, request: OrderRequest) -> BrokerOrder:
        return self.submit(request)

    @override
    def quote(self, symbol: str) -> Quote | None:
        return None

    @override
    def cancel(self, client_order_id: str) -> BrokerOrder:
        order = self._present(client_order_id, None)
        if order.status in TERMINAL:
            return order
        refusal: RefusedError | None = None
        try:
            self._client.delete(f"/orders/{order.broker_order_id}")
        except RefusedError as error:
            refusal = error
        except UnclearError as error:
            raise OrderStateUnknownError(
                f"{client_order_id} may or may not be cancelled: {error}"
            ) from error
        now = self._present(client_order_id, "its cancel was answered")
        if refusal is None or now.status in TERMINAL:
            return now
        if refusal.status == _UNPROCESSABLE:
            raise OrderRejectedError(f"Alpaca did not cancel {client_order_id}: {refusal}")
        raise OrderStateUnknownError(f"the cancel of {client_order_id} is unclear: {refusal}")

    def _present(self, client_order_id: str, known_because: str | None) -> BrokerOrder:
        """Return an order that should be there; a failed question leaves its state unknown."""
        try:
            found = self.order_by_client_id(client_order_id)
        except TransientBrokerError as error:
            raise OrderStateUnknownError(f"{client_order_id}: {error}") from error
        if found is not None:
            return found
        if known_because is None:
            raise OrderRejectedError(f"no order {client_order_id} at Alpaca")
        raise OrderStateUnknownError(f"{client_order_id}: {known_because}, but it is not found")

    def _require_paper(self) -> None:
        if not self._is_paper_shown:
            require_paper_account(looked_up(self._account).account_number)
            self._is_paper_shown = True

    def _account(self) -> AccountAnswer:
        return parsed(AccountAnswer, self._client.get("/account"))

    def _accepted(self, request: OrderRequest, answer: object) -> BrokerOrder:
        order = parsed(OrderAnswer, answer)
        same = (order.client_order_id, order.our_symbol, order.side, order.qty)
        if same != (request.client_order_id, request.symbol, request.side, request.quantity):
            raise UnclearError("the answer tells of another order")
        return self._completer.whole(order, request)[0]

    def _positions(self) -> dict[str, float]:
        held: dict[str, float] = {}
        for position in parsed_list(PositionAnswer, self._client.get("/positions")):
            symbol = position.our_symbol
            if symbol in held:
                raise UnclearError(f"two positions in {symbol}")
            if position.qty != 0:
                held[symbol] = float(position.qty)
        return dict(sorted(held.items()))

    def _open_orders(self) -> tuple[BrokerOrder, ...]:
        trees = self._learned_trees()
        orders = [order for tree in trees for order in self._completer.live(tree)]
        return tuple(sorted(orders, key=lambda order: order.request.client_order_id))

    def _learned_trees(self) -> list[OrderAnswer]:
        """Return what is open or recent, once every leg of it has been learned."""
        trees = self._reader.trees()
        for tree in trees:
            self._completer.whole(tree)
        return trees

    def _find(self, client_order_id: str) -> BrokerOrder | None:
        found = self._reader.by_client_id(client_order_id)
        if found is not None:
            request = self._completer.whole(found)[0].request
            return self._completer.whole(self._reader.newest(found), request)[0]
        entry_id = self._completer.entry_of(client_order_id)
        if entry_id is None and not self._completer.books(client_order_id):
            self._learned_trees()  # it may be a leg that nobody has seen yet
            entry_id = self._completer.entry_of(client_order_id)
        entry = None if entry_id is None else self._reader.by_client_id(entry_id)
        tree = None if entry is None else self._reader.by_id(str(entry.id))
        if tree is None:
            return None
        self._completer.whole(tree)
        for leg in tree.legs or ():
            newest = self._reader.newest(leg)
            order = self._completer.whole(newest)[0]
            if order.request.client_order_id == client_order_id:
                return order
        return None
