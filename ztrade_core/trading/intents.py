"""What an order intent still means: what it may cost or sell, whether it is too late or moot."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.instruments import AssetClass, exact_decimal, instrument_of
from ztrade_core.domain.orders import TERMINAL, BrokerOrder, Order, Role
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.risk.arithmetic import entry_notional_usd
from ztrade_core.trading.awaiting import was_decided_before
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
    """Return whether an entry's bar has passed, or a split since; stops and exits are never too late."""
    request = order.request
    if request.role is not Role.ENTRY:
        return False
    if was_decided_before(desk, order, at):
        return True
    asset_class = instrument_of(request.symbol).asset_class
    expected = desk.calendar.expected_bar(asset_class, request.timeframe, at)
    return expected is not None and expected > request.decided_bar


def is_unsent(order: Order) -> bool:
    """Return whether an order was written down and is not known to have reached the broker."""
    return order.is_working and order.broker_order_id is None


def lot_of(symbol: str) -> Decimal:
    """Return one lot: a whole share, or 1e-8 of a coin."""
    return exact_decimal(1.0 / instrument_of(symbol).lots_per_unit)


def sellable(symbol: str, wanted: Decimal, held: Mapping[str, float]) -> Decimal:
    """Return what of `wanted` the broker holds, floored to the lot; 0 for a short position."""
    lot = lot_of(symbol)
    quantity = min(wanted, exact_decimal(held.get(symbol, 0.0)))
    return max(Decimal(0), quantity // lot * lot)
