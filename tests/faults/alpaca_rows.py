"""The two sides that the judge compares: rows of our book as they lie, and the fake Alpaca's own orders.

An order at Alpaca is told by the id that our book knows it under: legs by their parent's row, a
replacement by what it replaced, unless it carries an id of our book itself.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tests.fakes.alpaca_books import NANO
from tests.fakes.alpaca_ledger import AlpacaLedger, FakeOrder
from tests.fakes.alpaca_orders import STOPS, is_coin
from ztrade_core.domain.configuration import Company
from ztrade_core.store.tables.ledger import DECISIONS
from ztrade_core.store.tables.trading import (
    BROKER_ACCOUNTS,
    FILLS,
    ORDERS,
    POSITIONS_BY_AGENT,
    TRADING_HALTS,
)

BPS = Decimal(10_000)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the case was about.

    `foreign` are client ids of orders nobody of ours sent (the ledger has what they left: `foreign_held`).
    `company` gives the limits (None: no rule is judged), `capital_usd` what their fractions are of.
    `settled` False: processes may still be at work, so only what must hold at any moment is judged.
    """

    company: Company | None = None
    capital_usd: float = 100_000.0
    foreign: frozenset[str] = frozenset()
    may_repeat: bool = False
    settled: bool = True
    with_chain: bool = True


class AlpacaRows:
    """Both sides of one account, of the epoch that the fake's account number stands for."""

    def __init__(self, connection: Connection, ledger: AlpacaLedger, account: str) -> None:
        self.epoch = _epoch(connection, account, ledger.account_number)

        def of(table: sa.Table) -> list[Any]:
            rows = connection.execute(table.select().where(table.c.account == account)).mappings()
            return [row for row in rows if row.get("account_epoch", self.epoch) == self.epoch]

        self.decisions = of(DECISIONS)
        self.ours = {row["client_order_id"]: row for row in of(ORDERS)}
        self.our_fills = {row["fill_id"]: row for row in of(FILLS)}
        self.our_positions = of(POSITIONS_BY_AGENT)
        self.halts = of(TRADING_HALTS)
        self.ledger = ledger
        self.by_id = {order.id: order for order in ledger.all_orders()}
        self.theirs: defaultdict[str, list[FakeOrder]] = defaultdict(list)
        for order in self.by_id.values():
            self.theirs[self.our_id(order)].append(order)

    def our_id(self, order: FakeOrder) -> str:
        """Return the id our book knows an order under; Alpaca's own when there is no way to tell."""
        row = self.ours.get(order.client_order_id)
        if row is not None and order.order_class == "oco" and row["role"] == "stop":
            return row["target_order_id"] or f"{order.client_order_id}'s target"
        if row is not None:
            return order.client_order_id
        if order.replaces is not None:
            return self.our_id(self.by_id[order.replaces])
        if order.parent is None:
            return order.client_order_id
        parent = self.by_id[order.parent]
        if parent.order_class == "oco":
            return parent.client_order_id
        above = self.ours.get(parent.client_order_id)
        leg = "stop_order_id" if order.type in STOPS else "target_order_id"
        return order.client_order_id if above is None else above[leg] or order.client_order_id

    def root(self, order: FakeOrder) -> FakeOrder:
        """Return the order that a client sent, of which this is a leg or a replacement."""
        before = order.replaces or order.parent
        if before is None or order.client_order_id in self.ours:
            return order
        return self.root(self.by_id[before])

    def is_foreign(self, order: FakeOrder, terms: Terms) -> bool:
        return self.root(order).client_order_id in terms.foreign

    def filled_by_symbol(self, terms: Terms, fee_bps: tuple[float, float]) -> dict[str, Decimal]:
        """Return what the broker's fills leave in each symbol, net of fees taken in the coin."""
        total: defaultdict[str, Decimal] = defaultdict(Decimal)
        for fill in self.ledger.fills:
            if self.is_foreign(self.by_id[fill["order_id"]], terms):
                continue
            quantity = Decimal(fill["qty"])
            if fill["side"] == "sell":
                total[fill["symbol"]] -= quantity
                continue
            rate = Decimal(repr(fee_bps[1])) / BPS if is_coin(fill["symbol"]) else Decimal(0)
            total[fill["symbol"]] += (quantity * (1 - rate)).quantize(NANO, rounding=ROUND_DOWN)
        return dict(total)


def _epoch(connection: Connection, account: str, number: str) -> int:
    """Return the account's epoch; where no number was written down, the newest that has orders."""
    known = connection.execute(
        sa.select(BROKER_ACCOUNTS.c.account_epoch).where(
            BROKER_ACCOUNTS.c.account == account, BROKER_ACCOUNTS.c.account_number == number
        )
    ).scalar()
    if known is not None:
        return int(known)
    newest = connection.execute(
        sa.select(sa.func.max(ORDERS.c.account_epoch)).where(ORDERS.c.account == account)
    ).scalar()
    return 1 if newest is None else int(newest)
