"""From Alpaca's order to ours: what the broker does not return comes from our own book.

Alpaca knows nothing of agent, role, position or decided bar, and gives bracket legs ids of its own. So:
- an order whose client id our book knows (`requests`) is completed from there; it must agree on symbol
  and side, else it is an answer not understood. Its quantity is the broker's.
- a leg is told by its parent: the parent's request names the ids its legs shall have, and a leg is
  shown under that id. A leg that Alpaca replaced keeps it (`replaces`). Links are remembered by the
  broker's ids for as long as the process lives; they can always be learned again from the parent.
- anything else is unattributed: shown under the broker's own client id, with no agent; a buy as an entry, a
  sell as an exit. Reconciliation reports it as foreign, or adopts it when it has our prefix.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from ztrade_core.brokers.alpaca.answers import AlpacaStatus, OrderAnswer
from ztrade_core.brokers.alpaca.client import UnclearError
from ztrade_core.domain.orders import (
    TERMINAL,
    BrokerOrder,
    OrderRequest,
    OrderStatus,
    OrderType,
    Role,
    Side,
)
from ztrade_core.domain.time import Timeframe

Requests = Callable[[str], OrderRequest | None]
"""Our book: the request of a client order id, None when the book has none."""

UNATTRIBUTED_AGENT = ""
_STOP_TYPES = frozenset({"stop", "stop_limit", "trailing_stop"})
_ENDED = {
    AlpacaStatus.FILLED: OrderStatus.FILLED,
    AlpacaStatus.CANCELED: OrderStatus.CANCELED,
    AlpacaStatus.REPLACED: OrderStatus.CANCELED,
    AlpacaStatus.EXPIRED: OrderStatus.EXPIRED,
    AlpacaStatus.REJECTED: OrderStatus.REJECTED,
}


class Completer:
    """Completes orders from our book, and remembers which broker order is which of our legs."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._legs: dict[str, OrderRequest] = {}
        self._entries: dict[str, str] = {}

    def whole(self, answer: OrderAnswer, request: OrderRequest | None = None) -> list[BrokerOrder]:
        """Return an order and its legs, and learn which leg is which; `request` where it is known."""
        parent = self._known(answer) if request is None else request
        if parent is None:
            parent = unattributed(answer)
        legs = answer.legs or ()
        shown = [_shown(leg, self._leg_request(answer, parent, leg)) for leg in legs]
        return [_shown(answer, parent), *shown]

    def live(self, answer: OrderAnswer) -> list[BrokerOrder]:
        """Return what of an order and its legs may still fill.

        A leg held back until its entry has filled completely cannot, so it protects nothing yet.
        """
        waiting = answer.status is not AlpacaStatus.FILLED
        held = {
            str(leg.id) for leg in answer.legs or () if waiting and leg.status is AlpacaStatus.HELD
        }
        return [
            order
            for order in self.whole(answer)
            if order.status not in TERMINAL and order.broker_order_id not in held
        ]

    def knows(self, answer: OrderAnswer) -> bool:
        """Return whether our book, or a link that was learned, tells what an order is."""
        return self._known(answer) is not None

    def books(self, client_order_id: str) -> bool:
        """Return whether our book has that order itself."""
        return self._requests(client_order_id) is not None

    def entry_of(self, leg_id: str) -> str | None:
        """Return the client id of the entry whose leg has that id; None when there is none."""
        if leg_id in self._entries:
            return self._entries[leg_id]
        leg = self._requests(leg_id)
        entry = None if leg is None else self._requests(leg.position_id)
        if entry is not None and leg_id in {entry.stop_order_id, entry.target_order_id}:
            return entry.client_order_id
        return None

    def _known(self, answer: OrderAnswer) -> OrderRequest | None:
        broker_ids = [str(answer.id)] + ([] if answer.replaces is None else [str(answer.replaces)])
        for broker_id in broker_ids:
            if broker_id in self._legs:
                self._legs[str(answer.id)] = self._legs[broker_id]
                return self._legs[broker_id]
        request = self._requests(answer.client_order_id)
        if request is None:
            return None
        if request.symbol != answer.our_symbol or request.side is not answer.side:
            raise UnclearError(f"{answer.client_order_id} is another order at the broker")
        return request

    def _leg_request(
        self, parent: OrderAnswer, entry: OrderRequest, leg: OrderAnswer
    ) -> OrderRequest:
        known = self._known(leg)
        if known is not None:
            return known
        role = Role.STOP if leg.type in _STOP_TYPES else Role.TARGET
        leg_id = entry.stop_order_id if role is Role.STOP else entry.target_order_id
        if leg_id is None or entry.role is not Role.ENTRY or leg.side is not Side.SELL:
            return unattributed(leg)
        request = OrderRequest(
            client_order_id=leg_id,
            agent_id=entry.agent_id,
            symbol=entry.symbol,
            timeframe=entry.timeframe,
            role=role,
            side=Side.SELL,
            type=OrderType.STOP if role is Role.STOP else OrderType.LIMIT,
            quantity=leg.qty or entry.quantity,
            position_id=entry.position_id,
            decided_bar=entry.decided_bar,
            limit_price=leg.limit_price if role is Role.TARGET else None,
            stop_price=leg.stop_price if role is Role.STOP else None,
        )
        self._legs[str(leg.id)] = request
        self._entries[leg_id] = parent.client_order_id
        return request


def _shown(answer: OrderAnswer, request: OrderRequest) -> BrokerOrder:
    if answer.qty is not None and answer.qty != request.quantity:
        request = replace(request, quantity=answer.qty)
    return BrokerOrder(
        broker_order_id=str(answer.id),
        request=request,
        status=order_status(answer),
        filled_quantity=answer.filled_qty,
        updated_at=answer.updated_at,
        reason=_reason(answer),
    )


def order_status(answer: OrderAnswer) -> OrderStatus:
    """Return where an order stands in our words; what may still fill is working."""
    ended = _ENDED.get(answer.status)
    if ended is not None:
        return ended
    return OrderStatus.PARTIALLY_FILLED if answer.filled_qty > 0 else OrderStatus.ACCEPTED


def _reason(answer: OrderAnswer) -> str:
    if answer.status is AlpacaStatus.REPLACED:
        return f"replaced by {answer.replaced_by}"
    return "rejected after it was accepted" if answer.status is AlpacaStatus.REJECTED else ""


def unattributed(answer: OrderAnswer) -> OrderRequest:
    """Return the request of an order that our book does not explain."""
    types = {"market": OrderType.MARKET, "limit": OrderType.LIMIT}
    return OrderRequest(
        client_order_id=answer.client_order_id,
        agent_id=UNATTRIBUTED_AGENT,
        symbol=answer.our_symbol,
        timeframe=Timeframe.D1,
        role=Role.ENTRY if answer.side is Side.BUY else Role.EXIT,
        side=answer.side,
        type=types.get(answer.type, OrderType.STOP),
        quantity=answer.qty or Decimal(0),
        position_id=answer.client_order_id,
        decided_bar=answer.submitted_at,
        limit_price=answer.limit_price,
        stop_price=answer.stop_price,
    )
