"""What a fake Alpaca keeps: orders, legs, fills, positions. It is the judge, so it is plain.

It follows what facts/broker.md and public threads say of the real one: a taken client id is refused
for ever; legs get ids of their own and are held until the entry has filled; `open` nested leaves out
a bracket whose entry has filled, `open` plain leaves out a held stop; a coin buy pays 25 bps in the coin.
Prices never move by themselves: tests call `fill`, `expire`, `trigger_stop`.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("00000000-0000-4000-8000-0000000a19ac")
OPENED = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ENDED = {"filled", "canceled", "expired", "rejected", "replaced"}
COIN_FEE = Decimal("0.0025")


class RefusalError(Exception):
    """A no in Alpaca's own words."""

    def __init__(self, status: int, code: int, message: str, **more: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, **more}


def text(instant: datetime) -> str:
    """Return an instant as Alpaca writes it: nine digits after the second."""
    return instant.isoformat(timespec="microseconds").replace("+00:00", "123Z")


@dataclass
class FakeOrder:
    body: dict[str, Any]
    number: int
    id: str
    client_order_id: str
    submitted: datetime
    status: str = "accepted"
    filled: Decimal = Decimal(0)
    legs: list["FakeOrder"] = field(default_factory=list)
    replaces: str | None = None
    replaced_by: str | None = None

    @property
    def quantity(self) -> Decimal:
        return Decimal(self.body["qty"])

    def shown(self, *, nested: bool) -> dict[str, Any]:
        legs = [leg.shown(nested=True) for leg in self.legs] if nested and self.legs else None
        symbol, stamp = self.body["symbol"], text(self.submitted)
        return {
            "id": self.id,
            "client_order_id": self.client_order_id,
            "created_at": stamp,
            "updated_at": stamp,
            "submitted_at": stamp,
            "filled_at": stamp if self.status == "filled" else None,
            "expired_at": None,
            "canceled_at": stamp if self.status == "canceled" else None,
            "failed_at": None,
            "replaced_at": None,
            "replaced_by": self.replaced_by,
            "replaces": self.replaces,
            "asset_id": str(uuid5(NAMESPACE, symbol)),
            "symbol": symbol,
            "asset_class": "crypto" if "/" in symbol else "us_equity",
            "notional": None,
            "qty": self.body["qty"],
            "filled_qty": str(self.filled),
            "filled_avg_price": None,
            "order_class": self.body.get("order_class", ""),
            "order_type": self.body["type"],
            "type": self.body["type"],
            "side": self.body["side"],
            "time_in_force": self.body["time_in_force"],
            "limit_price": self.body.get("limit_price"),
            "stop_price": self.body.get("stop_price"),
            "status": self.status,
            "extended_hours": False,
            "legs": legs,
        }


class AlpacaLedger:
    """The fake's books. `posted` counts what arrived by client id, `accepted` what became an order."""

    def __init__(self, *, account_number: str = "PA3FAKE00001", cash: str = "100000") -> None:
        self.account_number = account_number
        self.cash = Decimal(cash)
        self.orders: list[FakeOrder] = []
        self.fills: list[dict[str, Any]] = []
        self.held: dict[str, Decimal] = {}
        self.posted: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.hidden: set[str] = set()
        self._ticks = 0

    def tick(self) -> datetime:
        self._ticks += 1
        return OPENED + timedelta(seconds=self._ticks)

    def all_orders(self) -> list[FakeOrder]:
        return [each for order in self.orders for each in (order, *order.legs)]

    def by_client_id(self, client_order_id: str) -> FakeOrder:
        for order in self.all_orders():
            if order.client_order_id == client_order_id and order.id not in self.hidden:
                return order
        raise RefusalError(404, 40410000, f"order not found for {client_order_id}")

    def by_id(self, order_id: str) -> FakeOrder:
        for order in self.all_orders():
            if order.id == order_id and order.id not in self.hidden:
                return order
        raise RefusalError(404, 40410000, f"order not found for {order_id}")

    def accept(self, body: dict[str, Any]) -> FakeOrder:
        client_order_id = body.get("client_order_id") or f"theirs-{len(self.orders)}"
        self.posted[client_order_id] += 1
        if any(order.client_order_id == client_order_id for order in self.all_orders()):
            raise RefusalError(422, 40010001, "client_order_id must be unique")
        self._refuse(body)
        order = self._new(body, client_order_id)
        held = {"side": "sell", "qty": body["qty"], "symbol": body["symbol"]}
        held |= {"time_in_force": body["time_in_force"], "order_class": body.get("order_class", "")}
        if "take_profit" in body:
            order.legs.append(self._new({**held, "type": "limit", **body["take_profit"]}, None))
        if "stop_loss" in body:
            order.legs.append(self._new({**held, "type": "stop", **body["stop_loss"]}, None))
        for leg in order.legs:
            leg.status = "held"
        self.orders.append(order)
        self.accepted[client_order_id] += 1
        return order

    def _new(self, body: dict[str, Any], client_order_id: str | None) -> FakeOrder:
        number, now = self._ticks, self.tick()
        order_id = str(uuid5(NAMESPACE, f"order {number}"))
        theirs = str(uuid5(NAMESPACE, f"client {number}"))
        return FakeOrder(
            body=body,
            number=number,
            id=order_id,
            client_order_id=client_order_id or theirs,
            submitted=now,
        )

    def _refuse(self, body: dict[str, Any]) -> None:
        is_coin, quantity = "/" in body["symbol"], Decimal(body["qty"])
        if is_coin and body.get("order_class") in {"bracket", "oto", "oco"}:
            raise RefusalError(422, 42210000, "crypto orders not allowed for advanced order_class")
        if is_coin and body["time_in_force"] not in {"gtc", "ioc"}:
            raise RefusalError(422, 42210000, "invalid crypto time_in_force")
        if is_coin and body["type"] not in {"market", "limit", "stop_limit"}:
            raise RefusalError(422, 42210000, "invalid order type for crypto order")
        if body["side"] == "buy" and quantity * Decimal(body.get("limit_price", "0")) > self.cash:
            raise RefusalError(403, 40310000, "insufficient buying power")
        if body["side"] == "sell":
            self._refuse_sell(body["symbol"], quantity)

    def _refuse_sell(self, symbol: str, quantity: Decimal) -> None:
        reserved = sum(
            (
                order.quantity - order.filled
                for order in self.all_orders()
                if order.body["symbol"] == symbol
                and order.body["side"] == "sell"
                and order.status not in ENDED | {"held"}
            ),
            Decimal(0),
        )
        free = self.held.get(symbol, Decimal(0)) - reserved
        if quantity > free:
            raise RefusalError(
                403,
                40310000,
                f"insufficient qty available for order (requested: {quantity}, available: {free})",
                held_for_orders=str(reserved),
            )

    def cancel(self, order_id: str) -> None:
        order = self.by_id(order_id)
        if order.status in ENDED:
            raise RefusalError(422, 42210000, f'order is already in "{order.status}" state')
        self.end(order, "canceled")

    def end(self, order: FakeOrder, status: str) -> None:
        order.status = status
        for leg in order.legs:
            if leg.status not in ENDED and order.filled == 0:
                leg.status = "canceled"

    def fill(self, order: FakeOrder, price: str, quantity: str | None = None) -> None:
        """Fill an order, or `quantity` of it; the rest of what Alpaca does follows from it."""
        left = order.quantity - order.filled
        done = left if quantity is None else Decimal(quantity)
        order.filled += done
        order.status = "filled" if order.filled == order.quantity else "partially_filled"
        self._move(order, done, Decimal(price))
        if order.status == "filled":
            for leg in order.legs:
                leg.status = "held" if leg.body["type"] == "stop" and len(order.legs) > 1 else "new"
        for parent in self.orders:
            if order in parent.legs and order.status == "filled":
                for sibling in parent.legs:
                    if sibling is not order and sibling.status not in ENDED:
                        sibling.status = "canceled"

    def replace(self, order: FakeOrder) -> FakeOrder:
        """Replace an order, as Alpaca does with a stop that triggers; return the new one."""
        other = self._new(order.body, None)
        other.status, other.replaces = "new", order.id
        order.status, order.replaced_by = "replaced", other.id
        self.orders.append(other)
        return other

    def _move(self, order: FakeOrder, quantity: Decimal, price: Decimal) -> None:
        symbol, side, now = order.body["symbol"], order.body["side"], self.tick()
        kept = quantity * (1 - COIN_FEE) if "/" in symbol and side == "buy" else quantity
        sign = 1 if side == "buy" else -1
        self.held[symbol] = self.held.get(symbol, Decimal(0)) + sign * kept
        self.cash -= sign * quantity * price
        stamp = now.strftime("%Y%m%d%H%M%S000")
        self.fills.append(
            {
                "id": f"{stamp}::{uuid5(NAMESPACE, f'fill {len(self.fills)}')}",
                "activity_type": "FILL",
                "transaction_time": text(now),
                "type": "fill" if order.status == "filled" else "partial_fill",
                "price": str(price),
                "qty": str(quantity),
                "side": side,
                "symbol": symbol,
                "leaves_qty": str(order.quantity - order.filled),
                "order_id": order.id,
                "cum_qty": str(order.filled),
                "order_status": order.status,
            }
        )
