"""What vendors were asked and answered, in memory."""

from collections.abc import Sequence
from datetime import datetime

from typing_extensions import override

from ztrade_core.domain.time import Timeframe
from ztrade_core.ports.asked import AskedRange, AskedRanges


class MemoryAskedRanges(AskedRanges):
    """Answers by the question."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, Timeframe, str, datetime, datetime], AskedRange] = {}

    @override
    def of(self, symbol: str, timeframe: Timeframe, vendor: str) -> Sequence[AskedRange]:
        asked = (symbol, timeframe, vendor)
        found = [each for key, each in self.held.items() if key[:3] == asked]
        return sorted(found, key=lambda each: each.start)

    @override
    def record(self, answered: AskedRange) -> None:
        one = answered
        self.held[one.symbol, one.timeframe, one.vendor, one.start, one.stop] = answered
