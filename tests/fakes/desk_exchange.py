"""A small exchange in memory: orders rest, open sells reserve, nothing fills by itself.

`Exchange` holds the books and is the judge; `ExchangeBroker` is what a desk trades through. Tests fill,
expire and refuse. An entry's legs appear when it has filled, and die with the session; an OCO pair
reserves once.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import count

from typing_extensions import override

from ztrade_core.domain.brokerage import Quote
from ztrade_core.domain.orders import (
    TERMINAL,
    BrokerOrder,
    Fill,
    OrderRequest,
    OrderStatus,
    OrderType,
    Role,
    Side,
)
from ztrade_core.errors import BrokerError, OrderRejectedError, TransientBrokerError
from ztrade_core.ports.broker import Broker
from ztrade_core.ports.market import MarketView

COIN_FEE = Decimal("0.0025")


@dataclass
class Exchange:
    """The books. `posted` counts what was sent by role; `refuse` is how many stops are refused."""

    now: datetime
    cash: float = 100_000.0
    orders: dict[str, BrokerOrder] = field(default_factory=dict)
    partner: dict[str, str] = field(default_factory=dict)
    held: dict[str, Decimal] = field(default_factory=dict)
    executions: list[Fill] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)
    bids: dict[str, float | BrokerError | None] = field(default_factory=dict)
    posted: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    refuse: int = 0

    def open(self, role: Role | None = None) -> list[BrokerOrder]:
        return [
            order
            for order in self.orders.values()
            if order.status not in TERMINAL and role in {None, order.request.role}
        ]

    def left(self, role: Role) -> Decimal:
        """What open orders of a role would sell or buy."""
        return sum((_left(order) for order in self.open(role)), Decimal(0))

    def add(self, request: OrderRequest, *, ends_with_session: bool = False) -> BrokerOrder:
        order = BrokerOrder(
            broker_order_id=f"x-{len(self.orders)}",
            request=request,
            status=OrderStatus.ACCEPTED,
            filled_quantity=Decimal(0),
            updated_at=self.now,
            ends_with_session=ends_with_session,
        )
        self.orders[request.client_order_id] = order
        return order

    def add_pair(self, request: OrderRequest, *, ends_with_session: bool = False) -> None:
        """Add a stop, and the target that ends with it if the request names one."""
        stop = replace(request, target_price=None, target_order_id=None)
        self.add(stop, ends_with_session=ends_with_session)
        if request.target_order_id is None:
            return
        target = replace(
            stop,
            client_order_id=request.target_order_id,
            role=Role.TARGET,
            type=OrderType.LIMIT,
            limit_price=request.target_price,
            stop_price=None,
        )
        self.add(target, ends_with_session=ends_with_session)
        self.partner[request.client_order_id] = request.target_order_id
        self.partner[request.target_order_id] = request.client_order_id

    def free(self, symbol: str) -> Decimal:
        """What is held of a symbol and reserved by no open sell."""
        reserved = Decimal(0)
        for order in self.open():
            request = order.request
            is_twin = request.role is Role.TARGET and request.client_order_id in self.partner
            if request.symbol == symbol and request.side is Side.SELL and not is_twin:
                reserved += _left(order)
        return self.held.get(symbol, Decimal(0)) - reserved

    def fill(self, order_id: str, price: str, quantity: str | None = None) -> None:
        """Fill an order or a part of it, with what follows from that."""
        order = self.orders[order_id]
        request = order.request
        done = _left(order) if quantity is None else Decimal(quantity)
        filled = order.filled_quantity + done
        whole = filled >= request.quantity
        status = OrderStatus.FILLED if whole else OrderStatus.PARTIALLY_FILLED
        self.orders[order_id] = replace(
            order, status=status, filled_quantity=filled, updated_at=self.now
        )
        bought = request.side is Side.BUY
        fee = done * COIN_FEE if bought and "/" in request.symbol else Decimal(0)
        moved = done - fee if bought else -done
        self.held[request.symbol] = self.held.get(request.symbol, Decimal(0)) + moved
        self.executions.append(self._execution(request, done, Decimal(price), fee))
        if whole and order_id in self.partner:
            self.end(self.partner[order_id])
        if whole and request.role is Role.ENTRY and "/" not in request.symbol:
            self._attach(request)

    def _execution(
        self, request: OrderRequest, quantity: Decimal, price: Decimal, fee: Decimal
    ) -> Fill:
        return Fill(
            fill_id=f"f-{next(self.numbers)}",
            client_order_id=request.client_order_id,
            agent_id=request.agent_id,
            position_id=request.position_id,
            symbol=request.symbol,
            side=request.side,
            role=request.role,
            quantity=quantity,
            price=price,
            fee_usd=Decimal(0),
            fee_quantity=fee,
            filled_at=self.now,
            known_at=self.now,
        )

    def _attach(self, entry: OrderRequest) -> None:
        if entry.stop_order_id is None or entry.stop_price is None:
            return
        stop = replace(
            entry,
            client_order_id=entry.stop_order_id,
            role=Role.STOP,
            side=Side.SELL,
            type=OrderType.STOP,
            limit_price=None,
            stop_order_id=None,
        )
        self.add_pair(stop, ends_with_session=True)

    def end(self, order_id: str, status: OrderStatus = OrderStatus.CANCELED) -> BrokerOrder:
        order = self.orders[order_id]
        if order.status in TERMINAL:
            return order
        self.orders[order_id] = replace(order, status=status, updated_at=self.now)
        if order_id in self.partner:
            self.end(self.partner[order_id], status)
        return self.orders[order_id]


@dataclass(frozen=True)
class ExchangeBroker(Broker):
    """A desk's broker on an exchange."""

    exchange: Exchange

    @property
    @override
    def account(self) -> str:
        return "paper"

    @property
    @override
    def fee_bps_by_asset(self) -> tuple[float, float]:
        return 0.0, 25.0

    @property
    @override
    def is_paper(self) -> bool:
        return True

    @property
    @override
    def host(self) -> str | None:
        return None

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
        """Do nothing."""

    @override
    def cash(self) -> float:
        return self.exchange.cash

    @override
    def positions(self) -> dict[str, float]:
        self.exchange.asked["positions"] += 1
        return {s: float(q) for s, q in sorted(self.exchange.held.items()) if q}

    @override
    def open_orders(self) -> tuple[BrokerOrder, ...]:
        self.exchange.asked["open_orders"] += 1
        return tuple(self.exchange.open())

    @override
    def order_by_client_id(self, client_order_id: str) -> BrokerOrder | None:
        self.exchange.asked["order_by_client_id"] += 1
        return self.exchange.orders.get(client_order_id)

    @override
    def fills(self, *, after: datetime | None = None) -> tuple[Fill, ...]:
        self.exchange.asked["fills"] += 1
        return tuple(self.exchange.executions)

    @override
    def submit(self, request: OrderRequest) -> BrokerOrder:
        exchange = self.exchange
        if request.client_order_id in exchange.orders:
            return exchange.orders[request.client_order_id]
        exchange.posted[request.role] += 1
        if request.role is Role.STOP and exchange.refuse > 0:
            exchange.refuse -= 1
            raise OrderRejectedError("the stop is refused")
        if request.side is Side.SELL and request.quantity > exchange.free(request.symbol):
            raise OrderRejectedError("insufficient qty available")
        if request.role is not Role.STOP:
            return exchange.add(request)
        exchange.add_pair(request)
        return exchange.orders[request.client_order_id]

    @override
    def close(self, request: OrderRequest) -> BrokerOrder:
        exchange = self.exchange
        exchange.posted["close"] += 1
        if request.client_order_id in exchange.orders:
            return exchange.orders[request.client_order_id]
        for order in exchange.open(Role.STOP):
            if order.request.symbol == request.symbol:
                exchange.end(order.request.client_order_id)
        return self.submit(request)

    @override
    def quote(self, symbol: str) -> Quote | None:
        self.exchange.asked["quote"] += 1
        bid = self.exchange.bids.get(symbol)
        if isinstance(bid, BrokerError):
            raise bid
        if bid is None:
            return None
        return Quote(symbol=symbol, bid=Decimal(str(bid)), ask=None, at=self.exchange.now)

    @override
    def cancel(self, client_order_id: str) -> BrokerOrder:
        self.exchange.asked["cancel"] += 1
        if client_order_id not in self.exchange.orders:
            raise OrderRejectedError(f"no order {client_order_id}")
        return self.exchange.end(client_order_id)


def _left(order: BrokerOrder) -> Decimal:
    return order.request.quantity - order.filled_quantity


def trading_at(exchange: Exchange) -> Callable[[object], Broker]:
    """Return a wrap for a kit."""
    return lambda _inner: ExchangeBroker(exchange)


AWAY = TransientBrokerError("the broker is away")
