"""Which bars a simulated account has still to play for a symbol.

An order's `updated_at` is how far it was played. So a bar that reaches the store after the account
was played past it (a vendor was late, another agent's run came first) is played late, for the
orders that waited for it, and never twice for one order.
"""

from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.bars import Bar
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.simulation import SimulatedAccount
from ztrade_core.domain.time import EPOCH, Timeframe, from_micros
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.market import MarketView


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedBar:
    """One bar with the instants of its ends.

    What it fills is known at `known_at`: at its completion, or now if it came late.
    """

    bar: Bar
    opened: datetime
    completed: datetime
    known_at: datetime


def bars_due(
    calendar: Calendar,
    state: SimulatedAccount,
    series: tuple[str, Timeframe],
    view: MarketView,
    until: datetime,
) -> list[PlayedBar]:
    """Return the bars complete by `until` that a working order of the symbol has not seen."""
    symbol, timeframe = series
    since = min(o.updated_at for o in state.orders.values() if o.request.symbol == symbol)
    seen = view.last_bars(symbol, timeframe, 1, until=since)
    after = seen.last_open if len(seen) else EPOCH
    bars = view.bars_after(symbol, timeframe, after, until=until)
    asset_class = instrument_of(symbol).asset_class
    due = []
    for index in range(len(bars)):
        bar = bars.bar(index)
        opened = from_micros(bar.timestamp)
        completed = calendar.completes_at(asset_class, timeframe, opened)
        known_at = completed if completed > state.advanced_to else until
        due.append(PlayedBar(bar=bar, opened=opened, completed=completed, known_at=known_at))
    return due
