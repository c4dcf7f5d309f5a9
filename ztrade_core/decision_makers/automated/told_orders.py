"""The agent's own open orders, in words: one line each, the oldest first, a bounded number."""

from ztrade_core.decision_makers.automated.told_market import money
from ztrade_core.domain.orders import OrderType
from ztrade_core.domain.snapshots import MarketSnapshot, OpenOrder
from ztrade_core.domain.time import NEW_YORK

MOST_ORDERS = 10


def pending_told(snapshot: MarketSnapshot) -> str:
    """Return whether an entry still waits at the broker, and every open order where there are any."""
    text = "No entry of yours is open at the broker."
    if snapshot.entry_pending:
        text = "An entry of yours is still open at the broker: a second buy is denied."
    orders = snapshot.open_orders
    if not orders:
        return text
    lines = [f"- {order_told(order, snapshot.symbol)}" for order in orders[:MOST_ORDERS]]
    left = len(orders) - len(lines)
    more = [f"- and {left} more"] if left else []
    return "\n".join((f"{text} Your open orders, the oldest first:", "", *lines, *more))


def order_told(order: OpenOrder, symbol: str) -> str:
    """Return one order: what it does, at which price, how much of it is done, and since when."""
    since = order.created_at.astimezone(NEW_YORK)
    return (
        f"{order.role.value}: {order.side.value} {order.quantity:.8g} {symbol} {_at(order)}{_with(order)};"
        f" {order.filled_quantity:.8g} filled; since {since:%a %d %b %H:%M} in New York"
    )


def _at(order: OpenOrder) -> str:
    if order.type is OrderType.STOP and order.stop_price is not None:
        return f"when the price touches {money(order.stop_price)}"
    if order.type is OrderType.LIMIT and order.limit_price is not None:
        return f"at {money(order.limit_price)} or better"
    return "at the market"


def _with(order: OpenOrder) -> str:
    """Return what comes with it: the target of a pair, or an entry's stop and target."""
    target = None if order.target_price is None else money(order.target_price)
    if order.type is OrderType.STOP:
        return "" if target is None else f", or at {target} or better, one cancelling the other"
    stop = None if order.stop_price is None else money(order.stop_price)
    legs = [f"a {name} at {at}" for name, at in (("stop", stop), ("target", target)) if at]
    return f", then {' and '.join(legs)}" if legs else ""
