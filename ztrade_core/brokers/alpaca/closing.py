"""Leaving a position whose shares a stop or a target reserves.

Contract of `close`: what is live of the position decides.
- A live target of the same shares is moved below the bid under the exit's id: the stop stays.
- Else (no target, no quote, coins, a part only, or Alpaca refuses the move) what protects the position is
  cancelled, and once all of it is over one sell is sent.
- Whatever of it filled meanwhile is not sold again: nothing left to sell is OrderRejectedError.
- An exit that is there already is returned; one that rests above the bid is moved below it first, and one that
  has rested for long in an open session is cancelled, and what is left of it sold at market under an id of
  its own (`at_market_id`): both are shown as the one exit.
No order is sent while one of the cancelled may still fill: that is OrderStateUnknownError.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

from ztrade_core.brokers.alpaca.answers import OrderAnswer, parsed
from ztrade_core.brokers.alpaca.client import AlpacaClient, RefusedError, UnclearError
from ztrade_core.brokers.alpaca.collar import Collar
from ztrade_core.brokers.alpaca.completion import at_market_id, shown
from ztrade_core.brokers.alpaca.forms import plain, refuse_unfit
from ztrade_core.brokers.alpaca.orders import Located, Orders
from ztrade_core.brokers.alpaca.refusals import Cause
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.orders import (
    TERMINAL,
    BrokerOrder,
    OrderRequest,
    OrderStatus,
    OrderType,
    Role,
)
from ztrade_core.errors import OrderRejectedError, OrderStateUnknownError


class Closer:
    """Sends exits. `cancel` and `submit` are the broker's own."""

    def __init__(
        self,
        client: AlpacaClient,
        orders: Orders,
        collar: Collar,
        *,
        cancel: Callable[[str], BrokerOrder],
        submit: Callable[[OrderRequest], BrokerOrder],
    ) -> None:
        self._client = client
        self._orders = orders
        self._collar = collar
        self._cancel = cancel
        self._submit = submit

    def close(self, request: OrderRequest) -> BrokerOrder:
        """Send an exit, or move the one that is there; see the module."""
        refuse_unfit(request)
        there = self._orders.located(request.client_order_id)
        if there is not None:
            return self._moved(there)
        live = [each for each in self._orders.open() if _protects(each.order, request)]
        replaced = self._by_replacing(request, live)
        return self._by_cancelling(request, live) if replaced is None else replaced

    def _moved(self, there: Located) -> BrokerOrder:
        """Return an exit, moved below the bid if it rests above it."""
        order, resting = there.order, there.answer.limit_price
        if order.status in TERMINAL or there.answer.type != "limit" or resting is None:
            return order
        if self._collar.rests_too_long(order.request.symbol, there.since):
            return self._to_market(there)
        price = self._collar.below_bid(order.request.symbol, resting)
        if price is None:
            return order
        with suppress(RefusedError):  # then it stays as it is, and is working or over
            self._client.patch(f"/orders/{there.answer.id}", _change(there, price))
        return self._again(order.request.client_order_id)

    def _to_market(self, there: Located) -> BrokerOrder:
        """Cancel an exit that rests, then sell what is left of it at market."""
        request = there.order.request
        ended = self._cancel(request.client_order_id)
        if ended.status not in TERMINAL:
            raise OrderStateUnknownError(f"{request.client_order_id} is not cancelled yet")
        if ended.status is not OrderStatus.CANCELED or _left(ended) <= 0:
            return ended
        market_id = at_market_id(request.client_order_id)
        sell = replace(request, type=OrderType.MARKET, limit_price=None, quantity=_left(ended))
        self._submit(replace(sell, client_order_id=market_id))
        return self._again(request.client_order_id)

    def _by_replacing(self, request: OrderRequest, live: list[Located]) -> BrokerOrder | None:
        """Make the exit out of the position's target; None when that is not to be had."""
        targets = [each for each in live if each.order.request.role is Role.TARGET]
        is_stock = instrument_of(request.symbol).asset_class is AssetClass.STOCK
        if not is_stock or len(targets) != 1 or _left(targets[0].order) != request.quantity:
            return None
        target = targets[0]
        price = self._collar.below_bid(request.symbol)
        if price is None:
            return None
        body = {**_change(target, price), "client_order_id": request.client_order_id}
        try:
            answer = parsed(OrderAnswer, self._client.patch(f"/orders/{target.answer.id}", body))
        except RefusedError as error:
            if error.cause is Cause.TAKEN_ID:
                return self._again(request.client_order_id)
            return None
        if (answer.our_symbol, answer.side) != (request.symbol, request.side):
            raise UnclearError("the answer tells of another order")
        if answer.client_order_id != request.client_order_id:
            raise OrderRejectedError(
                f"Alpaca moved the target to {plain(price)} but did not give it the exit's id:"
                f" the position leaves by {target.order.request.client_order_id}"
            )
        return shown(answer, request)

    def _by_cancelling(self, request: OrderRequest, live: list[Located]) -> BrokerOrder:
        """Cancel what protects the position, then send one sell of what is left of it."""
        gone = Decimal(0)
        for each in live:
            ended = self._cancel(each.order.request.client_order_id)
            if ended.status not in TERMINAL:
                raise OrderStateUnknownError(
                    f"{ended.request.client_order_id} is not cancelled yet:"
                    f" {request.client_order_id} was not sent"
                )
            gone += ended.filled_quantity - each.order.filled_quantity
        left = min(request.quantity, _covered(live) - gone) if gone > 0 else request.quantity
        if left <= 0:
            raise OrderRejectedError(
                f"{request.client_order_id} was not sent: its stop or target has filled meanwhile,"
                " so the position is leaving already"
            )
        return self._submit(replace(request, quantity=left))

    def _again(self, client_order_id: str) -> BrokerOrder:
        found = self._orders.located(client_order_id)
        if found is None:
            raise UnclearError(f"{client_order_id} is taken, but it is not found")
        return found.order


def _protects(order: BrokerOrder, request: OrderRequest) -> bool:
    of_it = order.request.position_id == request.position_id
    return of_it and order.request.role in {Role.STOP, Role.TARGET}


def _left(order: BrokerOrder) -> Decimal:
    return order.request.quantity - order.filled_quantity


def _covered(live: list[Located]) -> Decimal:
    """Return how much of the position the stops stand for; the targets, where there is no stop."""
    by_role = {role: Decimal(0) for role in (Role.STOP, Role.TARGET)}
    for each in live:
        by_role[each.order.request.role] += _left(each.order)
    return by_role[Role.STOP] or by_role[Role.TARGET]


def _change(there: Located, price: Decimal) -> dict[str, str]:
    """Return the body of a PATCH; what has filled in part names its rest, or it would sell it again."""
    body = {"limit_price": plain(price)}
    answer = there.answer
    if answer.filled_qty > 0 and answer.qty is not None:
        body["qty"] = plain(answer.qty - answer.filled_qty)
    return body
