"""What a mind may see of the book: its own agent's position and open orders, nobody else's."""

from decimal import Decimal

from ztrade_core.domain.decisions import SlotKey
from ztrade_core.domain.orders import Order
from ztrade_core.domain.snapshots import HeldPosition, OpenOrder
from ztrade_core.ports.store import UnitOfWork


def held(uow: UnitOfWork, key: SlotKey) -> HeldPosition | None:
    """Return the agent's position; None when it is flat."""
    stored = uow.positions.get(key.account, key.account_epoch, key.agent_id)
    if stored is None:
        return None
    return HeldPosition(
        position_id=stored.position_id,
        quantity=float(stored.quantity),
        average_price=stored.average_price,
        stop_price=_price(stored.stop_price),
        target_price=_price(stored.target_price),
    )


def working(uow: UnitOfWork, key: SlotKey) -> tuple[Order, ...]:
    """Return the agent's orders that may still fill, oldest first."""
    orders = uow.orders.working(key.account, key.account_epoch)
    return tuple(order for order in orders if order.request.agent_id == key.agent_id)


def seen(order: Order) -> OpenOrder:
    """Return an order as a mind sees it: no ids, no accounts."""
    request = order.request
    return OpenOrder(
        role=request.role,
        side=request.side,
        type=request.type,
        quantity=float(request.quantity),
        filled_quantity=float(order.filled_quantity),
        limit_price=_price(request.limit_price),
        stop_price=_price(request.stop_price),
        target_price=_price(request.target_price),
        created_at=order.created_at,
    )


def _price(price: Decimal | None) -> float | None:
    return None if price is None else float(price)
