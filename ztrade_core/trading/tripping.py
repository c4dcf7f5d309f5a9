"""Circuit breakers between cycles: a look that sets the halts which the next cycle would set.

It marks the account with the last stored closes, as a cycle does, and stores no mark of its own.
It asks no vendor and moves no simulated time. So a simulated account may still be on the scale of before a
split whose prices are there already: nothing is judged then, the next cycle re-bases it first. And a stop
that its next bar went through is worth what it will fill at, not that bar's close.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ztrade_core.domain.book import Halt
from ztrade_core.domain.time import EPOCH
from ztrade_core.fills import arithmetic
from ztrade_core.ports.market import MarketView
from ztrade_core.risk.breakers import halt_text
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.judging import new_halts
from ztrade_core.trading.marking import account_facts, build_book
from ztrade_core.trading.override import cancel_halted
from ztrade_core.trading.rebasing import known_splits, unapplied


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripped:
    """The halts that were set now, and what became of the entries they are about.

    `waits` says why nothing could be judged; empty: it was.
    """

    halts: tuple[Halt, ...]
    canceled: tuple[str, ...]
    waits: str = ""

    @property
    def did(self) -> tuple[str, ...]:
        """Each thing that a person should find recorded."""
        return (*(halt_text(halt) for halt in self.halts), *self.canceled)


def trip_breakers(desk: TradingDesk, at: datetime) -> Tripped:
    """Set the halts of breakers that trip now, and cancel open entries of whom they halt.

    Raises TransientBrokerError when the broker cannot be asked: nothing is known then, nothing trips.
    """
    waits = _split_ahead(desk, at)
    if waits:
        return Tripped(halts=(), canceled=(), waits=waits)
    view = desk.market.view(at)
    facts = account_facts(desk, view)
    facts = replace(facts, marks={**facts.marks, **dict(_stops_ahead(desk, view))})
    with desk.store.reading() as uow:
        seen = new_halts(desk.company, build_book(desk, uow, facts), uow, at)
    if not seen:
        return Tripped(halts=(), canceled=())
    with desk.store.locked() as uow:
        halts = new_halts(desk.company, build_book(desk, uow, facts), uow, at)
        for halt in halts:
            uow.halts.add(desk.account, halt)
    return Tripped(halts=halts, canceled=cancel_halted(desk, at) if halts else ())


def _split_ahead(desk: TradingDesk, at: datetime) -> str:
    """Say which split a simulated account has still to be re-based for; empty: none.

    At an exchange the marks are brought to the scale of our book (`awaiting.book_scale`).
    """
    known = {} if desk.broker.is_external else known_splits(desk, at)
    if not any(known.values()):
        return ""
    epoch = desk.broker.epoch()
    with desk.store.reading() as uow:
        for position in uow.positions.all(desk.account, epoch):
            for split in unapplied(uow, position, known, at):
                return (
                    f"{position.symbol} awaits its split of {split.ex_date}: the next cycle judges"
                )
    return ""


def _stops_ahead(desk: TradingDesk, view: MarketView) -> Iterator[tuple[str, float]]:
    """Yield symbols whose stop fills in bars that a simulated account has not played, and at what."""
    stands_at = desk.broker.account_time()
    if desk.broker.is_external or stands_at is None:
        return
    epoch = desk.broker.epoch()
    with desk.store.reading() as uow:
        positions = uow.positions.all(desk.account, epoch)
    for position in positions:
        series = (position.symbol, position.timeframe)
        seen = view.last_bars(*series, 1, until=min(stands_at, view.as_of))
        after = seen.last_open if len(seen) else EPOCH
        bars = view.bars_after(*series, after, until=view.as_of)
        stop = float(position.stop_price or 0)
        for each in (bars.bar(index) for index in range(len(bars))):
            price = arithmetic.stop_fill_price(each.open, each.low, each.volume, stop)
            if not math.isnan(price):
                yield position.symbol, price
                break
