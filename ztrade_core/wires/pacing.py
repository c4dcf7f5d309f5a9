"""Around vendors' paces: how long a whole refresh may take, and how many requests were sent."""

from collections import Counter
from datetime import datetime, timedelta

from ztrade_core.errors import TransientDataError
from ztrade_core.ports.clock import Clock


class TimeBudget:
    """The time that one refresh may take over all its vendors; `begin` starts it."""

    def __init__(self, clock: Clock, length: timedelta) -> None:
        self._clock = clock
        self._length = length
        self._ends: datetime | None = None

    def begin(self) -> None:
        """Start counting."""
        self._ends = self._clock.now() + self._length

    def require(self) -> None:
        """Raise TransientDataError when the time is used up."""
        if self._ends is not None and self._clock.now() >= self._ends:
            seconds = self._length.total_seconds()
            raise TransientDataError(f"not asked: the {seconds:g} s of a refresh are used up")


class Meter:
    """Counts requests by vendor."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
