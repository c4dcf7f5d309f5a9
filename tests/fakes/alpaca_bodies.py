"""Bodies of orders as clients send them to Alpaca, and what a refused one is told."""

from collections.abc import Callable
from typing import Any

from tests.fakes.alpaca_orders import FakeOrder, RefusalError

STOCK = {"symbol": "TSLA", "qty": "10", "time_in_force": "day"}


def buy(client_id: str = "b", **more: Any) -> dict[str, Any]:
    return {**STOCK, "side": "buy", "type": "limit", "limit_price": "100", **more} | {
        "client_order_id": client_id
    }


def bracket(client_id: str = "b", **more: Any) -> dict[str, Any]:
    legs = {"take_profit": {"limit_price": "110"}, "stop_loss": {"stop_price": "95"}}
    return buy(client_id, order_class="bracket", **legs, **more)


def sell(client_id: str = "s", **more: Any) -> dict[str, Any]:
    return {**STOCK, "side": "sell", "type": "market", "client_order_id": client_id, **more}


def oco(client_id: str = "o", **more: Any) -> dict[str, Any]:
    legs = {"take_profit": {"limit_price": "110"}, "stop_loss": {"stop_price": "95"}}
    form = {"type": "limit", "order_class": "oco", "time_in_force": "gtc"}
    return sell(client_id, **{**form, **legs, **more})


def coin(client_id: str = "c", **more: Any) -> dict[str, Any]:
    form = {"symbol": "BTC/USD", "qty": "0.1", "time_in_force": "ioc", "limit_price": "64000"}
    return buy(client_id, **{**form, **more})


def coin_stop(client_id: str = "cs", **more: Any) -> dict[str, Any]:
    form = {"symbol": "BTC/USD", "qty": "0.09975", "time_in_force": "gtc", "type": "stop_limit"}
    return sell(client_id, **{**form, "stop_price": "60000", "limit_price": "58800", **more})


def refused(call: Callable[[], object]) -> tuple[int, Any]:
    """Return status and message of a refusal; an AssertionError when there was none."""
    try:
        call()
    except RefusalError as error:
        return error.status, error.body["message"]
    raise AssertionError("it was not refused")


def states(*orders: FakeOrder) -> list[str]:
    return [order.status for order in orders]
