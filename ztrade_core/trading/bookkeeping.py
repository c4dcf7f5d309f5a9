"""From fills to positions and closed trades: pure functions on values.

Money is float64 in one fixed order of operations, quantities Decimal and exact. A position below
one lot is dust and counts as flat; its trade closes. A buy that its fee in the coin leaves below one
lot never was a position: it is a fee that was paid, and no trade.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ztrade_core.domain.accounts import ClosedTrade, StoredPosition
from ztrade_core.domain.instruments import exact_decimal, instrument_of, price_up
from ztrade_core.domain.orders import Fill, OrderRequest, Side
from ztrade_core.fills.arithmetic import level_from_fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What a fill made of a position: the position (None when flat) and the trade it closed.

    A buy of which the fee leaves less than one lot makes neither.
    """

    position: StoredPosition | None
    trade: ClosedTrade | None


def book_fill(
    account: str,
    account_epoch: int,
    position: StoredPosition | None,
    fill: Fill,
    request: OrderRequest,
) -> Booked:
    """Apply one execution; a sell of more than is held is an overfill and raises ValueError."""
    if fill.side is Side.BUY:
        return Booked(position=_bought(account, account_epoch, position, fill, request), trade=None)
    if position is None:
        raise ValueError(f"fill {fill.fill_id} sells {fill.symbol}, but nothing is held")
    return _sold(position, fill)


def _bought(
    account: str,
    account_epoch: int,
    position: StoredPosition | None,
    fill: Fill,
    request: OrderRequest,
) -> StoredPosition | None:
    cost = float(fill.quantity) * float(fill.price) + float(fill.fee_usd)
    kept = fill.quantity - fill.fee_quantity
    if position is None:
        if fill.fee_quantity and kept < _one_lot(fill.symbol):
            return None
        return StoredPosition(
            account=account,
            account_epoch=account_epoch,
            agent_id=fill.agent_id,
            symbol=fill.symbol,
            timeframe=request.timeframe,
            position_id=fill.position_id,
            quantity=kept,
            average_price=float(fill.price),
            cost_usd=cost,
            realised_usd=0.0,
            opened_at=fill.filled_at,
            stop_price=request.stop_price,
            target_price=request.target_price,
        )
    quantity = position.quantity + kept
    spent = float(position.quantity) * position.average_price + float(kept) * float(fill.price)
    return replace(
        position,
        quantity=quantity,
        average_price=spent / float(quantity),
        cost_usd=position.cost_usd + cost,
    )


def _sold(position: StoredPosition, fill: Fill) -> Booked:
    proceeds = float(fill.quantity) * float(fill.price) - float(fill.fee_usd)
    left = position.quantity - fill.quantity
    if -left >= _one_lot(position.symbol):
        raise ValueError(
            f"fill {fill.fill_id} sells {fill.quantity} {fill.symbol},"
            f" but {position.quantity} are held"
        )
    share = float(fill.quantity) / float(position.quantity)
    cost_share = position.cost_usd * share if left > 0 else position.cost_usd
    realised = position.realised_usd + (proceeds - cost_share)
    if left >= _one_lot(position.symbol):
        kept = replace(
            position,
            quantity=left,
            cost_usd=position.cost_usd - cost_share,
            realised_usd=realised,
        )
        return Booked(position=kept, trade=None)
    remaining_cost = position.cost_usd - cost_share
    trade = ClosedTrade(
        account=position.account,
        account_epoch=position.account_epoch,
        agent_id=position.agent_id,
        symbol=position.symbol,
        position_id=position.position_id,
        quantity=fill.quantity,
        entry_price=position.average_price,
        exit_price=float(fill.price),
        pnl_usd=realised - remaining_cost,
        opened_at=position.opened_at,
        closed_at=fill.filled_at,
        exit_role=fill.role.value,
    )
    return Booked(position=None, trade=trade)


def with_levels_from_fill(request: OrderRequest, fill: Fill) -> OrderRequest:
    """Return an entry whose stop and target are measured from its fill (`stop_reference: fill`)."""
    reference = request.reference_price
    if fill.side is not Side.BUY or reference is None:
        return request

    def moved(level: Decimal | None) -> Decimal | None:
        if level is None:
            return None
        price = level_from_fill(float(level), float(reference), float(fill.price))
        return exact_decimal(price_up(price))

    return replace(
        request, stop_price=moved(request.stop_price), target_price=moved(request.target_price)
    )


def whole_trade(trade: ClosedTrade, fills: Sequence[Fill]) -> ClosedTrade:
    """Return a trade over all sells of its position: `book_fill` sees the last one only."""
    sells = [fill for fill in fills if fill.side is Side.SELL]
    if len(sells) <= 1:
        return trade
    quantity, proceeds = Decimal(0), 0.0
    for fill in sells:
        quantity += fill.quantity
        proceeds = proceeds + float(fill.quantity) * float(fill.price)
    return replace(trade, quantity=quantity, exit_price=proceeds / float(quantity))


def _one_lot(symbol: str) -> Decimal:
    return exact_decimal(1.0 / instrument_of(symbol).lots_per_unit)
