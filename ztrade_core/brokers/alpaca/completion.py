"""From Alpaca's order to ours: what the broker does not return comes from our own book.

Alpaca knows nothing of agent, role, position or decided bar, and gives bracket legs ids of its own. So:
- an order whose client id our book knows (`requests`) is completed from there; it must agree on symbol
  and side, else it is an answer not understood. Its quantity is the broker's.
- a leg is told by its parent: the parent's request names the ids its legs shall have, and a leg is
  shown under that id. A pair (OCO) is turned round: Alpaca's parent is the limit and carries our stop's
  id; it is shown as the target under `target_order_id`, its leg as the stop under our stop's id. A target
  shown so has its stop's id as `stop_order_id`: whoever books it can find the pair again.
- an order that replaced another is shown under the former's id, unless its own client id is in our
  book: then it is that order (an exit made of a target). Links are remembered by the broker's ids for as
  long as the process lives; they can always be learned again.
- anything else is unattributed: shown under the broker's own client id, with no agent; a buy as an entry, a
  sell as an exit. Reconciliation reports it as foreign, or adopts it when it has our prefix.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from ztrade_core.brokers.alpaca.answers import AlpacaStatus, OrderAnswer
from ztrade_core.brokers.alpaca.client import UnclearError
from ztrade_core.brokers.alpaca.forms import is_pair
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
_AT_MARKET = "-at-market"
_STOP_TYPES = frozenset({"stop", "stop_limit", "trailing_stop"})
_ENDED = {
    AlpacaStatus.FILLED: OrderStatus.FILLED,
    AlpacaStatus.CANCELED: OrderStatus.CANCELED,
    AlpacaStatus.REPLACED: OrderStatus.CANCELED,
    AlpacaStatus.EXPIRED: OrderStatus.EXPIRED,
    AlpacaStatus.REJECTED: OrderStatus.REJECTED,
}


def at_market_id(client_order_id: str) -> str:
    """Return the id under which the rest of an exit that rested is sold at market."""
    return client_order_id + _AT_MARKET


def is_at_market(client_order_id: str) -> bool:
    """Return whether an id is that of the rest of an exit, sold at market."""
    return client_order_id.endswith(_AT_MARKET)


class Completer:
    """Completes orders from our book, and remembers which broker order is which of ours."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._links: dict[str, OrderRequest] = {}
        self._owners: dict[str, OrderRequest] = {}
        self._parents: dict[str, str] = {}

    def whole(self, answer: OrderAnswer) -> list[tuple[OrderAnswer, OrderRequest]]:
        """Return an order and its legs, each with its request, and learn which is which."""
        own = self.known(answer)
        self._learn(answer, own)
        self._owner(answer)
        legs = [(leg, self.leg(answer, leg)) for leg in answer.legs or ()]
        return [(answer, unattributed(answer) if own is None else own), *legs]

    def live(self, answer: OrderAnswer) -> list[tuple[OrderAnswer, OrderRequest]]:
        """Return what of an order and its legs may still fill.

        A leg held back until its entry has filled completely cannot, so it protects nothing yet; a stop
        held beside its target can.
        """
        waits = answer.status is not AlpacaStatus.FILLED
        held = {
            str(leg.id)
            for leg in answer.legs or ()
            if waits and leg.status is AlpacaStatus.HELD and leg.side is not answer.side
        }
        return [
            (each, request)
            for each, request in self.whole(answer)
            if order_status(each) not in TERMINAL and str(each.id) not in held
        ]

    def known(self, answer: OrderAnswer) -> OrderRequest | None:
        """Return the request that our book, or a link that was learned, has for an order."""
        booked = self._booked(answer)
        if booked is not None:
            return booked
        for broker_id in (answer.id, answer.replaces):
            if str(broker_id) in self._links:
                return self._links[str(broker_id)]
        return None

    def knows(self, answer: OrderAnswer) -> bool:
        """Return whether our book, or a link that was learned, tells what an order is."""
        return self.known(answer) is not None

    def link(self, answer: OrderAnswer, request: OrderRequest) -> None:
        """Remember that an order is the one of a request."""
        self._links[str(answer.id)] = request

    def books(self, client_order_id: str) -> bool:
        """Return whether our book has an order of that id."""
        return self._requests(client_order_id) is not None

    def sends_itself(self, client_order_id: str) -> bool:
        """Return whether our book has that order as one that is sent, and not as another's leg."""
        request = self._requests(client_order_id)
        return request is not None and request.role is not Role.TARGET and not is_pair(request)

    def parent_of(self, client_order_id: str) -> str | None:
        """Return the client id, at Alpaca, of the order that has this one as its part; else None.

        A pair's stop and target are both parts of the order that carries the stop's id.
        """
        if client_order_id in self._parents:
            return self._parents[client_order_id]
        own = self._requests(client_order_id)
        if own is None:
            return None
        if is_pair(own):
            return client_order_id
        if own.role is Role.TARGET and own.stop_order_id is not None:
            return own.stop_order_id
        entry = self._requests(own.position_id)
        if entry is not None and client_order_id in {entry.stop_order_id, entry.target_order_id}:
            return entry.client_order_id
        return None

    def leg(self, parent: OrderAnswer, leg: OrderAnswer) -> OrderRequest:
        """Return the request of a leg, and learn it; an unattributed one when nothing explains it."""
        known, owner = self.known(leg), self._owner(parent)
        if owner is not None:
            self._owners[str(leg.id)] = owner
        if known is None and owner is not None:
            known = leg_request(owner, leg)
            if known is not None:
                self._parents[known.client_order_id] = owner.client_order_id
        self._learn(leg, known)
        return unattributed(leg) if known is None else known

    def _learn(self, answer: OrderAnswer, request: OrderRequest | None) -> None:
        if request is not None:
            self._links[str(answer.id)] = request

    def _booked(self, answer: OrderAnswer) -> OrderRequest | None:
        request = self._requests(answer.client_order_id.removesuffix(_AT_MARKET))
        if request is None:
            return None
        if request.symbol != answer.our_symbol or request.side is not answer.side:
            raise UnclearError(f"{answer.client_order_id} is another order at the broker")
        target = leg_request(request, answer) if is_pair(request) else None
        if target is None:
            return request
        self._parents[target.client_order_id] = request.client_order_id
        return target

    def _owner(self, answer: OrderAnswer) -> OrderRequest | None:
        """Return the request that names the ids of an order's legs: an entry's, or a pair's.

        What replaced such an order, or a leg of one, has the same owner: Alpaca may show legs anywhere.
        """
        request = self._requests(answer.client_order_id)
        if request is None or not (request.role is Role.ENTRY or is_pair(request)):
            request = self._owners.get(str(answer.id)) or self._owners.get(str(answer.replaces))
        if request is not None:
            self._owners[str(answer.id)] = request
        return request


def leg_request(owner: OrderRequest, leg: OrderAnswer) -> OrderRequest | None:
    """Return the request of an entry's or a pair's leg; None when the owner names no such leg."""
    role = Role.STOP if leg.type in _STOP_TYPES else Role.TARGET
    if is_pair(owner) and role is Role.STOP:
        return owner
    leg_id = owner.stop_order_id if role is Role.STOP else owner.target_order_id
    if leg_id is None or leg.side is not Side.SELL:
        return None
    return OrderRequest(
        client_order_id=leg_id,
        agent_id=owner.agent_id,
        symbol=owner.symbol,
        timeframe=owner.timeframe,
        role=role,
        side=Side.SELL,
        type=OrderType.STOP if role is Role.STOP else OrderType.LIMIT,
        quantity=leg.qty or owner.quantity,
        position_id=owner.position_id,
        decided_bar=owner.decided_bar,
        limit_price=leg.limit_price if role is Role.TARGET else None,
        stop_price=leg.stop_price if role is Role.STOP else None,
        stop_order_id=owner.client_order_id if is_pair(owner) else None,
    )


def shown(
    answer: OrderAnswer, request: OrderRequest, filled_before: Decimal = Decimal(0)
) -> BrokerOrder:
    """Return an order as we show it; `filled_before` is what its forerunners had filled."""
    if answer.qty is not None and answer.qty + filled_before != request.quantity:
        request = replace(request, quantity=answer.qty + filled_before)
    filled = answer.filled_qty + filled_before
    status = order_status(answer)
    if status is OrderStatus.ACCEPTED and filled > 0:
        status = OrderStatus.PARTIALLY_FILLED
    is_leg = request.role in {Role.STOP, Role.TARGET}
    return BrokerOrder(
        broker_order_id=str(answer.id),
        request=request,
        status=status,
        filled_quantity=filled,
        updated_at=answer.updated_at,
        reason=_reason(answer),
        ends_with_session=is_leg and answer.time_in_force == "day" and status not in TERMINAL,
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
