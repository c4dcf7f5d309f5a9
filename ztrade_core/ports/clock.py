"""Time: the only things that tell it."""

from datetime import date, datetime
from typing import Protocol

from ztrade_core.domain.bars import IntArray
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe


class Clock(Protocol):
    """Tells the time; simulated in backtests and rehearsals."""

    def now(self) -> datetime:
        """Return the present, aware, in UTC."""
        ...


class Calendar(Protocol):
    """Sessions and bar grids: XNYS for stocks, every hour of every day for crypto.

    Instants are aware UTC. Raises InputError for instants outside the calendar's years.
    """

    def completes_at(
        self, asset_class: AssetClass, timeframe: Timeframe, opened: datetime
    ) -> datetime:
        """Return min(open + timeframe, session close); a daily stock bar completes at its close."""
        ...

    def complete_count(
        self, asset_class: AssetClass, timeframe: Timeframe, stamps: IntArray, as_of: datetime
    ) -> int:
        """Return how many of the ascending open stamps (int64 microseconds) are complete by `as_of`."""
        ...

    def expected_bar(
        self, asset_class: AssetClass, timeframe: Timeframe, as_of: datetime
    ) -> datetime | None:
        """Return the open of the last bar that should be complete by `as_of`."""
        ...

    def expected_bars(
        self, asset_class: AssetClass, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> list[datetime]:
        """Return the opens of all bars in `start <= open < stop`."""
        ...

    def expected_stamps(
        self, asset_class: AssetClass, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> IntArray:
        """Return the same opens as int64 microseconds."""
        ...

    def entry_session(
        self, asset_class: AssetClass, timeframe: Timeframe, decision_bar: datetime, as_of: datetime
    ) -> tuple[bool, str]:
        """Return whether an entry decided on that bar, now, can fill in a running session, and why not.

        False on an intraday stock session's last bar and outside sessions. A `1d` decision is for
        the next session: always true.
        """
        ...

    def session_closes(self, start: date, stop: date) -> list[datetime]:
        """Return the XNYS closes of the sessions in `start <= session <= stop`, ascending."""
        ...
