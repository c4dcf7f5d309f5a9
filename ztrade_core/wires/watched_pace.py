"""A vendor's pace that ends with a refresh's time, and is counted."""

from datetime import datetime

from typing_extensions import override

from ztrade_core.wires.pace import Pace
from ztrade_core.wires.pacing import Meter, TimeBudget


class WatchedPace(Pace):
    """A vendor's pace that ends with the time budget, and is counted."""

    def __init__(self, vendor: str, pace: Pace, meter: Meter, budget: TimeBudget | None) -> None:
        self._vendor = vendor
        self._pace = pace
        self._meter = meter
        self._budget = budget

    @override
    def take(self) -> None:
        if self._budget is not None:
            self._budget.require()
        self._pace.take()
        self._meter.sent[self._vendor] += 1

    @override
    def rest(self, until: datetime) -> None:
        self._pace.rest(until)
