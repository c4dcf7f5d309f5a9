"""Protection: the open stop quantity at the broker equals the position, else arm, else flatten.

Runs after every submit, in every observe, in reconciliation and in the ten-second sensor. It asks
the broker what is open; when that question fails nothing is concluded and no stop is sent. An exit
that was intended but never sent (its run died) is sent first: exits queue, they are not lost. A stop
refused twice, or one the mark has passed already, flattens the position at market. An exchange asks
for more than a simulated account does: `exchange`.
"""

from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.accounts import StoredPosition
from ztrade_core.domain.instruments import exact_decimal, instrument_of
from ztrade_core.domain.orders import BrokerOrder, Order, Role
from ztrade_core.errors import LeaseLostError
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.exchange import protect_at_exchange
from ztrade_core.trading.guard import Guard
from ztrade_core.trading.leases import release_strangers
from ztrade_core.trading.protected import Protection, Told
from ztrade_core.trading.submission import submit


def protect(desk: TradingDesk, at: datetime, *, holder: str) -> Protection:
    """Make every position of the account carry its stop.

    Raises TransientBrokerError when the broker's open orders cannot be had: then nothing is known.
    """
    epoch = desk.broker.epoch()
    told = Told()
    with desk.store.reading() as uow:
        positions = uow.positions.all(desk.account, epoch)
        working = uow.orders.working(desk.account, epoch)
        legs = {p.position_id: uow.orders.of_position(p.position_id) for p in positions}
    _send_exits(desk, working, at, holder, told)
    try:
        if desk.broker.is_external:
            checked = protect_at_exchange(desk, at, holder, told) if positions or working else 0
            return told.protection(checked)
        theirs = desk.broker.open_orders() if positions else ()
        for position in positions:
            missing = _beside(position, theirs, Role.STOP)
            staying = _beside(position, theirs, Role.EXIT)
            if missing > 0 and staying > 0:
                guard = Guard(desk, position, legs[position.position_id], at, holder)
                told.add(*guard.mend(missing, staying))
    finally:
        release_strangers(desk, positions, holder=holder)
    return told.protection(len(positions))


def _send_exits(
    desk: TradingDesk, working: list[Order], at: datetime, holder: str, told: Told
) -> None:
    """Send exits that are not known to have reached the broker, each under its own id."""
    for order in working:
        if order.request.role is Role.EXIT and order.broker_order_id is None:
            try:
                submit(desk, order.request.client_order_id, holder=holder, at=at)
            except LeaseLostError as error:
                told.add("failed", str(error))


def _beside(position: StoredPosition, theirs: tuple[BrokerOrder, ...], role: Role) -> Decimal:
    """Return what open orders of the role leave of a position; dust counts as nothing."""
    left = position.quantity - _open_quantity(position, theirs, role)
    lot = exact_decimal(1.0 / instrument_of(position.symbol).lots_per_unit)
    return left if left >= lot else Decimal(0)


def _open_quantity(
    position: StoredPosition, theirs: tuple[BrokerOrder, ...], role: Role
) -> Decimal:
    quantity = Decimal(0)
    for order in theirs:
        request = order.request
        if request.role is role and request.position_id == position.position_id:
            quantity += request.quantity - order.filled_quantity
    return quantity
