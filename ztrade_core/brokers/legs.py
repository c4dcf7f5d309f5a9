"""The legs an entry brings along: a stop always, a target for stocks.

No target rests beside a crypto stop: the stop reserves the coins (DESIGN section 7).
"""

from decimal import Decimal

from ztrade_core.domain.configuration import StopReference
from ztrade_core.domain.instruments import AssetClass, exact_decimal, instrument_of, price_up
from ztrade_core.domain.orders import OrderRequest, OrderType, Role, Side
from ztrade_core.fills.arithmetic import level_from_fill


def legs_of(
    entry: OrderRequest, kept: float, fill_price: float, reference: StopReference
) -> list[OrderRequest]:
    """Return the legs of a filled entry for the quantity that was kept after fees."""
    is_crypto = instrument_of(entry.symbol).asset_class is AssetClass.CRYPTO
    wanted = [(Role.STOP, OrderType.STOP, entry.stop_order_id, entry.stop_price)]
    if not is_crypto:
        wanted.append((Role.TARGET, OrderType.LIMIT, entry.target_order_id, entry.target_price))
    legs = []
    for role, order_type, leg_id, price in wanted:
        if leg_id is None or price is None:
            continue
        level = _level(entry, price, fill_price, reference)
        legs.append(
            OrderRequest(
                client_order_id=leg_id,
                agent_id=entry.agent_id,
                symbol=entry.symbol,
                timeframe=entry.timeframe,
                role=role,
                side=Side.SELL,
                type=order_type,
                quantity=exact_decimal(kept),
                position_id=entry.position_id,
                decided_bar=entry.decided_bar,
                limit_price=level if role is Role.TARGET else None,
                stop_price=level if role is Role.STOP else None,
            )
        )
    return legs


def _level(
    entry: OrderRequest, price: Decimal, fill_price: float, reference: StopReference
) -> Decimal:
    """Return the leg's absolute price; measured from the fill, it keeps its ratio to the decision."""
    if reference is StopReference.DECISION or entry.reference_price is None:
        return price
    level = level_from_fill(float(price), float(entry.reference_price), fill_price)
    return exact_decimal(price_up(level))
