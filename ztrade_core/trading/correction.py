"""What a person sold past us: our book is brought down to what the broker holds, in their name.

Only `resume` of the company does this. Each correction is kept as an exit of our book, filled, under who
and why: the position is reduced or closed as by any sale, and a trade that it closes has left by `PERSON`.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.accounts import StoredPosition
from ztrade_core.domain.instruments import exact_decimal
from ztrade_core.domain.orders import (
    ORDER_PREFIX,
    Fill,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Role,
    Side,
    leg_order_id,
)
from ztrade_core.domain.rebasing import on_new_scale
from ztrade_core.logs import get_logger
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.bookkeeping import book_fill, whole_trade
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.intents import lot_of
from ztrade_core.trading.marking import marks_of
from ztrade_core.trading.reconciliation import reconcile
from ztrade_core.trading.settling import is_settling

PERSON = "person"
log = get_logger(__name__)


def accept_sales(desk: TradingDesk, *, who: str, why: str, at: datetime) -> tuple[str, ...]:
    """Reduce positions of which an exchange holds less than our book; return what was done.

    Left alone: a symbol that an order of ours works in, or that was filled moments ago. Does nothing at
    a simulated account. Raises TransientBrokerError when the broker cannot be asked.
    """
    if not desk.broker.is_external:
        return ()
    reconcile(desk, at)
    epoch, marks = desk.broker.epoch(), marks_of(desk, desk.market.view(at))
    working = {
        order.request.symbol for order in desk.broker.open_orders() if _is_ours(order.request)
    }
    held = desk.broker.positions()
    done = []
    with desk.store.locked() as uow:
        working |= {order.request.symbol for order in uow.orders.working(desk.account, epoch)}
        positions = uow.positions.all(desk.account, epoch)
        for symbol in sorted({position.symbol for position in positions} - working):
            ours = [position for position in positions if position.symbol == symbol]
            over = sum((p.quantity for p in ours), Decimal(0)) - exact_decimal(
                held.get(symbol, 0.0)
            )
            if over < lot_of(symbol) or is_settling(desk, uow, epoch, symbol, at):
                continue
            for position in ours:
                quantity = min(over, position.quantity)
                if quantity > 0:
                    price = _price(uow, position, marks.get(symbol, position.average_price))
                    _sell(uow, position, quantity, price, f"{PERSON} {who}: {why}", at)
                    done.append(f"{symbol}: {float(quantity):g} sold by a person at {price}")
                over -= quantity
    for text in done:
        log.warning("sale_accepted", account=desk.account, who=who, why=why, sale=text)
    return tuple(done)


def _is_ours(request: OrderRequest) -> bool:
    return request.client_order_id.startswith(ORDER_PREFIX)


def _price(uow: UnitOfWork, position: StoredPosition, mark: float) -> Decimal:
    """Return the price of the last foreign sale since the position was opened, else the mark."""
    fills = uow.orders.fills(position.account, position.account_epoch)
    theirs = [
        fill.price
        for fill in fills
        if fill.symbol == position.symbol
        and fill.side is Side.SELL
        and not fill.client_order_id.startswith(ORDER_PREFIX)
        and fill.filled_at >= position.opened_at
    ]
    return theirs[-1] if theirs else exact_decimal(mark)


def _sell(
    uow: UnitOfWork,
    position: StoredPosition,
    quantity: Decimal,
    price: Decimal,
    reason: str,
    at: datetime,
) -> None:
    """Book a sale as an exit that has filled, and close or reduce the position by it."""
    account, epoch = position.account, position.account_epoch
    order = _order(uow, position, quantity, reason, at)
    request = order.request
    fill = Fill(
        fill_id=f"{PERSON}-{request.client_order_id}",
        client_order_id=request.client_order_id,
        agent_id=position.agent_id,
        position_id=position.position_id,
        symbol=position.symbol,
        side=Side.SELL,
        role=Role.EXIT,
        quantity=quantity,
        price=price,
        fee_usd=Decimal(0),
        fee_quantity=Decimal(0),
        filled_at=at,
        # The broker is asked for what became known after the newest: this one is not of its telling.
        known_at=uow.orders.last_fill_known_at(account, epoch) or at,
    )
    uow.orders.insert(order)
    uow.orders.add_fill(account, epoch, fill)
    booked = book_fill(account, epoch, position, fill, request)
    if booked.position is None:
        uow.positions.remove(account, epoch, position.agent_id)
    else:
        uow.positions.put(booked.position)
    if booked.trade is not None:
        fills = uow.orders.fills(account, epoch, position_id=position.position_id)
        rows = uow.rebasings.of_position(account, epoch, position.position_id)
        trade = whole_trade(booked.trade, on_new_scale(fills, rows))
        uow.positions.add_trade(replace(trade, exit_role=PERSON))


def _order(
    uow: UnitOfWork, position: StoredPosition, quantity: Decimal, reason: str, at: datetime
) -> Order:
    account, epoch = position.account, position.account_epoch
    sequence = 1 + len(uow.orders.of_position(position.position_id))
    while True:
        order_id = leg_order_id(account, epoch, position.position_id, Role.EXIT, sequence)
        if uow.orders.get(order_id) is None:
            break
        sequence += 1
    request = OrderRequest(
        client_order_id=order_id,
        agent_id=position.agent_id,
        symbol=position.symbol,
        timeframe=position.timeframe,
        role=Role.EXIT,
        side=Side.SELL,
        type=OrderType.MARKET,
        quantity=quantity,
        position_id=position.position_id,
        decided_bar=at,
    )
    return Order(
        request=request,
        account=account,
        account_epoch=epoch,
        decision_id=None,
        status=OrderStatus.FILLED,
        created_at=at,
        updated_at=at,
        broker_order_id=PERSON,
        filled_quantity=quantity,
        reason=reason,
    )
