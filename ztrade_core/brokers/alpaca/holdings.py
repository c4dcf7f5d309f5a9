"""What the account holds, read anew: for telling it, and right before a sell.

Contract: at Alpaca a market sell of what is no longer held opens a short. `sellable` is the last question
before such a sell; what is left between its answer and the sell is the length of one request. UnclearError
for an answer that is not understood. A holding in what we do not trade is told under Alpaca's own symbol,
and where its quantity cannot be read as 1: that something is held is never hidden, and stops nothing.
"""

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from ztrade_core.brokers.alpaca.answers import PositionAnswer, parsed
from ztrade_core.brokers.alpaca.client import AlpacaClient, UnclearError
from ztrade_core.domain.orders import OrderRequest, OrderType, Side
from ztrade_core.errors import OrderRejectedError

NOTHING_HELD = "the broker holds nothing of it to sell"
UNREADABLE = "unreadable"
_TRADED = {"us_equity", "crypto"}


class Holdings:
    """Asks for positions; changes nothing."""

    def __init__(self, client: AlpacaClient) -> None:
        self._client = client

    def quantities(self) -> dict[str, float]:
        """Return quantity by symbol, flat ones absent."""
        ours, foreign = self._read()
        held = {symbol: float(each.qty) for symbol, each in ours.items() if each.qty != 0}
        for symbol, quantity in foreign.items():
            held.setdefault(symbol, float(quantity))
        return dict(sorted(held.items()))

    def sellable(self, request: OrderRequest) -> OrderRequest:
        """Return a sell as far as it is held and free; OrderRejectedError when nothing is.

        Only a market sell is cut down: what rests is refused by Alpaca itself when too large.
        """
        if request.side is not Side.SELL:
            return request
        position = self._read()[0].get(request.symbol)
        if position is None or position.qty <= 0:
            raise OrderRejectedError(f"{request.client_order_id} was not sent: {NOTHING_HELD}")
        if request.type is not OrderType.MARKET:
            return request
        free = position.qty if position.qty_available is None else position.qty_available
        free = min(position.qty, free)
        if free <= 0:
            raise OrderRejectedError(
                f"{request.client_order_id} was not sent: insufficient qty available of"
                f" {request.symbol} (held: {position.qty}, available: {free}): open orders reserve it"
            )
        return replace(request, quantity=min(request.quantity, free))

    def _read(self) -> tuple[dict[str, PositionAnswer], dict[str, Decimal]]:
        """Return what is held of what we trade, and of all else."""
        answer = self._client.get("/positions")
        if not isinstance(answer, list):
            raise UnclearError("PositionAnswer: not a list")
        ours: dict[str, PositionAnswer] = {}
        foreign: dict[str, Decimal] = {}
        for each in answer:
            if isinstance(each, dict) and _is_foreign(each.get("asset_class")):
                foreign[_symbol(each)] = _quantity(each)
                continue
            position = parsed(PositionAnswer, each)
            if position.our_symbol in ours:
                raise UnclearError(f"two positions in {position.our_symbol}")
            ours[position.our_symbol] = position
        return ours, foreign


def _is_foreign(asset_class: Any) -> bool:
    return isinstance(asset_class, str) and asset_class not in _TRADED


def _symbol(position: dict[str, Any]) -> str:
    symbol = position.get("symbol")
    return symbol if isinstance(symbol, str) and symbol else UNREADABLE


def _quantity(position: dict[str, Any]) -> Decimal:
    try:
        quantity = Decimal(str(position.get("qty")))
    except InvalidOperation:
        return Decimal(1)
    return quantity if quantity.is_finite() and quantity != 0 else Decimal(1)
