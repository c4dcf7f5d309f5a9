"""Questions about orders: by id, by client id, and lists of what is open or recent.

Contract: None only for Alpaca's own 404 "order not found"; everything else unclear is UnclearError.
`trees` asks three times, because no single list has every working order: `open` without legs leaves out a
held stop; `open` nested leaves out a bracket whose entry has filled, legs and all; so recent orders of
every status are read too. A bracket is a DAY order: one submitted a week before the newest is dead. The
stop of an older pair is found by `parent_of`, which reads back as far as it must.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ztrade_core.brokers.alpaca.answers import AlpacaStatus, OrderAnswer, parsed
from ztrade_core.brokers.alpaca.client import AlpacaClient, RefusedError, UnclearError
from ztrade_core.brokers.alpaca.foreign import order_of, orders_of
from ztrade_core.brokers.alpaca.refusals import Cause

PAGE = 500
RECENT = timedelta(days=7)
_MAX_PAGES = 200
MAX_REPLACEMENTS = 100
_NO_SUCH_ORDER = "order not found"
_CHANGE_NO_MORE = {
    AlpacaStatus.FILLED,
    AlpacaStatus.CANCELED,
    AlpacaStatus.EXPIRED,
    AlpacaStatus.REJECTED,
    AlpacaStatus.REPLACED,
}
_STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"


class OrderReader:
    """Reads orders; changes nothing."""

    def __init__(self, client: AlpacaClient) -> None:
        self._client = client
        self._over: dict[str, OrderAnswer] = {}
        self._ended: dict[str, OrderAnswer] = {}
        self._parents: dict[str, tuple[datetime, dict[str, OrderAnswer]]] = {}

    def by_client_id(self, client_order_id: str) -> OrderAnswer | None:
        """Return an order without its legs; None when Alpaca has none of that id.

        One that is over and was read with its legs is not asked for again.
        """
        if client_order_id in self._ended:
            return self._ended[client_order_id]
        query = {"client_order_id": client_order_id}
        found = self._one("/orders:by_client_order_id", query, foreign=True)
        if found is not None and found.client_order_id != client_order_id:
            raise UnclearError(f"asked for {client_order_id}, told of another order")
        return found

    def by_id(self, broker_order_id: str, *, foreign: bool = False) -> OrderAnswer | None:
        """Return an order with its legs; None when Alpaca has none of that id.

        One that is over, and its legs with it, changes no more and is asked for once. `foreign`: it may be
        anybody's, so it is read as far as it can be.
        """
        if broker_order_id in self._over:
            return self._over[broker_order_id]
        found = self._one(f"/orders/{broker_order_id}", {"nested": "true"}, foreign=foreign)
        if found is not None and str(found.id) != broker_order_id:
            raise UnclearError(f"asked for {broker_order_id}, told of another order")
        if found is not None:
            self._remember(found)
        return found

    def knows(self, broker_order_id: str) -> bool:
        """Return whether an order is told without asking."""
        return broker_order_id in self._over

    def _remember(self, answer: OrderAnswer) -> None:
        """Keep an order, read with its legs, when none of them changes any more."""
        if any(each.status not in _CHANGE_NO_MORE for each in (answer, *(answer.legs or ()))):
            return
        self._over[str(answer.id)] = answer
        if answer.status is not AlpacaStatus.REPLACED:
            self._ended[answer.client_order_id] = answer

    def history(self, broker_order_ids: set[str]) -> list[OrderAnswer]:
        """Return orders with their legs from the newest back to where all of these are among them."""
        found: list[OrderAnswer] = []
        missing = set(broker_order_ids)
        for order in self._pages({"status": "all", "nested": "true"}, stop_early=False):
            found.append(order)
            missing -= {str(each.id) for each in (order, *(order.legs or ()))}
            if not missing:
                break
        return found

    def parent_of(
        self, symbol: str, broker_order_ids: set[str], submitted_at: datetime
    ) -> OrderAnswer | None:
        """Return the order that has one of these as its leg, however old it is; else None.

        A symbol's history is read once as far as an order of `submitted_at` and older goes.
        """
        newest, parents = self._parents.get(symbol, (None, {}))
        if newest is None or newest < submitted_at:
            parents = {}
            query = {"status": "all", "nested": "true", "symbols": symbol}
            for order in self._pages(query, stop_early=False):
                newest = max(newest or order.submitted_at, order.submitted_at)
                parents |= {str(leg.id): order for leg in order.legs or ()}
            if newest is not None:
                self._parents[symbol] = (newest, parents)
        return next((parents[each] for each in broker_order_ids if each in parents), None)

    def trees(self) -> list[OrderAnswer]:
        """Return what is open and what is recent, each order once, under its parent if it has one."""
        found: dict[str, OrderAnswer] = {}
        for query in (
            {"status": "open", "nested": "false"},
            {"status": "open", "nested": "true"},
            {"status": "all", "nested": "true"},
        ):
            for order in self._pages(query, stop_early=query["status"] == "all"):
                found[str(order.id)] = order  # the later answer is the newer one
        beneath = {str(leg.id) for order in found.values() for leg in order.legs or ()}
        return [order for broker_id, order in found.items() if broker_id not in beneath]

    def _one(self, path: str, query: dict[str, str], *, foreign: bool) -> OrderAnswer | None:
        try:
            answer: Any = self._client.get(path, query)
        except RefusedError as error:
            if error.cause is Cause.NOT_FOUND and error.message.startswith(_NO_SUCH_ORDER):
                return None
            raise
        return order_of(answer) if foreign else parsed(OrderAnswer, answer)

    def _pages(self, query: dict[str, str], *, stop_early: bool) -> Iterator[OrderAnswer]:
        """Yield orders from the newest back; a page that brings nothing new is UnclearError."""
        seen: set[str] = set()
        until: str | None = None
        newest: datetime | None = None
        for _ in range(_MAX_PAGES):
            asked = {**query, "direction": "desc", "limit": str(PAGE)}
            if until is not None:
                asked["until"] = until
            page = orders_of(self._client.get("/orders", asked))
            if query["nested"] == "true":
                for order in page:
                    self._remember(order)
            fresh = [order for order in page if str(order.id) not in seen]
            yield from fresh
            if len(page) < PAGE:
                return
            if not fresh:
                raise UnclearError("the same page of orders came twice")
            seen.update(str(order.id) for order in fresh)
            oldest = min(order.submitted_at for order in page)
            newest = newest or max(order.submitted_at for order in page)
            if stop_early and oldest < newest - RECENT:
                return
            # one microsecond on: `until` is exclusive, and orders may share an instant
            until = (oldest + timedelta(microseconds=1)).strftime(_STAMP)
        raise UnclearError(f"more than {_MAX_PAGES} pages of orders")
