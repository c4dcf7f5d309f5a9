"""Orders at the broker with our prefix that our book does not know: taken into it.

A broker that tells of no agent (an exchange) leaves us the symbol: one agent trades it. A buy opens a
position of its own; a sell belongs to the position that agent holds, or entered last. Ids of legs and
exits are derived, so they tell which of the two they are; a limit under a stop's id is a pair. An order
in a symbol that nobody trades is adopted as nobody's and reported: it blocks entries until a person
looked at it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.orders import (
    ORDER_PREFIX,
    BrokerOrder,
    Order,
    OrderRequest,
    OrderType,
    Role,
    Side,
    leg_order_id,
)
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.intents import reserved_usd

ADOPTED = "adopted from the broker"
MOST_LEGS = 100
"""How many stops of one position are thought of when an id is to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What was adopted, and what of it a person should look at."""

    order_ids: tuple[str, ...] = ()
    mismatches: tuple[str, ...] = ()


def adopt_unattributed(
    desk: TradingDesk, epoch: int, at: datetime, theirs: dict[str, BrokerOrder]
) -> Adopted:
    """Adopt what has our prefix, no agent, and no row in our book; return what that was.

    In a transaction of its own: the broker is asked again afterwards, and can then tell legs and fills.
    """
    unknown = [
        order
        for order_id, order in theirs.items()
        if order_id.startswith(ORDER_PREFIX) and not order.request.agent_id
    ]
    if not unknown:
        return Adopted()
    adopted, mismatches = [], []
    unknown.sort(key=lambda order: order.request.side is not Side.BUY)
    with desk.store.locked() as uow:
        for order in unknown:
            if uow.orders.get(order.request.client_order_id) is not None:
                continue
            request = attributed(desk, uow, epoch, order.request)
            if request.target_order_id is not None and request.role is Role.STOP:
                request = replace(request, stop_price=_stop_beside(request, theirs))
            uow.orders.insert(adopted_order(desk, epoch, at, replace(order, request=request)))
            adopted.append(request.client_order_id)
            if not request.agent_id:
                mismatches.append(
                    f"order {request.client_order_id} has our prefix,"
                    f" but no agent trades {request.symbol}"
                )
    return Adopted(order_ids=tuple(adopted), mismatches=tuple(mismatches))


def attributed(
    desk: TradingDesk, uow: UnitOfWork, epoch: int, request: OrderRequest
) -> OrderRequest:
    """Return a request with the agent of its symbol, and with role and position by side and type."""
    agent = next((each for each in desk.company.agents if each.symbol == request.symbol), None)
    if agent is not None:
        request = replace(request, agent_id=agent.agent_id, timeframe=agent.timeframe)
    if request.side is Side.BUY:
        return _entry(desk, epoch, request)
    return _leg(desk, epoch, request, _position_of(desk, uow, epoch, request))


def _entry(desk: TradingDesk, epoch: int, request: OrderRequest) -> OrderRequest:
    is_stock = instrument_of(request.symbol).asset_class is AssetClass.STOCK
    position_id = request.client_order_id
    return replace(
        request,
        role=Role.ENTRY,
        position_id=position_id,
        stop_order_id=leg_order_id(desk.account, epoch, position_id, Role.STOP, 1),
        target_order_id=leg_order_id(desk.account, epoch, position_id, Role.TARGET, 1)
        if is_stock
        else None,
        good_for_bars=1,
    )


def _position_of(desk: TradingDesk, uow: UnitOfWork, epoch: int, request: OrderRequest) -> str:
    """Return the position a sell belongs to: itself when its agent has neither position nor entry."""
    held = uow.positions.get(desk.account, epoch, request.agent_id)
    if held is not None:
        return held.position_id
    entries = uow.orders.newest_entries(desk.account, epoch, request.agent_id, 1)
    return entries[0].request.position_id if entries else request.client_order_id


def _leg(desk: TradingDesk, epoch: int, request: OrderRequest, position_id: str) -> OrderRequest:
    """Return a sell as the stop, pair or exit of a position."""
    request = replace(request, position_id=position_id)
    sequence = next(
        (
            number
            for number in range(1, MOST_LEGS)
            if request.client_order_id
            == leg_order_id(desk.account, epoch, position_id, Role.STOP, number)
        ),
        None,
    )
    if request.type is OrderType.STOP or sequence is None:
        role = Role.STOP if request.type is OrderType.STOP else Role.EXIT
        return replace(request, role=role)
    return replace(
        request,
        role=Role.STOP,
        type=OrderType.STOP,
        target_price=request.limit_price,
        target_order_id=leg_order_id(desk.account, epoch, position_id, Role.TARGET, sequence),
        limit_price=None,
    )


def _stop_beside(request: OrderRequest, theirs: dict[str, BrokerOrder]) -> Decimal | None:
    """Return the price of the stop that the broker shows beside a pair's target."""
    for order in theirs.values():
        other = order.request
        is_beside = other.symbol == request.symbol and not other.agent_id
        if is_beside and other.type is OrderType.STOP:
            return other.stop_price
    return None


def adopted_order(
    desk: TradingDesk, epoch: int, at: datetime, theirs: BrokerOrder, *, reason: str = ADOPTED
) -> Order:
    """Return the row of an order that only the broker knew."""
    return Order(
        request=theirs.request,
        account=desk.account,
        account_epoch=epoch,
        decision_id=None,
        status=theirs.status,
        created_at=at,
        updated_at=at,
        reserved_usd=reserved_usd(desk, theirs),
        broker_order_id=theirs.broker_order_id,
        filled_quantity=theirs.filled_quantity,
        reason=reason,
    )
