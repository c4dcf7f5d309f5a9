"""What the entries of an account really came to: their positions' results, net of all costs.

A closed position's result is its trade's; an open one is marked at the last stored close that was complete
when the account was last marked.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.accounts import ClosedTrade, StoredPosition
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.orders import Role
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.store import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryResult:
    """What a filled entry came to, so far where its position `is_open`.

    `pnl_usd` None: the position is open and there is no stored close to mark it at. `filled` is how much
    of the order was executed.
    """

    position_id: str
    filled: float
    pnl_usd: float | None
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """An account's closed and open positions by their ids, and the closes that mark the open ones."""

    closed: dict[str, ClosedTrade]
    open: dict[str, StoredPosition]
    closes: dict[str, float]

    def result_of(self, uow: UnitOfWork, decision_id: str) -> EntryResult | None:
        """Return what a decision's entry came to; None when nothing of it was filled."""
        filled, position_id = Decimal(0), ""
        for order in uow.orders.of_decision(decision_id):
            if order.request.role is Role.ENTRY and order.filled_quantity > 0:
                filled += order.filled_quantity
                position_id = order.request.position_id
        closed, held = self.closed.get(position_id), self.open.get(position_id)
        if closed is None and held is None:
            return None
        return EntryResult(
            position_id=position_id,
            filled=float(filled),
            pnl_usd=self._open_pnl(held) if closed is None else closed.pnl_usd,
            is_open=closed is None,
        )

    def _open_pnl(self, held: StoredPosition | None) -> float | None:
        close = None if held is None else self.closes.get(held.position_id)
        if held is None or close is None:
            return None
        return held.realised_usd + (float(held.quantity) * close - held.cost_usd)

    def open_at(self, moment: datetime) -> int:
        """Count the positions that were open at a moment."""
        before = sum(trade.opened_at < moment <= trade.closed_at for trade in self.closed.values())
        return before + sum(held.opened_at < moment for held in self.open.values())


def book_of(
    uow: UnitOfWork, account: str, epoch: int, *, bars: BarStore, calendar: Calendar
) -> Book:
    """Read an account's positions, and the last closes as of when the account was last marked."""
    held = uow.positions.all(account, epoch)
    last = uow.accounts.last_snapshot(account, epoch)
    closes = dict[str, float]()
    for position in held:
        close = None if last is None else _close_at(position, last.at, bars, calendar)
        if close is not None:
            closes[position.position_id] = close
    return Book(
        closed={each.position_id: each for each in uow.positions.trades(account, epoch)},
        open={each.position_id: each for each in held},
        closes=closes,
    )


def _close_at(
    position: StoredPosition, at: datetime, bars: BarStore, calendar: Calendar
) -> float | None:
    """Return the last stored close of a position's series that was complete at a moment."""
    found = bars.read(position.symbol, position.timeframe, stop=at, last=2)
    complete = calendar.complete_count(
        instrument_of(position.symbol).asset_class, position.timeframe, found.timestamps, at
    )
    return float(found.closes[complete - 1]) if complete else None
