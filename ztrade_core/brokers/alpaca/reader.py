"""Questions about orders: by id, by client id, and lists of what is open or recent.

Contract: None only for Alpaca's own 404 "order not found"; everything else unclear is UnclearError.
`trees` asks three times, because no single list has every working order: `open` without legs leaves out a
held stop; `open` nested leaves out a bracket whose entry has filled, legs and all; so recent orders of
every status are read too. A bracket is a DAY order: one submitted a week before the newest is dead.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from ztrade_core.brokers.alpaca.answers import AlpacaStatus, OrderAnswer, parsed, parsed_list
from ztrade_core.brokers.alpaca.client import AlpacaClient, RefusedError, UnclearError

PAGE = 500
RECENT = timedelta(days=7)
_MAX_PAGES = 200
_MAX_REPLACEMENTS = 20
_NOT_FOUND = 404
_NO_SUCH_ORDER = "order not found"
_STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"


class OrderReader:
    """Reads orders; changes nothing."""

    def __init__(self, client: AlpacaClient) -> None:
        self._client = client

    def by_client_id(self, client_order_id: str) -> OrderAnswer | None:
        """Return an order without its legs; None when Alpaca has none of that id."""
        query = {"client_order_id": client_order_id}
        found = self._one("/orders:by_client_order_id", query)
        if found is not None and found.client_order_id != client_order_id:
            raise UnclearError(f"asked for {client_order_id}, told of another order")
        return found

    def by_id(self, broker_order_id: str) -> OrderAnswer | None:
        """Return an order with its legs; None when Alpaca has none of that id."""
        found = self._one(f"/orders/{broker_order_id}", {"nested": "true"})
        if found is not None and str(found.id) != broker_order_id:
            raise UnclearError(f"asked for {broker_order_id}, told of another order")
        return found

    def newest(self, order: OrderAnswer) -> OrderAnswer:
        """Return what an order was replaced by, in the end; itself when it was not.

        Alpaca replaces a stop leg when it triggers, and an order that is changed.
        """
        first = order.id
        for _ in range(_MAX_REPLACEMENTS):
            if order.status is not AlpacaStatus.REPLACED or order.replaced_by is None:
                return order
            found = self.by_id(str(order.replaced_by))
            if found is None:
                raise UnclearError(f"{order.id} was replaced by an order that is not found")
            order = found.model_copy(update={"replaces": first})
        raise UnclearError(f"{first} was replaced more than {_MAX_REPLACEMENTS} times")

    def original(self, order: OrderAnswer, is_known: Callable[[OrderAnswer], bool]) -> OrderAnswer:
        """Return the first order back along the replacements that `is_known`, else the very first."""
        for _ in range(_MAX_REPLACEMENTS):
            if is_known(order) or order.replaces is None:
                return order
            found = self.by_id(str(order.replaces))
            if found is None:
                return order
            order = found
        raise UnclearError(f"{order.id} has more than {_MAX_REPLACEMENTS} orders before it")

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

    def _one(self, path: str, query: dict[str, str]) -> OrderAnswer | None:
        try:
            answer: Any = self._client.get(path, query)
        except RefusedError as error:
            if error.status == _NOT_FOUND and error.message.startswith(_NO_SUCH_ORDER):
                return None
            raise
        return parsed(OrderAnswer, answer)

    def _pages(self, query: dict[str, str], *, stop_early: bool) -> Iterator[OrderAnswer]:
        """Yield orders from the newest back; a page that brings nothing new is UnclearError."""
        seen: set[str] = set()
        until: str | None = None
        newest: datetime | None = None
        for _ in range(_MAX_PAGES):
            asked = {**query, "direction": "desc", "limit": str(PAGE)}
            if until is not None:
                asked["until"] = until
            page = parsed_list(OrderAnswer, self._client.get("/orders", asked))
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
