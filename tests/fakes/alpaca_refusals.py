"""What the fake Alpaca refuses, in the words of recordings and public threads.

Contract: the functions return nothing or raise RefusalError; they change nothing.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from tests.fakes.alpaca_orders import STOPS, FakeOrder, RefusalError, is_coin

ADVANCED = {"bracket", "oto", "oco"}
COIN_MINIMUM_USD = Decimal(10)
LATER_REJECTED = 200


class Refuse(NamedTuple):
    """A refusal on demand. `when`: `entry`, `stop`, `exit`, `patch`, `cancel`, `any`, or a question.

    Status 200: the order is accepted, and `rejected` when it is next looked at.
    """

    when: str | Callable[[dict[str, Any]], bool]
    status: int
    code: int
    message: str
    times: int = 1

    def fits(self, role: str, body: dict[str, Any]) -> bool:
        if isinstance(self.when, str):
            return self.when in {role, "any"}
        return self.when(body)


def role_of(body: dict[str, Any]) -> str:
    """Return what an order is for, as far as its body tells."""
    if body.get("side") != "sell":
        return "entry"
    return "stop" if body["type"] in STOPS or body.get("order_class") == "oco" else "exit"


def refuse_form(body: dict[str, Any]) -> None:
    """Refuse what cannot be an order, whatever the account holds."""
    if Decimal(body["qty"]) <= 0:
        raise RefusalError(422, 40010001, "qty must be > 0")
    if is_coin(body["symbol"]):
        _refuse_coin(body)
    else:
        _refuse_fraction(body)
    if body.get("order_class") == "oco":
        _refuse_oco(body)
    for part in (body, body.get("take_profit") or {}, body.get("stop_loss") or {}):
        for name in ("limit_price", "stop_price"):
            refuse_price(body["symbol"], name, part.get(name))


def _refuse_fraction(body: dict[str, Any]) -> None:
    if Decimal(body["qty"]) % 1 == 0:
        return
    if body["time_in_force"] != "day":
        raise RefusalError(422, 42210000, "fractional orders must be DAY orders")
    if body.get("order_class") in ADVANCED:
        raise RefusalError(422, 42210000, "fractional orders must be simple orders")


def _refuse_coin(body: dict[str, Any]) -> None:
    if body.get("order_class") in ADVANCED:
        raise RefusalError(422, 42210000, "crypto orders not allowed for advanced order_class")
    if body["time_in_force"] not in {"gtc", "ioc"}:
        raise RefusalError(422, 42210000, "invalid crypto time_in_force")
    if body["type"] not in {"market", "limit", "stop_limit"}:
        raise RefusalError(422, 42210000, "invalid order type for crypto order")


def _refuse_oco(body: dict[str, Any]) -> None:
    if body["side"] != "sell" or body["type"] != "limit":
        raise RefusalError(422, 40010001, "oco orders must be exit limit orders")
    if body["time_in_force"] not in {"day", "gtc"}:
        raise RefusalError(422, 40010001, "invalid time_in_force")
    target = (body.get("take_profit") or {}).get("limit_price")
    stop = (body.get("stop_loss") or {}).get("stop_price")
    if target is None:
        raise RefusalError(422, 40010001, "oco orders require take_profit.limit_price")
    if stop is None:
        raise RefusalError(422, 40010001, "oco orders require stop_loss.stop_price")
    if Decimal(target) <= Decimal(stop):
        message = "take_profit.limit_price must be >= stop_loss.stop_price + 0.01"
        raise RefusalError(422, 42210000, message)


def refuse_price(symbol: str, name: str, value: str | None) -> None:
    if value is None:
        return
    price = Decimal(value)
    if price <= 0:
        raise RefusalError(422, 40010001, f"{name} must be > 0")
    tick = Decimal("0.01") if price >= 1 else Decimal("0.0001")
    if not is_coin(symbol) and price % tick != 0:
        raise RefusalError(
            422,
            42210000,
            f"invalid {name} {value}. sub-penny increment does not fulfill minimum pricing criteria",
        )


def refuse_cost(body: dict[str, Any], cash: Decimal, ask: Decimal | None) -> None:
    """Refuse a buy that is too large for the cash, or of coins too small."""
    price = Decimal(body["limit_price"]) if "limit_price" in body else ask
    cost = None if price is None else Decimal(body["qty"]) * price
    if cost is not None and cost > cash:
        raise RefusalError(403, 40310000, "insufficient buying power")
    if cost is not None and is_coin(body["symbol"]) and cost < COIN_MINIMUM_USD:
        message = "cost basis must be >= minimal amount of order 10"
        raise RefusalError(403, 40310000, message)


def refuse_wash(body: dict[str, Any], orders: list[FakeOrder]) -> None:
    """Refuse a plain order that opposes one of ours; complex ones pass."""
    if body.get("order_class") in ADVANCED:
        return
    for order in orders:
        if order.symbol == body["symbol"] and order.side != body["side"] and order.is_live:
            reason = f"opposite side {order.type} order exists. use complex/limit/stop_limit orders"
            message = "potential wash trade detected. use complex orders"
            raise RefusalError(403, 40310000, message, reject_reason=reason)


def refuse_quantity(quantity: Decimal, reserving: list[FakeOrder], free: Decimal) -> None:
    """Refuse a sell of more than the account holds free."""
    if quantity > free:
        reserved = sum((order.remaining for order in reserving), Decimal(0))
        message = f"insufficient qty available for order (requested: {quantity}, available: {free})"
        ids = [order.id for order in reserving]
        raise RefusalError(
            403, 40310000, message, held_for_orders=str(reserved), related_orders=ids
        )


def refuse_replacement(order: FakeOrder) -> None:
    """Refuse to replace what is over, on its way, or not yet with the exchange."""
    if not order.is_open:
        raise RefusalError(422, 40010001, "only open orders can be replaced")
    if order.status in {"accepted", "pending_new", "pending_cancel", "pending_replace"}:
        message = f"cannot replace order in {order.status} status"
        raise RefusalError(422, 42210000, message)
    if not order.is_live:
        message = "unable to replace order, order isn't sent to exchange yet"
        raise RefusalError(422, 42210000, message)
