"""The quarantine: bars that a check kept out of the store, with the reason, until a person releases them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ztrade_core.domain.bars import Bar
from ztrade_core.domain.time import Timeframe


class Outcome(StrEnum):
    """What a person decided: the bar enters as it is, or never."""

    AS_IS = "as_is"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A person's decision on held bars."""

    outcome: Outcome
    who: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedBar:
    """One bar as it came, from one source: which check held it, and why. Its numbers may be NaN."""

    symbol: str
    timeframe: Timeframe
    bar: Bar
    source: str
    ingested_at: datetime
    check: str
    reason: str
    release: Release | None = None


def same_values(first: Bar, second: Bar) -> bool:
    """Return whether the numbers of two bars are equal to the last digit; NaN equals NaN."""
    return all(
        one == other or (math.isnan(one) and math.isnan(other))
        for one, other in zip(_numbers(first), _numbers(second), strict=True)
    )


def _numbers(bar: Bar) -> tuple[float, ...]:
    return (bar.open, bar.high, bar.low, bar.close, bar.volume)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRange:
    """Which bars: `start <= open < stop` of one series, of one source; None is unbounded, or any."""

    symbol: str
    timeframe: Timeframe
    start: datetime | None = None
    stop: datetime | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSeries:
    """A series in quarantine at a glance; first and last open of those still held."""

    symbol: str
    timeframe: Timeframe
    held: int
    released: int
    first_open: datetime | None
    last_open: datetime | None
    checks: tuple[str, ...]


class Quarantine(Protocol):
    """Held bars by (symbol, timeframe, open time, source)."""

    def hold(self, bars: Sequence[QuarantinedBar]) -> int:
        """Keep bars apart, in one transaction; return how many were not held so before.

        The very same bar (source and values) leaves the store of bars, if it is there. A bar that
        a person released stays released while its values stay; with others it is held anew.
        """
        ...

    def bars(self, wanted: HeldRange, *, released: bool) -> list[QuarantinedBar]:
        """Return the bars of a range that are released, or still held; ordered by time and source."""
        ...

    def settle(self, wanted: HeldRange, release: Release) -> int:
        """Mark every bar of a range that is still held as released; return how many."""
        ...

    def series(self) -> list[HeldSeries]:
        """Return every series that ever had a bar here, ordered by symbol and timeframe."""
        ...
