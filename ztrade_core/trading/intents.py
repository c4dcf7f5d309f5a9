"""What an order intent still means: what it may cost, whether it is too late, whether it is moot."""

from datetime import datetime

from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.orders import TERMINAL, BrokerOrder, Order, Role
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.risk.arithmetic import entry_notional_usd
from ztrade_core.trading.desk import TradingDesk


def reserved_usd(desk: TradingDesk, theirs: BrokerOrder) -> float:
    """Return what an order at the broker may cost in all, fees included; only an open entry costs."""
    request = theirs.request
    price = request.limit_price or request.reference_price
    if request.role is not Role.ENTRY or theirs.status in TERMINAL or price is None:
        return 0.0
    is_stock = instrument_of(request.symbol).asset_class is AssetClass.STOCK
    fee_bps = desk.broker.fee_bps_by_asset[0 if is_stock else 1]
    return entry_notional_usd(float(request.quantity), float(price), fee_bps)


def is_held(uow: UnitOfWork, order: Order) -> bool:
    """Return whether the position that an exit or a leg belongs to is still held."""
    held = uow.positions.get(order.account, order.account_epoch, order.request.agent_id)
    return held is not None and held.position_id == order.request.position_id


def too_late_to_send(desk: TradingDesk, order: Order, at: datetime) -> bool:
    """Return whether a never-sent order's bar has passed; stops and exits are never too late."""
    request = order.request
    if request.role is not Role.ENTRY:
        return False
    asset_class = instrument_of(request.symbol).asset_class
    expected = desk.calendar.expected_bar(asset_class, request.timeframe, at)
    return expected is not None and expected > request.decided_bar
