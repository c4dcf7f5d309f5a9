"""Entries that outlive their bar: at an exchange nobody but us ends them."""

from datetime import datetime

from ztrade_core.domain.orders import AT_BROKER, Order, Role
from ztrade_core.errors import BrokerError, OrderRejectedError
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.intents import too_late_to_send


def end_stale_entries(desk: TradingDesk, at: datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Cancel entries at the broker whose one bar is complete; say which, and what failed.

    Their fills are kept. One that is not known to be at the broker is left to reconciliation. Does
    nothing at a simulated broker, which ends them itself.
    """
    if not desk.broker.is_external:
        return (), ()
    with desk.store.reading() as uow:
        working = uow.orders.working(desk.account, desk.broker.epoch())
    moment = max(at, desk.clock.now())
    ended, failed = [], []
    for order in working:
        if not _is_stale(desk, order, moment):
            continue
        order_id = order.request.client_order_id
        try:
            theirs = desk.broker.cancel(order_id)
        except OrderRejectedError as error:
            ended.append(f"{order.request.symbol}: entry {order_id}: {error}")
        except BrokerError as error:
            failed.append(f"{order.request.symbol}: entry {order_id} is not ended: {error}")
        else:
            status = theirs.status.value
            ended.append(f"{order.request.symbol}: entry {order_id}: its bar ended, {status}")
    return tuple(ended), tuple(failed)


def _is_stale(desk: TradingDesk, order: Order, moment: datetime) -> bool:
    request = order.request
    waits = request.role is Role.ENTRY and request.good_for_bars > 0 and order.status in AT_BROKER
    return waits and too_late_to_send(desk, order, moment)
