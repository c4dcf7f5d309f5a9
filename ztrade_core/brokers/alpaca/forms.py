"""Our order as the body that Alpaca accepts: pure, exact, and refused here when it cannot be.

- Stocks: whole shares. An entry is a DAY bracket (stop and target), OTO (a stop alone) or simple; exits
  are DAY, stops and targets GTC. A stop with a target is a GTC OCO: to Alpaca the limit is the order, the
  stop its leg, and our stop's id is the limit's.
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


def order_body(request: OrderRequest, price_increment: Decimal | None = None) -> dict[str, Any]:
    """Return the body of POST /v2/orders. Raises OrderRejectedError for an order of no such form.

    `price_increment` is Alpaca's step of a coin's prices, where it names one.
    """
    is_stock = instrument_of(request.symbol).asset_class is AssetClass.STOCK
    refuse_unfit(request)
    body: dict[str, Any] = {
        "symbol": request.symbol,
        "qty": plain(request.quantity),
        "side": request.side.value,
        "time_in_force": _time_in_force(request, is_stock=is_stock),
        "client_order_id": request.client_order_id,
        **_prices(request, price_increment, is_stock=is_stock),
    }
    if is_stock and request.role is Role.ENTRY:
        body |= _legs(request)
    return body


def is_pair(request: OrderRequest) -> bool:
    """Return whether a request is a stop and its target in one (OCO)."""
    return request.role is Role.STOP and request.target_price is not None


def plain(value: Decimal) -> str:
    """Return a Decimal without an exponent, every digit kept."""
    return format(value, "f")


def refuse_unfit(request: OrderRequest) -> None:
    """Raise OrderRejectedError for what can be no order, whatever the account holds."""
    is_stock = instrument_of(request.symbol).asset_class is AssetClass.STOCK
    quantity = request.quantity
    if not quantity.is_finite() or quantity <= 0:
        raise OrderRejectedError(f"quantity {quantity} is not positive: nothing was sent")
    if is_stock and quantity != quantity.to_integral_value():
        raise OrderRejectedError(f"{quantity} shares are not whole: nothing was sent")
    for price in (request.limit_price, request.stop_price, request.target_price):
        if price is not None and not (price.is_finite() and price > 0):
            raise OrderRejectedError(f"price {price} is not positive: nothing was sent")
    if is_pair(request):
        _refuse_unfit_pair(request, is_stock=is_stock)
    if not 0 < len(request.client_order_id) <= MAX_ID_CHARACTERS:
        raise OrderRejectedError("an order needs an id of 1 to 128 characters: nothing was sent")


def _refuse_unfit_pair(request: OrderRequest, *, is_stock: bool) -> None:
    if not is_stock:
        raise OrderRejectedError("coins have no stop and target in one: nothing was sent")
    if request.target_order_id is None or request.type is not OrderType.STOP:
        raise OrderRejectedError("a pair needs a stop and its target's id: nothing was sent")
    if Decimal(_needed(request.stop_price, "stop")) >= (request.target_price or 0):
        raise OrderRejectedError("a pair's target lies above its stop: nothing was sent")


def _time_in_force(request: OrderRequest, *, is_stock: bool) -> str:
    if request.role in {Role.STOP, Role.TARGET}:
        return "gtc"
    if is_stock:
        return "day"
    one_bar = request.role is Role.ENTRY and request.good_for_bars > 0
    return "ioc" if one_bar or request.type is OrderType.MARKET else "gtc"


def _prices(
    request: OrderRequest, price_increment: Decimal | None, *, is_stock: bool
) -> dict[str, Any]:
    if is_pair(request):
        return {
            "type": "limit",
            "order_class": "oco",
            "take_profit": {"limit_price": _needed(request.target_price, "target")},
            "stop_loss": {"stop_price": _needed(request.stop_price, "stop")},
        }
    match request.type:
        case OrderType.MARKET:
            return {"type": "market"}
        case OrderType.LIMIT:
            return {"type": "limit", "limit_price": _needed(request.limit_price, "limit")}
        case OrderType.STOP:
            stop = _needed(request.stop_price, "stop")
            if is_stock:
                return {"type": "stop", "stop_price": stop}
            limit = crypto_stop_limit(Decimal(stop), price_increment)
            return {"type": "stop_limit", "stop_price": stop, "limit_price": plain(limit)}
        case never:
            assert_never(never)


def crypto_stop_limit(stop: Decimal, price_increment: Decimal | None = None) -> Decimal:
    """Return the limit of a coin's stop, 2 % below it and down to the tick."""
    wanted = stop * CRYPTO_STOP_LIMIT_FRACTION
    step = price_increment or (_CENT if wanted >= 1 else _SMALL_TICK)
    limit = ((wanted / step).to_integral_value(ROUND_DOWN) * step).quantize(step)
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
