"""The fake Alpaca's books: its time, orders, groups, fills, holdings, and what must never happen.

What does not belong here: prices (`alpaca_exchange`) and requests (`alpaca_ledger`).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace as changed
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any
from uuid import uuid5

from typing_extensions import override

from tests.fakes.alpaca_control import Controlled, controlled
from tests.fakes.alpaca_cover import CoverWatch, NakedSpan, naked_quantity
from tests.fakes.alpaca_orders import (
    NAMESPACE,
    STOPS,
    FakeOrder,
    RefusalError,
    is_coin,
    plain,
    text,
)

OPENED = datetime(2026, 11, 20, 15, 0, 0, 427247, tzinfo=UTC)
STEP = timedelta(microseconds=1)
COIN_FEE = Decimal("0.0025")
NANO = Decimal("1e-9")
_STAMP = {"canceled": "canceled_at", "expired": "expired_at", "rejected": "failed_at"}


class AlpacaBooks(Controlled):
    """`posted` counts POSTs by client id, `accepted` what became an order.

    `violations` are what no client may ever cause. `foreign_held` is what of `held` is nobody's to protect. `hidden` has broker ids that are not shown;
    `unseen` how often a client id will not be found yet. `nests_replacements`: a replaced leg's
    successor is shown beneath the parent too; `legs_stay_behind`: a replaced parent keeps showing its legs.
    """

    def __init__(self, *, account_number: str = "PA3FAKE00001", cash: str = "100000") -> None:
        super().__init__()
        self.account_number = account_number
        self.cash = Decimal(cash)
        self.orders: list[FakeOrder] = []
        self.fills: list[dict[str, Any]] = []
        self.held: dict[str, Decimal] = {}
        self.foreign_held: dict[str, Decimal] = {}
        self.marks: dict[str, Decimal] = {}
        self.posted: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.hidden: set[str] = set()
        self.unseen: dict[str, int] = {}
        self.violations: list[str] = []
        self.time_from: Callable[[], datetime] | None = None
        self.nests_replacements = False
        self.legs_stay_behind = False
        self._now = OPENED
        self._by_id: dict[str, FakeOrder] = {}
        self._by_client_id: dict[str, FakeOrder] = {}
        self._working: dict[str, FakeOrder] = {}
        self._standing: set[str] = set()
        self._cover = CoverWatch()

    @property
    def now(self) -> datetime:
        """The fake's time: as set, or as `time_from` tells; it never runs backwards."""
        with self.lock:
            if self.time_from is not None:
                self._now = max(self._now, self.time_from())
            return self._now

    @now.setter
    def now(self, moment: datetime) -> None:
        with self.lock:
            if moment < self._now:
                raise ValueError(f"the fake's time does not run back from {self._now} to {moment}")
            self.looked_over()
            self._now = moment

    def tick(self) -> datetime:
        self._now = self.now + STEP
        return self._now

    @property
    def naked_since(self) -> dict[str, datetime]:
        """From when on each symbol is held beyond what live stops cover."""
        with self.lock:
            self.looked_over()
            return dict(self._cover.since)

    @property
    def naked_spans(self) -> list[NakedSpan]:
        """The times without a stop that ended."""
        with self.lock:
            self.looked_over()
            return list(self._cover.spans)

    @controlled
    def all_orders(self) -> list[FakeOrder]:
        return list(self._by_id.values())

    @controlled
    def working(self) -> list[FakeOrder]:
        """Return what has not ended, oldest first."""
        self._working = {key: order for key, order in self._working.items() if order.is_open}
        return list(self._working.values())

    @controlled
    def by_client_id(self, client_order_id: str) -> FakeOrder:
        return self._found(self._by_client_id.get(client_order_id), client_order_id)

    @controlled
    def by_id(self, order_id: str) -> FakeOrder:
        return self._found(self._by_id.get(order_id), order_id)

    def _found(self, order: FakeOrder | None, wanted: str) -> FakeOrder:
        if order is None or order.id in self.hidden:
            raise RefusalError(404, 40410000, f"order not found for {wanted}")
        return order

    @controlled
    def reserving(self, symbol: str) -> list[FakeOrder]:
        """Return the live sells of a symbol; of a pair the one with most left."""
        units: dict[int, FakeOrder] = {}
        for order in self.working():
            if order.symbol == symbol and order.side == "sell" and order.is_live:
                unit = id(order if order.pair is None else order.pair)
                if unit not in units or units[unit].remaining < order.remaining:
                    units[unit] = order
        return list(units.values())

    @controlled
    def reserved(self, symbol: str) -> Decimal:
        """Return what live sells hold back; a pair holds its quantity back once."""
        return sum((order.remaining for order in self.reserving(symbol)), Decimal(0))

    @controlled
    def available(self, symbol: str) -> Decimal:
        return self.held.get(symbol, Decimal(0)) - self.reserved(symbol)

    @controlled
    def fill(
        self, order: FakeOrder, price: str | Decimal, quantity: str | Decimal | None = None
    ) -> None:
        """Fill an order, or `quantity` of it; the rest of what Alpaca does follows from it."""
        done = order.remaining if quantity is None else Decimal(quantity)
        order.filled += done
        order.paid += done * Decimal(price)
        if order.filled >= order.quantity:
            order.status = "filled"
        elif order.is_open:
            order.status = "partially_filled" if order.looks is None else order.status
        order.updated = self.tick()
        if order.status == "filled":
            order.stamps["filled_at"] = order.updated
        self._move(order, done, Decimal(price))
        self._follow(order, done)

    def _follow(self, order: FakeOrder, done: Decimal) -> None:
        """Do to an order's legs and its sibling what a fill of it entails."""
        if order.pair is None:
            for leg in order.legs if order.status == "filled" else ():
                if leg.pair is not None and leg.is_open:
                    leg.pair.live = True
                    beside = leg.type in STOPS and len(leg.pair.working()) > 1
                    leg.status = "held" if beside else "new"
            return
        for sibling in order.pair.working():
            if sibling is order:
                continue
            if order.status == "filled" or sibling.remaining <= done:
                self._settled(sibling, "canceled")
            else:
                sibling.quantity -= done

    @controlled
    def end(self, order: FakeOrder, status: str) -> None:
        """End an order, and with it its whole group."""
        for each in self._group(order):
            if each.is_open:
                self._settled(each, status)

    def _group(self, order: FakeOrder) -> list[FakeOrder]:
        pair = order.pair
        if pair is None and order.legs:
            pair = order.legs[0].pair
        if pair is None:
            return [order]
        return [*pair.members, *([] if pair.entry is None else [pair.entry])]

    def _settled(self, order: FakeOrder, status: str) -> None:
        order.status, order.looks, order.updated = status, None, self.tick()
        order.stamps[_STAMP[status]] = order.updated

    @controlled
    def replace(self, order: FakeOrder, status: str = "new", **changes: Any) -> FakeOrder:
        """Replace an order, as Alpaca does with one that is changed or a stop that triggers."""
        number = len(self._by_id)
        given = {"client_order_id": str(uuid5(NAMESPACE, f"client {number}")), **changes}
        now = self.tick()
        other = changed(
            order,
            **{"quantity": order.remaining, **given},
            number=number,
            id=str(uuid5(NAMESPACE, f"order {number}")),
            submitted=now,
            updated=now,
            status=status,
            filled=Decimal(0),
            paid=Decimal(0),
            legs=[],
            stamps={},
            replaces=order.id,
        )
        order.status, order.replaced_by, order.stamps["replaced_at"] = "replaced", other.id, now
        order.updated = now
        self._step_in(order, other)
        self._keep(other)
        return other

    def _step_in(self, order: FakeOrder, other: FakeOrder) -> None:
        """Put an order's successor where it stood: in its pair, above its legs, beneath its parent."""
        pair = order.pair or (order.legs[0].pair if order.legs else None)
        if pair is not None:
            pair.members = [other if each is order else each for each in pair.members]
            pair.entry = other if pair.entry is order else pair.entry
        if not self.legs_stay_behind:
            order.legs, other.legs = [], order.legs
        above = self._by_id.get(order.parent or "")
        while above is not None and order not in above.legs:
            above = self._by_id.get(above.replaced_by or "")
        beneath = self.orders if above is None or not self.nests_replacements else above.legs
        beneath.append(other)

    def _keep(self, order: FakeOrder) -> None:
        self._by_id[order.id] = self._by_client_id[order.client_order_id] = order
        self._working[order.id] = order

    def _move(self, order: FakeOrder, quantity: Decimal, price: Decimal) -> None:
        symbol, side, now = order.symbol, order.side, order.updated
        kept = quantity
        if is_coin(symbol) and side == "buy":
            kept = (quantity * (1 - COIN_FEE)).quantize(NANO, rounding=ROUND_DOWN)
        sign = 1 if side == "buy" else -1
        self.held[symbol] = self.held.get(symbol, Decimal(0)) + sign * kept
        self.cash -= sign * quantity * price
        self.marks[symbol] = price
        stamp = now.strftime("%Y%m%d%H%M%S") + f"{now.microsecond // 1000:03}"
        self.fills.append(
            {
                "id": f"{stamp}::{uuid5(NAMESPACE, f'fill {len(self.fills)}')}",
                "activity_type": "FILL",
                "transaction_time": text(now),
                "type": "fill" if order.status == "filled" else "partial_fill",
                "price": plain(price),
                "qty": plain(quantity),
                "side": side,
                "symbol": symbol,
                "leaves_qty": plain(order.remaining),
                "order_id": order.id,
                "cum_qty": plain(order.filled),
                "order_status": order.status,
            }
        )

    def bid(self, symbol: str) -> Decimal | None:
        """Return the best bid; None where nobody has said one."""
        return None

    @override
    def look_over(self) -> None:
        working, now, wrong = self.working(), self.now, set()
        for symbol in sorted(self.held.keys() | self._cover.since.keys()):
            held = self.held.get(symbol, Decimal(0))
            ours = held - self.foreign_held.get(symbol, Decimal(0))
            naked = naked_quantity(symbol, ours, working, self.bid(symbol))
            self._cover.look(symbol, naked, now)
            if held < 0:
                wrong.add(f"{symbol} is short: {held}")
            elif self.reserved(symbol) > held:
                wrong.add(f"{symbol}: open sells of {self.reserved(symbol)}, held {held}")
        self.violations += sorted(wrong - self._standing)
        self._standing = wrong
