"""What may be deleted for its age: bars and the equity curves of backtests; nothing else ever is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ztrade_core.domain.time import Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something open that needs a series' bars from `since` on, and what came before it."""

    symbol: str
    timeframe: Timeframe
    since: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OldCurves:
    """Equity curves of old backtests: how many runs have one, how many points they have."""

    runs: int
    points: int


class Retention(Protocol):
    """Old rows: counted, and deleted a chunk a transaction, so that a broken run is gone on with."""

    def needs(self) -> list[Need]:
        """Return what open positions and working simulated orders need, in every account."""
        ...

    def bars_before(self, symbol: str, timeframe: Timeframe, before: datetime) -> int:
        """Return how many bars of a series opened before a moment."""
        ...

    def delete_bars(
        self, symbol: str, timeframe: Timeframe, before: datetime, *, at_most: int
    ) -> int:
        """Delete the oldest bars that opened before a moment; return how many."""
        ...

    def curves_before(self, before: datetime) -> OldCurves:
        """Return the equity curves of backtests that were run before a moment."""
        ...

    def delete_curves(self, before: datetime, *, at_most_runs: int) -> int:
        """Delete equity curves, the oldest runs' first; runs and trades stay. Return the points."""
        ...
