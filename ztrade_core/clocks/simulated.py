"""A clock that stands where it is put: backtests, rehearsals, tests."""

from datetime import datetime

from typing_extensions import override

from ztrade_core.domain.time import iso_z, require_utc
from ztrade_core.errors import InputError
from ztrade_core.ports.clock import Clock


class SimulatedClock(Clock):
    """Stands at an instant until moved; it never runs backwards."""

    def __init__(self, start: datetime) -> None:
        self._now = require_utc(start)

    @override
    def now(self) -> datetime:
        return self._now

    def advance_to(self, instant: datetime) -> None:
        """Move the clock to `instant`; the same instant again is fine, an earlier one is not.

        Raises:
            InputError: `instant` lies before the clock's time.
        """
        target = require_utc(instant)
        if target < self._now:
            raise InputError(
                f"simulated time cannot run back from {iso_z(self._now)} to {iso_z(target)}"
            )
        self._now = target
