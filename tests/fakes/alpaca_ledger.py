"""A fake Alpaca account that takes orders, changes and cancels as the real one does. It is the judge.

It follows what facts/broker.md and public threads say of the real one: a taken client id is refused for
ever; legs get ids of their own; a bracket's legs are held until the entry has filled wholly; cancelling one
of a group cancels the rest; a coin buy pays 25 bps in the coin. What goes wrong on demand:
- `slow_cancel = n`: a cancelled order is `pending_cancel` for the next n requests that look at it.
- `late = n`: the next order is carried out and answered with 504; n look-ups by client id find nothing.
- `refuse = [Refuse(...)]`: definite refusals, once for each of their `times`.
- `may_short` (as it is): a sell of stock above the holding, where no open sell reserves it, is taken and makes
  the holding negative, a violation; False refuses it. `no_shorting` is only what the account says of itself.
- `unlisted`: symbols that Alpaca does not know; it knows all others.
Every public method may be called from any thread; `with ledger.lock:` joins several calls.
"""

from decimal import Decimal
from typing import Any
from uuid import uuid5

from tests.fakes.alpaca_control import controlled
from tests.fakes.alpaca_exchange import AlpacaExchange
from tests.fakes.alpaca_orders import ENDED, NAMESPACE, FakeOrder, Pair, RefusalError, is_coin
from tests.fakes.alpaca_refusals import (
    LATER_REJECTED,
    Refuse,
    refuse_cost,
    refuse_form,
    refuse_price,
    refuse_quantity,
    refuse_replacement,
    refuse_wash,
    role_of,
)

__all__ = ["ENDED", "NAMESPACE", "AlpacaLedger", "FakeOrder", "RefusalError", "Refuse"]
PENDING = "pending_cancel"


class AlpacaLedger(AlpacaExchange):
    """The account; see the module. `repeated` has client ids posted again without a look-up between."""

    def __init__(self, *, account_number: str = "PA3FAKE00001", cash: str = "100000") -> None:
        super().__init__(account_number=account_number, cash=cash)
        self.slow_cancel = 0
        self.late = 0
        self.unlisted = {"NONE"}
        self.may_short = True
        self.no_shorting = True
        self.refuse: list[Refuse | tuple[Any, ...]] = []
        self.repeated: list[str] = []
        self._bodies: dict[str, dict[str, Any]] = {}
        self._looked_up: set[str] = set()
        self._doomed: set[str] = set()

    @controlled
    def accept(self, body: dict[str, Any]) -> FakeOrder:
        """Take an order and match it."""
        order = self.place(body)
        self.settle(order)
        return order

    @controlled
    def place(self, body: dict[str, Any]) -> FakeOrder:
        """Take an order, or refuse it; `settle` brings it to the exchange."""
        client_order_id = body.get("client_order_id")
        if not client_order_id:
            client_order_id = f"theirs-{len(self._by_id)}"
            self.violations.append(f"an order without client_order_id: {body}")
        self._note_post(client_order_id, body)
        self._refuse_taken(client_order_id)
        doomed = self._refuse_on_demand(role_of(body), body)
        self._refuse(body)
        order = self._new(body, client_order_id, "accepted")
        self._add_legs(order, body)
        self.orders.append(order)
        self.accepted[client_order_id] += 1
        if doomed:
            self._doomed.add(order.id)
        if self.late:
            self.unseen[client_order_id], self.late = self.late, 0
        return order

    def _note_post(self, client_order_id: str, body: dict[str, Any]) -> None:
        before = self._bodies.setdefault(client_order_id, dict(body))
        if before != body:
            self.violations.append(
                f"{client_order_id} was posted with two bodies: {before}, {body}"
            )
        taken = client_order_id in self._by_client_id
        if taken and self.posted[client_order_id] and client_order_id not in self._looked_up:
            self.repeated.append(client_order_id)
        self._looked_up.discard(client_order_id)
        self.posted[client_order_id] += 1

    def _refuse_taken(self, client_order_id: str) -> None:
        if client_order_id in self._by_client_id:
            raise RefusalError(422, 40010001, "client_order_id must be unique")

    def _refuse_on_demand(self, role: str, body: dict[str, Any]) -> bool:
        """Refuse as asked for; return whether the order is to be rejected later."""
        for index, given in enumerate(self.refuse):
            wanted = Refuse(*given)
            if wanted.times > 0 and wanted.fits(role, body):
                self.refuse[index] = wanted._replace(times=wanted.times - 1)
                if wanted.status == LATER_REJECTED:
                    return True
                raise RefusalError(wanted.status, wanted.code, wanted.message)
        return False

    def _refuse(self, body: dict[str, Any]) -> None:
        refuse_form(body)
        symbol, quote = body["symbol"], self.quotes.get(body["symbol"])
        refuse_wash(body, self.working())
        if body["side"] == "buy":
            refuse_cost(body, self.cash, None if quote is None else quote.ask)
        else:
            reserving = self.reserving(symbol)
            if is_coin(symbol) or reserving or not self.may_short:
                refuse_quantity(Decimal(body["qty"]), reserving, self.available(symbol))

    def _new(self, body: dict[str, Any], client_order_id: str | None, status: str) -> FakeOrder:
        number, now = len(self._by_id), self.tick()
        theirs = str(uuid5(NAMESPACE, f"client {number}"))
        target = body.get("take_profit") if body.get("order_class") == "oco" else None
        limit = target["limit_price"] if target else body.get("limit_price")
        stop = body.get("stop_price")
        order = FakeOrder(
            number=number,
            id=str(uuid5(NAMESPACE, f"order {number}")),
            client_order_id=client_order_id or theirs,
            symbol=body["symbol"],
            side=body["side"],
            type=body["type"],
            time_in_force=body["time_in_force"],
            order_class=body.get("order_class") or "",
            quantity=Decimal(body["qty"]),
            limit_price=None if limit is None else Decimal(limit),
            stop_price=None if stop is None else Decimal(stop),
            submitted=now,
            updated=now,
            status=status,
        )
        self._keep(order)
        return order

    def _add_legs(self, order: FakeOrder, body: dict[str, Any]) -> None:
        names = ("symbol", "qty", "time_in_force", "order_class")
        common = {"side": "sell", **{name: body[name] for name in names if name in body}}
        is_oco = order.order_class == "oco"
        if "take_profit" in body and not is_oco:
            form = {**common, "type": "limit", **body["take_profit"]}
            order.legs.append(self._new(form, None, "held"))
        if "stop_loss" in body:
            kind = "stop_limit" if "limit_price" in body["stop_loss"] else "stop"
            form = {**common, "type": kind, **body["stop_loss"]}
            order.legs.append(self._new(form, None, "held"))
        if not order.legs:
            return
        if is_oco:
            order.pair = pair = Pair([order, *order.legs], live=True)
        else:
            pair = Pair(list(order.legs), live=False, entry=order)
        for leg in order.legs:
            leg.pair, leg.parent = pair, order.id

    @controlled
    def patch(self, order_id: str, body: dict[str, Any]) -> FakeOrder:
        """Change an order by one that replaces it, and match that."""
        other = self.amend(order_id, body)
        self.settle(other)
        return other

    @controlled
    def amend(self, order_id: str, body: dict[str, Any]) -> FakeOrder:
        """Replace an order by a changed one, or refuse; `settle` brings it to the exchange."""
        order = self.by_id(order_id)
        client_order_id = body.get("client_order_id")
        if client_order_id is not None:
            self._refuse_taken(client_order_id)
        self._refuse_on_demand("patch", body)
        refuse_replacement(order)
        for name in ("limit_price", "stop_price"):
            refuse_price(order.symbol, name, body.get(name))
            if name in body and getattr(order, name) is None:
                raise RefusalError(422, 40010001, f"{order.type} orders have no {name}")
        changes: dict[str, Any] = {
            name: Decimal(body[name]) for name in ("limit_price", "stop_price") if name in body
        }
        for name in {"time_in_force", "client_order_id"} & body.keys():
            changes[name] = body[name]
        if "qty" in body:
            changes["quantity"] = Decimal(body["qty"])
            if order.side == "sell":
                free = self.available(order.symbol) + order.remaining
                refuse_quantity(changes["quantity"], [order], free)
        other = self.replace(order, "held" if order.status == "held" else "new", **changes)
        if client_order_id is not None:
            self.accepted[client_order_id] += 1
        return other

    @controlled
    def cancel(self, order_id: str) -> None:
        """Cancel an order and its group, at once or as `slow_cancel` says."""
        order = self.by_id(order_id)
        if order.status in ENDED | {PENDING}:
            raise RefusalError(422, 42210000, f'order is already in "{order.status}" state')
        self._refuse_on_demand("cancel", {"id": order_id})
        if not self.slow_cancel:
            self.end(order, "canceled")
            return
        for each in self._group(order):
            if each.is_open:
                each.status, each.looks = PENDING, self.slow_cancel

    @controlled
    def looked_at(self, order: FakeOrder) -> FakeOrder:
        """Note that a request looks at an order; what was pending may end by it."""
        if order.id in self._doomed and order.is_open:
            self.end(order, "rejected")
        for each in (order, *order.legs):
            if each.looks == 0:
                self.end(each, "canceled")
            elif each.looks is not None:
                each.looks -= 1
        return order

    @controlled
    def looked_up(self, client_order_id: str) -> FakeOrder:
        """Find an order for a request by client id; not yet while it is `unseen`."""
        self._looked_up.add(client_order_id)
        left = self.unseen.pop(client_order_id, 0)
        if left > 0:
            self.unseen[client_order_id] = left - 1
            raise RefusalError(404, 40410000, f"order not found for {client_order_id}")
        return self.looked_at(self.by_client_id(client_order_id))

    def is_shown(self, order: FakeOrder) -> bool:
        """Return whether lists have an order."""
        return order.id not in self.hidden and not self.unseen.get(order.client_order_id)
