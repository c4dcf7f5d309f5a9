"""Whether a series is late: the newest stored bar beside the one that its calendar wants by now.

A bar completes at its close, and is due some time later: vendors, clocks and runs need a while. Nights,
weekends, holidays and half days are the calendar's: a series is never late for a bar that was not traded.
Trading is stricter: RULE_012 wants the newest complete bar at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import Timeframe
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar

GRACE_BARS = 2
LEAST_GRACE, MOST_GRACE = timedelta(minutes=20), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestBar:
    """The open of the newest stored bar (None: there is none) and of the newest that is due by now.

    `due` None: the calendar wants no bar yet.
    """

    symbol: str
    timeframe: Timeframe
    opened: datetime | None
    due: datetime | None
    grace: timedelta

    @property
    def is_late(self) -> bool:
        """Whether the bar that is due is not there."""
        return self.due is not None and (self.opened is None or self.opened < self.due)


def grace_of(timeframe: Timeframe) -> timedelta:
    """Return how long after its close a bar is due: two bars, at least 20 minutes, at most an hour."""
    return min(max(GRACE_BARS * timeframe.duration, LEAST_GRACE), MOST_GRACE)


def newest_bar(
    store: BarStore, calendar: Calendar, *, symbol: str, timeframe: Timeframe, at: datetime
) -> NewestBar:
    """Compare a series' newest stored bar with the newest that is due at a moment."""
    grace = grace_of(timeframe)
    last = store.read(symbol, timeframe, last=1)
    asset_class = instrument_of(symbol).asset_class
    return NewestBar(
        symbol=symbol,
        timeframe=timeframe,
        opened=last.last_open if len(last) else None,
        due=calendar.expected_bar(asset_class, timeframe, at - grace),
        grace=grace,
    )
