"""Our order as the body that Alpaca accepts: pure, exact, and refused here when it cannot be.

- Stocks: whole shares. An entry is a DAY bracket (stop and target), OTO (a stop alone) or simple; exits
  are DAY, stops and targets GTC.
- Crypto: no advanced classes. An entry is IOC when good for a bar, else GTC; a stop is a GTC
  stop_limit with limit = stop x 0.98 (the broker knows no stop-market for coins); market orders IOC.
Prices and quantities travel as text, as the OpenAPI document wants them and Decimal has them.
"""

from decimal import ROUND_DOWN, Decimal
from typing import Any, assert_never

from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.orders import OrderRequest, OrderType, Role
from ztrade_core.errors import OrderRejectedError

CRYPTO_STOP_LIMIT_FRACTION = Decimal("0.98")
MAX_ID_CHARACTERS = 128
_CENT, _SMALL_TICK = Decimal("0.01"), Decimal("0.0001")


def order_body(request: OrderRequest) -> dict[str, Any]:
    """Return the body of POST /v2/orders. Raises OrderRejectedError for an order of no such form."""
    is_stock = instrument_of(request.symbol).asset_class is AssetClass.STOCK
    _refuse_unfit(request, is_stock=is_stock)
    body: dict[str, Any] = {
        "symbol": request.symbol,
        "qty": plain(request.quantity),
        "side": request.side.value,
        "time_in_force": _time_in_force(request, is_stock=is_stock),
        "client_order_id": request.client_order_id,
        **_prices(request, is_stock=is_stock),
    }
    if is_stock and request.role is Role.ENTRY:
        body |= _legs(request)
    return body


def plain(value: Decimal) -> str:
    """Return a Decimal without an exponent, every digit kept."""
    return format(value, "f")


def _refuse_unfit(request: OrderRequest, *, is_stock: bool) -> None:
    quantity = request.quantity
    if not quantity.is_finite() or quantity <= 0:
        raise OrderRejectedError(f"quantity {quantity} is not positive: nothing was sent")
    if is_stock and quantity != quantity.to_integral_value():
        raise OrderRejectedError(f"{quantity} shares are not whole: nothing was sent")
    for price in (request.limit_price, request.stop_price, request.target_price):
        if price is not None and not (price.is_finite() and price > 0):
            raise OrderRejectedError(f"price {price} is not positive: nothing was sent")
    if not 0 < len(request.client_order_id) <= MAX_ID_CHARACTERS:
        raise OrderRejectedError("an order needs an id of 1 to 128 characters: nothing was sent")


def _time_in_force(request: OrderRequest, *, is_stock: bool) -> str:
    if request.role in {Role.STOP, Role.TARGET}:
        return "gtc"
    if is_stock:
        return "day"
    one_bar = request.role is Role.ENTRY and request.good_for_bars > 0
    return "ioc" if one_bar or request.type is OrderType.MARKET else "gtc"


def _prices(request: OrderRequest, *, is_stock: bool) -> dict[str, str]:
    match request.type:
        case OrderType.MARKET:
            return {"type": "market"}
        case OrderType.LIMIT:
            return {"type": "limit", "limit_price": _needed(request.limit_price, "limit")}
        case OrderType.STOP:
            stop = _needed(request.stop_price, "stop")
            if is_stock:
                return {"type": "stop", "stop_price": stop}
            limit = crypto_stop_limit(Decimal(stop))
            return {"type": "stop_limit", "stop_price": stop, "limit_price": plain(limit)}
        case never:
            assert_never(never)


def crypto_stop_limit(stop: Decimal) -> Decimal:
    """Return the limit of a coin's stop, 2 % below it and down to the tick."""
    wanted = stop * CRYPTO_STOP_LIMIT_FRACTION
    limit = wanted.quantize(_CENT if wanted >= 1 else _SMALL_TICK, rounding=ROUND_DOWN)
    if limit <= 0:
        raise OrderRejectedError(f"a stop at {stop} leaves no tick for its limit: nothing was sent")
    return limit


def _legs(request: OrderRequest) -> dict[str, Any]:
    if request.stop_price is None:
        return {}
    stop = {"stop_price": plain(request.stop_price)}
    if request.target_price is None:
        return {"order_class": "oto", "stop_loss": stop}
    target = {"limit_price": plain(request.target_price)}
    return {"order_class": "bracket", "stop_loss": stop, "take_profit": target}


def _needed(price: Decimal | None, what: str) -> str:
    if price is None:
        raise OrderRejectedError(f"a {what} order without a {what} price: nothing was sent")
    return plain(price)
