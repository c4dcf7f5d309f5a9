"""Reading a desk's book and its broker's in a test: short questions, plain answers."""

from tests.fakes.desk import DeskKit
from ztrade_core.domain.accounts import StoredPosition
from ztrade_core.domain.decisions import ChainedDecision
from ztrade_core.domain.orders import BrokerOrder, Order, Role


def decisions(kit: DeskKit) -> list[ChainedDecision]:
    """Every decision of the account, oldest first."""
    with kit.store.reading() as uow:
        return [row for row in uow.ledger.rows() if row.decision.key.account == kit.account]


def our_orders(kit: DeskKit, role: Role | None = None) -> list[Order]:
    """Our orders of the epoch that stands, newest first."""
    with kit.store.reading() as uow:
        orders = uow.orders.recent(kit.account, kit.broker().epoch(), 1000)
    return [order for order in orders if role in {None, order.request.role}]


def at_broker(kit: DeskKit, role: Role) -> list[BrokerOrder]:
    """Every order of a role that the broker ever had of those in our book, and its open ones."""
    broker = kit.broker()
    ids = [order.request.client_order_id for order in our_orders(kit)]
    ids += [order.request.client_order_id for order in broker.open_orders()]
    found = [broker.order_by_client_id(order_id) for order_id in dict.fromkeys(ids)]
    return [order for order in found if order is not None and order.request.role is role]


def positions(kit: DeskKit) -> list[StoredPosition]:
    """Our positions of the epoch that stands."""
    with kit.store.reading() as uow:
        return uow.positions.all(kit.account, kit.broker().epoch())


def stop_quantity(kit: DeskKit) -> float:
    """What open stops at the broker would sell."""
    total = 0.0
    for order in kit.broker().open_orders():
        if order.request.role is Role.STOP:
            total = total + float(order.request.quantity)
    return total


def held(kit: DeskKit) -> float:
    """What the broker holds, over all symbols."""
    total = 0.0
    for quantity in kit.broker().positions().values():
        total = total + quantity
    return total
