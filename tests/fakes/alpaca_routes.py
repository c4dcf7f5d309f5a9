"""What the fake Alpaca answers to each request: shapes as in the OpenAPI document and the recordings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from tests.fakes.alpaca_ledger import ENDED, NAMESPACE, AlpacaLedger, FakeOrder, RefusalError

Answer = tuple[int, Any]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


def routed(ledger: AlpacaLedger, seen: Seen) -> Answer:
    route, path = seen.method, seen.path.removeprefix("/v2")
    if route == "POST" and path == "/orders":
        return 200, ledger.accept(seen.body).shown(nested=True)
    if route == "DELETE" and path.startswith("/orders/"):
        ledger.cancel(path.removeprefix("/orders/"))
        return 204, None
    if route != "GET":
        raise RefusalError(404, 40410000, "endpoint not found")
    if path == "/orders:by_client_order_id":
        return 200, ledger.by_client_id(seen.query["client_order_id"]).shown(nested=False)
    if path.startswith("/orders/"):
        found = ledger.by_id(path.removeprefix("/orders/"))
        return 200, found.shown(nested=seen.query.get("nested") == "true")
    answer = _LISTS.get(path)
    if answer is None:
        raise RefusalError(404, 40410000, "endpoint not found")
    return 200, answer(ledger, seen.query)


def _orders(ledger: AlpacaLedger, query: dict[str, str]) -> list[dict[str, Any]]:
    nested, status = query.get("nested") == "true", query.get("status", "open")
    orders = [o for o in (ledger.orders if nested else ledger.all_orders()) if _listed(o, status)]
    orders = [o for o in orders if o.id not in ledger.hidden]
    shown = [order.shown(nested=nested) for order in sorted(orders, key=lambda o: -o.number)]
    until = query.get("until")
    if until is not None:
        shown = [each for each in shown if each["submitted_at"] < until]
    return shown[: int(query.get("limit", "50"))]


def _listed(order: FakeOrder, status: str) -> bool:
    is_open = order.status not in ENDED and order.status != "held"
    return status == "all" or (status == "open") is is_open


def _positions(ledger: AlpacaLedger, _query: dict[str, str]) -> list[dict[str, Any]]:
    amounts = ("avg_entry_price", "market_value", "cost_basis", "unrealized_pl", "unrealized_plpc")
    more = ("unrealized_intraday_pl", "unrealized_intraday_plpc", "current_price", "change_today")
    return [
        {
            "asset_id": str(uuid5(NAMESPACE, symbol)),
            "symbol": symbol.replace("/", ""),
            "exchange": "" if "/" in symbol else "NASDAQ",
            "asset_class": "crypto" if "/" in symbol else "us_equity",
            "asset_marginable": "/" not in symbol,
            "qty": str(quantity),
            "side": "long" if quantity > 0 else "short",
            "lastday_price": "0",
            **dict.fromkeys((*amounts, *more), "0"),
        }
        for symbol, quantity in ledger.held.items()
        if quantity != 0
    ]


def _fills(ledger: AlpacaLedger, query: dict[str, str]) -> list[dict[str, Any]]:
    rows = [row for row in ledger.fills if row["transaction_time"] > query.get("after", "")]
    if query.get("direction", "desc") == "desc":
        rows.reverse()
    ids = [row["id"] for row in rows]
    start = ids.index(query["page_token"]) + 1 if "page_token" in query else 0
    return rows[start : start + int(query.get("page_size", "100"))]


def _account(ledger: AlpacaLedger, _query: dict[str, str]) -> dict[str, Any]:
    return {
        "id": str(uuid5(NAMESPACE, "account")),
        "account_number": ledger.account_number,
        "status": "ACTIVE",
        "currency": "USD",
        "cash": str(ledger.cash),
        "equity": str(ledger.cash),
        "buying_power": str(ledger.cash),
        "trading_blocked": False,
        "account_blocked": False,
        "trade_suspended_by_user": False,
    }


def _clock(_ledger: AlpacaLedger, _query: dict[str, str]) -> dict[str, Any]:
    return {
        "timestamp": "2026-11-20T10:00:00.427247519-05:00",
        "is_open": True,
        "next_open": "2026-11-23T09:30:00-05:00",
        "next_close": "2026-11-20T16:00:00-05:00",
    }


def _calendar(_ledger: AlpacaLedger, query: dict[str, str]) -> list[dict[str, Any]]:
    day = {"date": query["start"], "open": "09:30", "close": "16:00"}
    return [
        {
            **day,
            "session_open": "0400",
            "session_close": "2000",
            "settlement_date": query["end"],
        }
    ]


def _asset(symbol: str, **more: Any) -> Callable[[AlpacaLedger, dict[str, str]], Any]:
    return lambda _ledger, _query: {
        "id": str(uuid5(NAMESPACE, symbol)),
        "class": "crypto" if "/" in symbol else "us_equity",
        "exchange": "OTC" if "/" in symbol else "NASDAQ",  # the document knows no CRYPTO
        "symbol": symbol,
        "name": symbol,
        "status": "active",
        "tradable": True,
        "marginable": False,
        "shortable": False,
        "easy_to_borrow": False,
        "fractionable": True,
        **more,
    }


_COIN = {"min_order_size": "0.000014", "min_trade_increment": "1e-9", "price_increment": "0.01"}
_LISTS: dict[str, Callable[[AlpacaLedger, dict[str, str]], Any]] = {
    "/orders": _orders,
    "/positions": _positions,
    "/account": _account,
    "/account/activities/FILL": _fills,
    "/clock": _clock,
    "/calendar": _calendar,
    "/assets/TSLA": _asset("TSLA"),
    "/assets/BTC%2FUSD": _asset("BTC/USD", **_COIN),
}
