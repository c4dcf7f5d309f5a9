"""How much a sell at an exchange may be for: never more than its position still has there.

A stop or a target may have sold meanwhile, and our book learns of it later; somebody may hold the same
symbol beside us. So both count: what the broker holds, and what our book holds less what the position's
own orders have sold beyond it. What other open orders of the position sell is taken off.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.orders import (
    TERMINAL,
    BrokerOrder,
    Fill,
    Order,
    OrderRequest,
    OrderStatus,
    Role,
    Side,
)
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.intents import is_unsent, sellable

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A position as our book has it: its quantity, its orders, the executions booked into it."""

    quantity: Decimal
    legs: tuple[Order, ...]
    fills: tuple[Fill, ...]


def within_holding(desk: TradingDesk, order: Order, at: datetime) -> OrderRequest:
    """Return what may be sent of an order; a sell for less is written down as that.

    Quantity 0: nothing is left. Raises TransientBrokerError when the broker cannot be asked.
    """
    request = order.request
    if request.side is not Side.SELL or not desk.broker.is_external:
        return request
    booked = _booked(desk, order)
    if booked is None:
        return request  # nothing is held any more: `submit` does not send it
    held = desk.broker.positions()
    theirs = _beside(desk, booked, order)  # last: what a stop sold is never sold again
    promised = _promised(theirs, request.role)
    ours = booked.quantity - _sold_unbooked(booked, theirs)
    wanted = min(request.quantity + promised, ours)
    quantity = max(NOTHING, sellable(request.symbol, wanted, held) - promised)
    if quantity == request.quantity:
        return request
    request = replace(request, quantity=quantity)
    if quantity > 0:
        _write_down(desk, request, at)
    return request


def _booked(desk: TradingDesk, order: Order) -> Booked | None:
    request = order.request
    with desk.store.reading() as uow:
        held = uow.positions.get(order.account, order.account_epoch, request.agent_id)
        if held is None or held.position_id != request.position_id:
            return None
        legs = uow.orders.of_position(request.position_id)
        fills = uow.orders.fills(
            order.account, order.account_epoch, position_id=request.position_id
        )
    sells = tuple(leg for leg in legs if leg.request.side is Side.SELL)
    return Booked(quantity=held.quantity, legs=sells, fills=tuple(fills))


def _beside(desk: TradingDesk, booked: Booked, order: Order) -> list[BrokerOrder]:
    """Return the position's other sells that our book does not know to be over, as the broker has them."""
    found = []
    for leg in booked.legs:
        client_order_id = leg.request.client_order_id
        is_over = leg.status in TERMINAL or leg.status is OrderStatus.INTENDED
        if is_over or client_order_id == order.request.client_order_id:
            continue
        theirs = desk.broker.order_by_client_id(client_order_id)
        if theirs is not None:
            found.append(
                replace(theirs, request=replace(leg.request, quantity=theirs.request.quantity))
            )
    return found


def _sold_unbooked(booked: Booked, theirs: list[BrokerOrder]) -> Decimal:
    """Return what the position's sells have filled and our book has not taken off it yet."""
    filled = {leg.request.client_order_id: leg.filled_quantity for leg in booked.legs}
    for order in theirs:
        order_id = order.request.client_order_id
        filled[order_id] = max(order.filled_quantity, filled[order_id])
    for fill in booked.fills:
        if fill.client_order_id in filled:
            filled[fill.client_order_id] -= fill.quantity
    return sum((max(NOTHING, quantity) for quantity in filled.values()), NOTHING)


def _promised(theirs: list[BrokerOrder], role: Role) -> Decimal:
    """Return what open exits still sell; beside a stop the other stops too. An exit replaces them."""
    counted = {Role.EXIT, Role.STOP} if role is Role.STOP else {Role.EXIT}
    left = NOTHING
    for order in theirs:
        if order.request.role in counted and order.status not in TERMINAL:
            left += order.request.quantity - order.filled_quantity
    return left


def _write_down(desk: TradingDesk, request: OrderRequest, at: datetime) -> None:
    with desk.store.locked() as uow:
        known = uow.orders.get(request.client_order_id)
        if known is not None and is_unsent(known):
            uow.orders.update(replace(known, request=request, updated_at=at))
