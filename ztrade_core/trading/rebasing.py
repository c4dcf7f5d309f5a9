"""Splits in our book: positions go to the new scale, once each, in one transaction with their record.

A simulated account tells which splits it applied (`Broker.rebasings`), and our book follows. An exchange
tells nothing: there its positions are the truth. A known split whose ex-date is there is applied when the
exchange holds what it makes of our book, or has filled an order of ours since; until then the position
awaits it (`awaiting`). A backtest has one scale and no split store: nothing is done. Our record is found again
after a kill at any point: what is recorded is not applied twice, what is not is due at the next look.
What belongs here: quantities, prices and trades of our book; no order is sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.accounts import ClosedTrade, StoredPosition
from ztrade_core.domain.instruments import AssetClass, exact_decimal, instrument_of
from ztrade_core.domain.orders import Fill
from ztrade_core.domain.rebasing import (
    Rebasing,
    counts_from,
    level_after,
    price_after,
    shares_after,
    splits_between,
)
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import MICROSECOND, new_york_date
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.desk import TradingDesk

SPLIT = "split"
"""What a trade was left by of which a split made less than one share."""
_CLOSE = 1e-6
Known = Mapping[str, Sequence[Split]]


def known_splits(desk: TradingDesk, at: datetime) -> dict[str, tuple[Split, ...]]:
    """Return the splits of a moment and before, by stock; read outside the locked transaction."""
    if desk.splits is None:
        return {}
    day, symbols = new_york_date(at), desk.splits.symbols()
    stocks = [s for s in symbols if instrument_of(s).asset_class is AssetClass.STOCK]
    return {symbol: desk.splits.of(symbol, until=day) for symbol in stocks}


def unapplied(uow: UnitOfWork, position: StoredPosition, known: Known, at: datetime) -> list[Split]:
    """Return the splits a position has come across and is not re-based for, oldest first."""
    splits = splits_between(known.get(position.symbol, ()), position.opened_at, at)
    if not splits:
        return []
    rows = uow.rebasings.of_position(position.account, position.account_epoch, position.position_id)
    done = {row.ex_date for row in rows}
    return [split for split in splits if split.ex_date not in done]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A position, the split it comes across, and what a share's rest is worth on the new scale."""

    position: StoredPosition
    split: Split
    at: datetime
    price: float


def rebased(position: StoredPosition, row: Rebasing) -> StoredPosition:
    """Return a position as a recorded split makes it; its realised result stays as it is."""
    whole, _ = shares_after(position.quantity, row.ratio)
    return replace(
        position,
        quantity=whole,
        average_price=price_after(position.average_price, row.ratio),
        cost_usd=position.cost_usd - row.cash_in_lieu_usd,
        stop_price=level_after(position.stop_price, row.ratio),
        target_price=level_after(position.target_price, row.ratio),
    )


class Rebaser:
    """Applies splits within the transaction of one reconciliation; `did` has a sentence for each."""

    def __init__(
        self, desk: TradingDesk, epoch: int, at: datetime, told: Iterable[Rebasing]
    ) -> None:
        self._desk = desk
        self._epoch = epoch
        self._at = at
        self._told = tuple(told)
        self._known: Known = {}
        self.prices: dict[tuple[str, str], float] = {}
        if desk.broker.is_external:
            self._known = known_splits(desk, at)
            self.prices = _prices(desk, epoch, at, self._known)
        self.did: list[str] = []

    @property
    def is_told(self) -> bool:
        """Whether a simulated account applied splits."""
        return bool(self._told)

    def before(self, uow: UnitOfWork, fill: Fill) -> None:
        """Apply what lies before an execution: it is of the scale that it was made on."""
        position = uow.positions.get(self._desk.account, self._epoch, fill.agent_id)
        if position is None or position.position_id != fill.position_id:
            return
        for row in self._told_of(uow, position):
            if not row.is_after(fill):
                position = self._apply(uow, position, row)
                if position is None:
                    return
        for split in unapplied(uow, position, self._known, fill.filled_at):
            position = self._apply(uow, position, self._row_of(uow, position, split))
            if position is None:
                return

    def anew(self, uow: UnitOfWork, rows: list[Rebasing], until: Fill | None) -> list[Rebasing]:
        """Apply recorded splits to a position that is booked anew; return those that come later."""
        later = []
        for row in rows:
            position = uow.positions.get(row.account, row.account_epoch, row.agent_id)
            if until is not None and row.is_after(until):
                later.append(row)
            elif position is not None and position.position_id == row.position_id:
                self._store(uow, rebased(position, row), row)
        return later

    def follow(self, uow: UnitOfWork, held: Mapping[str, float]) -> None:
        """Apply what the broker told, and what its holdings show."""
        for position in uow.positions.all(self._desk.account, self._epoch):
            left: StoredPosition | None = position
            for row in self._told_of(uow, position):
                left = None if left is None else self._apply(uow, left, row)
        if not self._known:
            return
        positions = uow.positions.all(self._desk.account, self._epoch)
        for symbol in sorted({position.symbol for position in positions}):
            ours = [position for position in positions if position.symbol == symbol]
            self._follow_symbol(uow, ours, held.get(symbol, 0.0))

    def awaited(self, uow: UnitOfWork) -> dict[str, list[Split]]:
        """Return by symbol which splits our book awaits from an exchange."""
        return awaited(uow, self._desk.account, self._epoch, self._known, self._at)

    def _follow_symbol(self, uow: UnitOfWork, ours: list[StoredPosition], theirs: float) -> None:
        ahead = {each.agent_id: unapplied(uow, each, self._known, self._at) for each in ours}
        most = max(len(splits) for splits in ahead.values())
        for count in range(most, 0, -1):
            whole, fraction = 0.0, 0.0
            for each in ours:
                quantity, left = _after(each.quantity, ahead[each.agent_id][:count])
                whole, fraction = whole + float(quantity), fraction + left
            if whole - _CLOSE <= theirs <= whole + fraction + _CLOSE:
                for each in ours:
                    left_over: StoredPosition | None = each
                    for split in ahead[each.agent_id][:count]:
                        if left_over is not None:
                            row = self._row_of(uow, left_over, split)
                            left_over = self._apply(uow, left_over, row)
                return

    def _told_of(self, uow: UnitOfWork, position: StoredPosition) -> list[Rebasing]:
        mine = [
            row
            for row in self._told
            if row.position_id == position.position_id and row.account_epoch == self._epoch
        ]
        if not mine:
            return []
        rows = uow.rebasings.of_position(
            position.account, position.account_epoch, position.position_id
        )
        done = {row.ex_date for row in rows}
        return [_filled_in(uow, position, row) for row in mine if row.ex_date not in done]

    def _row_of(self, uow: UnitOfWork, position: StoredPosition, split: Split) -> Rebasing:
        whole, fraction = shares_after(position.quantity, split.ratio)
        average = price_after(position.average_price, split.ratio)
        price = self.prices.get((split.symbol, split.ex_date.isoformat()), average)
        row = Rebasing(
            account=position.account,
            account_epoch=position.account_epoch,
            agent_id=position.agent_id,
            symbol=position.symbol,
            position_id=position.position_id,
            ex_date=split.ex_date,
            ratio=split.ratio,
            source=split.source,
            at=self._at,
            at_exchange=True,
            quantity_before=position.quantity,
            quantity_after=whole,
            average_before=position.average_price,
            average_after=average,
            fraction=fraction,
            cash_in_lieu_usd=fraction * price,
        )
        return _filled_in(uow, position, row)

    def _apply(
        self, uow: UnitOfWork, position: StoredPosition, row: Rebasing
    ) -> StoredPosition | None:
        """Record a split and put the position on its scale; return what is left of it."""
        if not uow.rebasings.add(row):
            return position
        self.did.append(row.sentence)
        return self._store(uow, rebased(position, row), row)

    def _store(
        self, uow: UnitOfWork, position: StoredPosition, row: Rebasing
    ) -> StoredPosition | None:
        if position.quantity > 0:
            uow.positions.put(position)
            return position
        uow.positions.remove(position.account, position.account_epoch, position.agent_id)
        uow.positions.add_trade(_paid_out(position, row))
        return None


def awaited(
    uow: UnitOfWork, account: str, epoch: int, known: Known, at: datetime
) -> dict[str, list[Split]]:
    """Return by symbol which of the known splits positions of our book are not re-based for."""
    found = {}
    for position in uow.positions.all(account, epoch) if known else ():
        splits = unapplied(uow, position, known, at)
        if splits:
            found[position.symbol] = splits
    return found


def fractions_left(desk: TradingDesk, uow: UnitOfWork, epoch: int) -> dict[str, float]:
    """Return what splits may have left of a share at an exchange, by symbol; our book holds none."""
    left: dict[str, float] = {}
    if desk.splits is None or not desk.broker.is_external:
        return left
    for row in uow.rebasings.all(desk.account, epoch):
        if row.fraction > 0.0:
            left[row.symbol] = left.get(row.symbol, 0.0) + row.fraction
    return left


def _after(quantity: Decimal, splits: Iterable[Split]) -> tuple[Decimal, float]:
    left = 0.0
    for split in splits:
        quantity, more = shares_after(quantity, split.ratio)
        left = left * split.ratio + more
    return quantity, left


def _filled_in(uow: UnitOfWork, position: StoredPosition, row: Rebasing) -> Rebasing:
    """Return a record with the levels of our book, and the orders that still work at them."""
    working = [leg for leg in uow.orders.of_position(position.position_id) if leg.is_working]
    return replace(
        row,
        stop_before=position.stop_price,
        stop_after=level_after(position.stop_price, row.ratio),
        target_before=position.target_price,
        target_after=level_after(position.target_price, row.ratio),
        orders=tuple(leg.request.client_order_id for leg in working),
    )


def _paid_out(position: StoredPosition, row: Rebasing) -> ClosedTrade:
    """Return the trade of a position of which less than one share was left, and paid in cash."""
    return ClosedTrade(
        account=position.account,
        account_epoch=position.account_epoch,
        agent_id=position.agent_id,
        symbol=position.symbol,
        position_id=position.position_id,
        quantity=exact_decimal(row.fraction),
        entry_price=position.average_price,
        exit_price=row.cash_in_lieu_usd / row.fraction,
        pnl_usd=position.realised_usd - position.cost_usd,
        opened_at=position.opened_at,
        closed_at=row.at,
        exit_role=SPLIT,
    )


def _prices(
    desk: TradingDesk, epoch: int, at: datetime, known: Known
) -> dict[tuple[str, str], float]:
    """Return what a share of each awaited split was worth last before it, on its new scale."""
    with desk.store.reading() as uow:
        positions = uow.positions.all(desk.account, epoch) if any(known.values()) else []
        ahead = [(each, unapplied(uow, each, known, at)) for each in positions]
    found = {}
    for position, splits in ahead:
        for split in splits:
            series, start = (position.symbol, position.timeframe), counts_from(split)
            before = desk.market.view(start).mark(*series)
            if before is not None:
                is_shown = before != desk.market.view(start - MICROSECOND).mark(*series)
                old = abs(before - position.average_price)
                new = abs(before - price_after(position.average_price, split.ratio))
                mark = before if is_shown or old >= new else price_after(before, split.ratio)
                found[split.symbol, split.ex_date.isoformat()] = mark
    return found
