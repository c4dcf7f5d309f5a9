"""The grid that Alpaca takes orders on: an order is fitted to it before it is sent.

Contract: quantities go down to the asset's increment, limits of buys down, stops and limits of sells
up; where Alpaca names no increment, our own grid holds (a cent, below one dollar 0.0001). An asset is
asked for once a process. A buy of what Alpaca does not trade, and any coin order below the asset's
smallest, is OrderRejectedError; a question that fails is TransientBrokerError: nothing was sent. Selling
shares asks nothing: their grid is known, and an exit depends on no further answer.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from ztrade_core.domain.brokerage import BrokerAsset
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.orders import OrderRequest, Side
from ztrade_core.errors import OrderRejectedError

_CENT, _SMALL_TICK = Decimal("0.01"), Decimal("0.0001")
_COIN_LOT = Decimal("0.00000001")


class Grid:
    """Fits orders; `ask` is the broker's answer about a symbol, None when it has no such asset."""

    def __init__(self, ask: Callable[[str], BrokerAsset | None]) -> None:
        self._ask = ask
        self._assets: dict[str, BrokerAsset] = {}

    def fitted(self, request: OrderRequest) -> OrderRequest:
        """Return an order as it can be sent; OrderRejectedError when it cannot."""
        is_coin = instrument_of(request.symbol).asset_class is AssetClass.CRYPTO
        is_buy = request.side is Side.BUY
        asset = self._asset(request.symbol) if is_coin or is_buy else None
        if is_buy and (asset is None or not asset.tradable):
            raise OrderRejectedError(f"Alpaca does not trade {request.symbol}: nothing was sent")
        limit_rounding = ROUND_DOWN if is_buy else ROUND_UP
        return replace(
            request,
            quantity=_quantity(request, asset) if is_coin else request.quantity,
            limit_price=_price(request.limit_price, asset, limit_rounding),
            stop_price=_price(request.stop_price, asset, ROUND_UP),
            target_price=_price(request.target_price, asset, ROUND_UP),
        )

    def price_increment(self, symbol: str) -> Decimal | None:
        """Return the step of a coin's prices where Alpaca names one; None for stocks."""
        is_coin = instrument_of(symbol).asset_class is AssetClass.CRYPTO
        asset = self._asset(symbol) if is_coin else None
        return None if asset is None else asset.price_increment

    def down(self, symbol: str, price: Decimal) -> Decimal:
        """Return a price down to the tick; it may be 0."""
        step = self.price_increment(symbol) or tick(None, price)
        return stepped(price, step, ROUND_DOWN).quantize(step)

    def _asset(self, symbol: str) -> BrokerAsset | None:
        """Return what Alpaca says of a symbol; what cannot be traded today is asked for again."""
        if symbol not in self._assets:
            asset = self._ask(symbol)
            if asset is None or not asset.tradable:
                return asset
            self._assets[symbol] = asset
        return self._assets[symbol]


def tick(asset: BrokerAsset | None, price: Decimal) -> Decimal:
    """Return the step of prices at `price`: the asset's, else our own grid's."""
    told = None if asset is None else asset.price_increment
    return told or (_CENT if price >= 1 else _SMALL_TICK)


def stepped(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    """Return a positive value on its step; one that lies on it keeps its digits."""
    if not value.is_finite() or value % step == 0:
        return value
    return (value / step).to_integral_value(rounding) * step


def _price(price: Decimal | None, asset: BrokerAsset | None, rounding: str) -> Decimal | None:
    return None if price is None else stepped(price, tick(asset, price), rounding)


def _quantity(request: OrderRequest, asset: BrokerAsset | None) -> Decimal:
    told = None if asset is None else asset.quantity_increment
    smallest = None if asset is None else asset.minimum_quantity
    quantity = stepped(request.quantity, told or _COIN_LOT, ROUND_DOWN)
    if smallest is not None and quantity < smallest:
        raise OrderRejectedError(
            f"{quantity} {request.symbol} is below {smallest}, the smallest order: nothing was sent"
        )
    return quantity
