"""What the fake Alpaca answers to each request: shapes as in the OpenAPI document and the recordings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote
from uuid import uuid5
from zoneinfo import ZoneInfo

from tests.fakes.alpaca_ledger import ENDED, NAMESPACE, AlpacaLedger, FakeOrder, RefusalError
from tests.fakes.alpaca_orders import plain
from tests.fakes.alpaca_quotes import quoted

Answer = tuple[int, Any]
NEW_YORK = ZoneInfo("America/New_York")
OPENS, CLOSES = time(9, 30), time(16, 0)
GATEWAY_TIMEOUT = {"message": "gateway timeout"}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


def routed(ledger: AlpacaLedger, seen: Seen) -> Answer:
    path = seen.path.removeprefix("/v2")
    if seen.method == "POST" and path == "/orders":
        return _posted(ledger, seen.body)
    if seen.method == "PATCH" and path.startswith("/orders/"):
        order = ledger.amend(path.removeprefix("/orders/"), seen.body)
        answer = order.shown(nested=True)
        ledger.settle(order)
        return 200, answer
    if seen.method == "DELETE" and path.startswith("/orders/"):
        ledger.cancel(path.removeprefix("/orders/"))
        return 204, None
    if (seen.method, path, seen.body) == ("PATCH", CONFIGURATIONS, {"no_shorting": True}):
        ledger.no_shorting = True
        return 200, _configurations(ledger, seen.query)
    if seen.method != "GET":
        ledger.violations.append(f"{seen.method} {seen.path} must never come")
        raise RefusalError(404, 40410000, "endpoint not found")
    return 200, _told(ledger, seen, path)


def _posted(ledger: AlpacaLedger, body: dict[str, Any]) -> Answer:
    """Answer with the order as it was taken: what it fills at once is seen by whoever looks again."""
    is_late = ledger.late > 0
    order = ledger.place(body)
    answer = order.shown(nested=True)
    ledger.settle(order)
    return (504, GATEWAY_TIMEOUT) if is_late else (200, answer)


def _told(ledger: AlpacaLedger, seen: Seen, path: str) -> Any:
    if path == "/orders:by_client_order_id":
        return ledger.looked_up(seen.query["client_order_id"]).shown(nested=False)
    if path.startswith("/orders/"):
        found = ledger.looked_at(ledger.by_id(path.removeprefix("/orders/")))
        return found.shown(nested=seen.query.get("nested") == "true")
    if "/latest/quotes" in path or path.endswith("/quotes/latest"):
        return quoted(ledger, seen.path, seen.query)
    if path.startswith(ASSETS):
        return _asset(ledger, unquote(path.removeprefix(ASSETS)))
    answer = _LISTS.get(path)
    if answer is None:
        raise RefusalError(404, 40410000, "endpoint not found")
    return answer(ledger, seen.query)


def _orders(ledger: AlpacaLedger, query: dict[str, str]) -> list[dict[str, Any]]:
    nested, status = query.get("nested") == "true", query.get("status", "open")
    orders = list(ledger.orders) if nested else ledger.all_orders()
    orders = [o for o in orders if ledger.is_shown(o) and _listed(o, status)]
    until = _instant(query.get("until"))
    if until is not None:
        orders = [order for order in orders if order.submitted < until]
    orders = sorted(orders, key=lambda order: -order.number)[: int(query.get("limit", "50"))]
    return [ledger.looked_at(order).shown(nested=nested) for order in orders]


def _listed(order: FakeOrder, status: str) -> bool:
    is_open = order.status not in ENDED and order.status != "held"
    return status == "all" or (status == "open") is is_open


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _positions(ledger: AlpacaLedger, _query: dict[str, str]) -> list[dict[str, Any]]:
    amounts = ("avg_entry_price", "cost_basis", "unrealized_pl", "unrealized_plpc", "change_today")
    more = ("unrealized_intraday_pl", "unrealized_intraday_plpc", "lastday_price")
    if ledger.late_positions > 0 and any(ledger.held.values()):
        ledger.late_positions -= 1
        return []
    return [
        {
            "asset_id": str(uuid5(NAMESPACE, symbol)),
            "symbol": symbol.replace("/", ""),
            "exchange": "" if "/" in symbol else "NASDAQ",
            "asset_class": "crypto" if "/" in symbol else "us_equity",
            "asset_marginable": "/" not in symbol,
            "qty": plain(quantity),
            "qty_available": plain(ledger.available(symbol)),
            "side": "long" if quantity > 0 else "short",
            "current_price": plain(ledger.marks.get(symbol, Decimal(0))),
            "market_value": plain(quantity * ledger.marks.get(symbol, Decimal(0))),
            **dict.fromkeys((*amounts, *more), "0"),
        }
        for symbol, quantity in ledger.held.items()
        if quantity != 0
    ]


def _fills(ledger: AlpacaLedger, query: dict[str, str]) -> list[dict[str, Any]]:
    after, rows = _instant(query.get("after")), list(ledger.fills)
    if after is not None:
        rows = [row for row in rows if datetime.fromisoformat(row["transaction_time"]) > after]
    if query.get("direction", "desc") == "desc":
        rows.reverse()
    ids = [row["id"] for row in rows]
    start = ids.index(query["page_token"]) + 1 if "page_token" in query else 0
    return rows[start : start + int(query.get("page_size", "100"))]


def _account(ledger: AlpacaLedger, _query: dict[str, str]) -> dict[str, Any]:
    equity = ledger.cash
    for symbol, quantity in ledger.held.items():
        equity += quantity * ledger.marks.get(symbol, Decimal(0))
    return {
        "id": str(uuid5(NAMESPACE, "account")),
        "account_number": ledger.account_number,
        "status": "ACTIVE",
        "currency": "USD",
        "cash": plain(ledger.cash),
        "equity": plain(equity),
        "buying_power": plain(ledger.cash),
        "trading_blocked": False,
        "account_blocked": False,
        "trade_suspended_by_user": False,
    }


def _clock(ledger: AlpacaLedger, _query: dict[str, str]) -> dict[str, Any]:
    """Tell the fake's time; sessions are weekdays from 9:30 to 16:00, `is_open` as it was set."""
    now = ledger.now.astimezone(NEW_YORK)
    opens = next(at for at in _moments(now, OPENS) if at > now)
    closes = next(at for at in _moments(now, CLOSES) if at > (now if ledger.is_open else opens))
    return {
        "timestamp": now.isoformat(timespec="microseconds").replace("-05:00", "519-05:00"),
        "is_open": ledger.is_open,
        "next_open": opens.isoformat(timespec="seconds"),
        "next_close": closes.isoformat(timespec="seconds"),
    }


def _moments(now: datetime, wall: time) -> list[datetime]:
    days = (now.date() + timedelta(days=number) for number in range(9))
    return [datetime.combine(day, wall, NEW_YORK) for day in days if _is_session(day)]


def _is_session(day: date) -> bool:
    return day.isoweekday() <= 5


def _calendar(_ledger: AlpacaLedger, query: dict[str, str]) -> list[dict[str, Any]]:
    start, end = date.fromisoformat(query["start"]), date.fromisoformat(query["end"])
    days = (start + timedelta(days=number) for number in range((end - start).days + 1))
    return [
        {
            "date": day.isoformat(),
            "open": OPENS.strftime("%H:%M"),
            "close": CLOSES.strftime("%H:%M"),
            "session_open": "0400",
            "session_close": "2000",
            "settlement_date": day.isoformat(),
        }
        for day in days
        if _is_session(day)
    ]


def _configurations(ledger: AlpacaLedger, _query: dict[str, str]) -> dict[str, Any]:
    """Tell what the account's holder has set, as the document's example has it."""
    return {
        "disable_overnight_trading": False,
        "fractional_trading": True,
        "max_margin_multiplier": "4",
        "no_shorting": ledger.no_shorting,
        "suspend_trade": False,
        "trade_confirm_email": "all",
    }


CONFIGURATIONS = "/account/configurations"
COIN_GRID = {"min_order_size": "0.000014", "min_trade_increment": "1e-9", "price_increment": "0.01"}
ASSETS = "/assets/"


def _asset(ledger: AlpacaLedger, symbol: str) -> dict[str, Any]:
    if symbol in ledger.unlisted:
        raise RefusalError(404, 40410000, f"asset not found for {symbol}")
    is_coin = "/" in symbol
    return {
        "id": str(uuid5(NAMESPACE, symbol)),
        "class": "crypto" if is_coin else "us_equity",
        "exchange": "OTC" if is_coin else "NASDAQ",  # the document knows no CRYPTO
        "symbol": symbol,
        "name": symbol,
        "status": "active",
        "tradable": True,
        "marginable": False,
        "shortable": False,
        "easy_to_borrow": False,
        "fractionable": True,
        **(COIN_GRID if is_coin else {}),
    }


_LISTS: dict[str, Callable[[AlpacaLedger, dict[str, str]], Any]] = {
    "/orders": _orders,
    "/positions": _positions,
    "/account": _account,
    CONFIGURATIONS: _configurations,
    "/account/activities/FILL": _fills,
    "/clock": _clock,
    "/calendar": _calendar,
}
