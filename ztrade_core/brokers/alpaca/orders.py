"""Our orders at Alpaca, found by our ids: families of a parent, its legs, and what replaced them.

Contract: an order is shown under the id of our book whatever Alpaca did to it meanwhile. Replacements
are followed to the newest that our book does not know as another order; what the forerunners filled
counts, since each of Alpaca's orders keeps its own fills. None means that Alpaca definitely has none;
an answer that does not add up is UnclearError. Reads only.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ztrade_core.brokers.alpaca.answers import AlpacaStatus, OrderAnswer
from ztrade_core.brokers.alpaca.client import UnclearError
from ztrade_core.brokers.alpaca.completion import (
    Completer,
    at_market_id,
    is_at_market,
    shown,
    unattributed,
)
from ztrade_core.brokers.alpaca.reader import MAX_REPLACEMENTS, OrderReader
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.orders import ORDER_PREFIX, BrokerOrder, OrderRequest, Role, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """An order as we show it, Alpaca's newest answer of it, and since when the first of it is there."""

    order: BrokerOrder
    answer: OrderAnswer
    since: datetime


class Orders:
    """Finds orders; what it learns of legs it keeps in `completer`."""

    def __init__(self, reader: OrderReader, completer: Completer) -> None:
        self._reader = reader
        self._completer = completer
        self._searched: set[str] = set()

    def located(self, client_order_id: str) -> Located | None:
        """Return the order of one of our ids, or of a foreign client id; None: there is none."""
        found = self._reader.by_client_id(client_order_id)
        if found is not None:
            request = self._completer.whole(found)[0][1]
            if request.client_order_id == client_order_id:
                return self._newest(found, request)
        return self._part(client_order_id)

    def open(self) -> list[Located]:
        """Return whatever may still fill, legs included."""
        trees = self.learn()
        index = _index(trees)
        live = {
            str(answer.id): (answer, request)
            for tree in trees
            for answer, request in self._completer.live(tree)
        }
        return [
            Located(
                order=shown(answer, request, self._filled_before(answer, request, index)),
                answer=answer,
                since=answer.submitted_at,
            )
            for answer, request in live.values()
        ]

    def learn(self) -> list[OrderAnswer]:
        """Return what is open or recent as trees, once every order in them has been learned."""
        return self._all_learned(self._reader.trees())

    def recall(self, broker_order_ids: set[str]) -> dict[str, OrderAnswer]:
        """Learn all orders back to the oldest of these; return them by broker id."""
        return _index(self._all_learned(self._reader.history(broker_order_ids)))

    def _all_learned(self, found: list[OrderAnswer]) -> list[OrderAnswer]:
        index = _index(found)
        former: list[OrderAnswer] = []
        for tree in sorted(found, key=lambda tree: tree.replaces is not None):
            former += self._learned(tree, index)
        return [*former, *found]

    def knows(self, answer: OrderAnswer) -> bool:
        """Return whether it is known, without asking, what an order is."""
        return self._completer.knows(answer)

    def attributed(self, answer: OrderAnswer) -> OrderRequest:
        """Return the request of an order that was read by itself; an unattributed one in the end."""
        self._learned(answer, {})
        known = self._completer.known(answer)
        return unattributed(answer) if known is None else known

    def _learned(self, tree: OrderAnswer, index: dict[str, OrderAnswer]) -> list[OrderAnswer]:
        """Learn a tree; return the trees before it that `index` lacks: live legs may hang there."""
        forerunners: list[OrderAnswer] = []
        while tree.replaces is not None and len(forerunners) <= MAX_REPLACEMENTS:
            before = index.get(str(tree.replaces)) or self._reader.by_id(str(tree.replaces))
            if before is None:
                break
            forerunners.append(tree)
            tree = before
        first = tree
        if not self._completer.knows(first):
            self._search([first, *forerunners])
        for each in (first, *reversed(forerunners)):
            self._completer.whole(each)
        before_it = [first, *reversed(forerunners[1:])] if forerunners else []
        return [each for each in before_it if str(each.id) not in index]

    def _search(self, answers: list[OrderAnswer]) -> None:
        """Look for the parent of what may be an old leg of ours, once a process and order."""
        first = answers[0]
        is_stock = instrument_of(first.our_symbol).asset_class is AssetClass.STOCK
        is_leg = first.side is Side.SELL and not first.client_order_id.startswith(ORDER_PREFIX)
        ids = {str(each.id) for each in answers}
        if not (is_stock and is_leg) or ids <= self._searched:
            return
        parent = self._reader.parent_of(first.symbol, ids, first.submitted_at)
        self._searched |= ids
        if parent is not None:
            self._family(parent)

    def _part(self, client_order_id: str) -> Located | None:
        parent_id = self._completer.parent_of(client_order_id)
        if parent_id is None and not self._completer.sends_itself(client_order_id):
            self.learn()  # it may be a leg that nobody has seen yet
            parent_id = self._completer.parent_of(client_order_id)
        found = None if parent_id is None else self._reader.by_client_id(parent_id)
        parent = None if found is None else self._reader.by_id(str(found.id))
        if parent is None:
            return None
        for answer, request in self._family(parent):
            if request.client_order_id == client_order_id:
                return self._newest(answer, request)
        if parent_id == client_order_id:
            raise UnclearError(f"{client_order_id} is a pair whose stop is not shown")
        return None

    def _family(self, parent: OrderAnswer) -> list[tuple[OrderAnswer, OrderRequest]]:
        """Return a parent, what replaced it, and all their legs, forerunners first, and learn them."""
        rows = self._onward(parent)
        members: list[tuple[OrderAnswer, OrderRequest]] = []
        for row in rows:
            for leg in row.legs or ():
                behind = self._back_from(leg)
                members += [(each, self._completer.leg(row, each)) for each in behind]
            members.append(self._completer.whole(row)[0])
        return members

    def _onward(self, answer: OrderAnswer) -> list[OrderAnswer]:
        """Return an order and, in their order, those that replaced it."""
        rows = [answer]
        while rows[-1].status is AlpacaStatus.REPLACED and rows[-1].replaced_by is not None:
            found = self._reader.by_id(str(rows[-1].replaced_by))
            if found is None:
                raise UnclearError(f"{answer.id} was replaced by an order that is not found")
            if len(rows) > MAX_REPLACEMENTS:
                raise UnclearError(f"{answer.id} was replaced more than {MAX_REPLACEMENTS} times")
            rows.append(found)
        return rows

    def _back_from(self, leg: OrderAnswer) -> list[OrderAnswer]:
        """Return a leg and what it replaced, the first of them first."""
        rows = [leg]
        while rows[0].replaces is not None and len(rows) <= MAX_REPLACEMENTS:
            before = self._reader.by_id(str(rows[0].replaces))
            if before is None:
                break
            rows.insert(0, before)
        return rows

    def _newest(self, answer: OrderAnswer, request: OrderRequest) -> Located:
        """Return an order at the end of what replaced it, short of another order of our book."""
        before, newest = Decimal(0), answer
        for following in self._onward(answer)[1:]:
            if self._completer.books(following.client_order_id):
                break
            before += newest.filled_qty
            newest = following
            self._completer.link(newest, request)
        sold = self._rest_of(newest, request)
        if sold is not None:
            before += newest.filled_qty
            newest = sold
        order = shown(newest, request, before)
        return Located(order=order, answer=newest, since=answer.submitted_at)

    def _rest_of(self, answer: OrderAnswer, request: OrderRequest) -> OrderAnswer | None:
        """Return the market sell of what a cancelled exit had left; None when there is none."""
        if answer.status is not AlpacaStatus.CANCELED or request.role is not Role.EXIT:
            return None
        return self._reader.by_client_id(at_market_id(request.client_order_id))

    def _filled_before(
        self, answer: OrderAnswer, request: OrderRequest, index: dict[str, OrderAnswer]
    ) -> Decimal:
        """Return what the forerunners of an order, shown under the same id, had filled."""
        filled = Decimal(0)
        if is_at_market(answer.client_order_id):
            first = self._reader.by_client_id(request.client_order_id)
            rows = [] if first is None else self._onward(first)
            return sum((each.filled_qty for each in rows), filled)
        for _ in range(MAX_REPLACEMENTS):
            if answer.replaces is None or self._completer.books(answer.client_order_id):
                break
            before = index.get(str(answer.replaces)) or self._reader.by_id(str(answer.replaces))
            known = None if before is None else self._completer.known(before)
            if before is None or known is None or known.client_order_id != request.client_order_id:
                break
            filled += before.filled_qty
            answer = before
        return filled


def _index(trees: list[OrderAnswer]) -> dict[str, OrderAnswer]:
    return {str(each.id): each for tree in trees for each in (tree, *(tree.legs or ()))}
