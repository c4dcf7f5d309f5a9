"""Orders and fills in memory. Lists are kept in order as they grow; nothing scans history."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from typing_extensions import override

from ztrade_core.domain.orders import Fill, Order, OrderStatus, Role
from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Orders
from ztrade_core.store.journal import Journal

_Place = tuple[datetime, int, str]


@dataclass(slots=True)
class _Book:
    """One epoch of one account: order ids and fills in order of time, then of arrival."""

    working: dict[str, None] = field(default_factory=dict)
    orders: list[_Place] = field(default_factory=list)
    entries: dict[str, list[_Place]] = field(default_factory=lambda: defaultdict(list))
    fill_ids: set[str] = field(default_factory=set)
    fills: list[tuple[datetime, int, Fill]] = field(default_factory=list)
    fills_by_position: dict[str, list[tuple[datetime, int, Fill]]] = field(
        default_factory=lambda: defaultdict(list)
    )


class MemoryOrders(Orders):
    """Orders and fills. An update may change what is known of an order, not whose it is."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._orders: dict[str, Order] = {}
        self._arrivals = 0
        self._books: dict[tuple[str, int], _Book] = defaultdict(_Book)
        self._by_position: dict[str, list[_Place]] = defaultdict(list)
        self._by_decision: dict[str, list[_Place]] = defaultdict(list)

    @override
    def get(self, client_order_id: str) -> Order | None:
        return self._orders.get(client_order_id)

    @override
    def at_broker(self, broker_order_id: str) -> Order | None:
        found = (one for one in self._orders.values() if one.broker_order_id == broker_order_id)
        return max(found, key=lambda order: order.created_at, default=None)

    @override
    def insert(self, order: Order) -> None:
        order_id = order.request.client_order_id
        if order_id in self._orders:
            raise StoreError(f"order {order_id} exists already")
        self._arrivals += 1
        place = (order.created_at, self._arrivals, order_id)
        self._journal.note(lambda: self._take_order_back(order, place))
        for places in self._lists_of(order):
            insort(places, place)
        self._set(order)

    @override
    def update(self, order: Order) -> None:
        former = self._orders.get(order.request.client_order_id)
        if former is None:
            raise StoreError(f"order {order.request.client_order_id} does not exist")
        self._journal.note(lambda: self._set(former))
        self._set(order)

    @override
    def working(self, account: str, account_epoch: int) -> list[Order]:
        orders = [self._orders[i] for i in self._book(account, account_epoch).working]
        return sorted(orders, key=lambda order: order.created_at)

    @override
    def of_position(self, position_id: str) -> list[Order]:
        return [self._orders[i] for _, _, i in self._by_position.get(position_id, [])]

    @override
    def of_decision(self, decision_id: str) -> list[Order]:
        return [self._orders[i] for _, _, i in self._by_decision.get(decision_id, [])]

    @override
    def recent(self, account: str, account_epoch: int, limit: int = 50) -> list[Order]:
        newest = islice(reversed(self._book(account, account_epoch).orders), limit)
        return [self._orders[i] for _, _, i in newest]

    @override
    def entries_since(
        self, account: str, account_epoch: int, agent_id: str, since: datetime
    ) -> int:
        entries = self._book(account, account_epoch).entries.get(agent_id, [])
        first = bisect_left(entries, (since, 0, ""))
        return sum(_counts(self._orders[i]) for _, _, i in islice(entries, first, None))

    @override
    def entries(self, account: str, account_epoch: int, *, since: datetime) -> list[Order]:
        found: list[_Place] = []
        for places in self._book(account, account_epoch).entries.values():
            found += places[bisect_left(places, (since, 0, "")) :]
        return [self._orders[i] for _, _, i in sorted(found)]

    @override
    def newest_entries(
        self, account: str, account_epoch: int, agent_id: str, limit: int
    ) -> list[Order]:
        places = self._book(account, account_epoch).entries.get(agent_id, [])
        return [self._orders[i] for _, _, i in islice(reversed(places), limit)]

    @override
    def add_fill(self, account: str, account_epoch: int, fill: Fill) -> bool:
        book = self._books[account, account_epoch]
        if fill.fill_id in book.fill_ids:
            return False
        self._arrivals += 1
        entry = (fill.known_at, self._arrivals, fill)
        self._journal.note(lambda: _take_fill_back(book, entry))
        book.fill_ids.add(fill.fill_id)
        insort(book.fills, entry)
        insort(book.fills_by_position[fill.position_id], entry)
        return True

    @override
    def fills(
        self,
        account: str,
        account_epoch: int,
        *,
        position_id: str | None = None,
        since: datetime | None = None,
    ) -> list[Fill]:
        book = self._book(account, account_epoch)
        entries = book.fills if position_id is None else book.fills_by_position.get(position_id, [])
        first = 0 if since is None else bisect_right(entries, since, key=lambda entry: entry[0])
        return [fill for _, _, fill in entries[first:]]

    @override
    def last_fill_known_at(self, account: str, account_epoch: int) -> datetime | None:
        fills = self._book(account, account_epoch).fills
        return fills[-1][0] if fills else None

    def _book(self, account: str, account_epoch: int) -> _Book:
        return self._books.get((account, account_epoch)) or _Book()

    def _set(self, order: Order) -> None:
        order_id = order.request.client_order_id
        self._orders[order_id] = order
        working = self._books[order.account, order.account_epoch].working
        if order.is_working:
            working[order_id] = None
        else:
            working.pop(order_id, None)

    def _lists_of(self, order: Order) -> list[list[_Place]]:
        book = self._books[order.account, order.account_epoch]
        lists = [book.orders, self._by_position[order.request.position_id]]
        if order.decision_id is not None:
            lists.append(self._by_decision[order.decision_id])
        if order.request.role is Role.ENTRY:
            lists.append(book.entries[order.request.agent_id])
        return lists

    def _take_order_back(self, order: Order, place: _Place) -> None:
        for places in self._lists_of(order):
            del places[bisect_left(places, place)]
        self._books[order.account, order.account_epoch].working.pop(place[2], None)
        del self._orders[place[2]]


def _take_fill_back(book: _Book, entry: tuple[datetime, int, Fill]) -> None:
    fill = entry[2]
    book.fill_ids.discard(fill.fill_id)
    for entries in (book.fills, book.fills_by_position[fill.position_id]):
        del entries[bisect_left(entries, entry)]


def _counts(order: Order) -> bool:
    return order.is_working or order.status is OrderStatus.FILLED or order.filled_quantity > 0
