"""Sound series of bars, and defects planted in them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import NEW_YORK, Timeframe, from_micros
from ztrade_core.market_data.quality.facts import (
    CalendarFacts,
    Context,
    facts_of,
    joined,
    no_context,
)
from ztrade_core.market_data.quality.findings import Finding
from ztrade_core.market_data.quality.inspection import inspect
from ztrade_core.market_data.synthetic import SyntheticProvider

NOW = datetime(2024, 6, 1, tzinfo=UTC)
STARTS = {
    Timeframe.M1: datetime(2024, 3, 4, tzinfo=UTC),
    Timeframe.M5: datetime(2024, 2, 26, tzinfo=UTC),  # the clocks change on 2024-03-10
    Timeframe.M15: datetime(2023, 11, 13, tzinfo=UTC),  # Thanksgiving and its half day within
    Timeframe.H1: datetime(2023, 11, 1, tzinfo=UTC),
    Timeframe.D1: datetime(2023, 6, 1, tzinfo=UTC),
}
STOP = datetime(2024, 3, 16, tzinfo=UTC)
PRICES = ("opens", "highs", "lows", "closes")


@lru_cache(maxsize=1)
def calendar() -> ExchangeSessions:
    """The one calendar of these tests."""
    return ExchangeSessions()


@lru_cache(maxsize=64)
def sound_bars(symbol: str, timeframe: Timeframe, seed: int = 1) -> BarSeries:
    """Return invented bars without a defect."""
    provider = SyntheticProvider(seed, calendar())
    return provider.fetch(symbol, timeframe, STARTS[timeframe], STOP).series


def facts(bars: BarSeries, context: Context | None = None) -> CalendarFacts:
    """Return the calendar's facts for bars and what the store holds around them."""
    around = context or no_context(bars.symbol, bars.timeframe)
    return facts_of(calendar(), joined(bars, around).bars, NOW)


def findings(bars: BarSeries, context: Context | None = None) -> tuple[Finding, ...]:
    """Return what all checks find."""
    around = context or no_context(bars.symbol, bars.timeframe)
    return inspect(bars, facts(bars, around), around).findings


def kept_out(found: tuple[Finding, ...]) -> dict[str, list[int]]:
    """Return the rows that each check keeps out."""
    rows: dict[str, list[int]] = {}
    for one in found:
        if one.quarantines:
            rows.setdefault(one.check, []).extend(one.rows)
    return rows


@dataclass(frozen=True)
class Planted:
    """Bars with one defect: which check has to find which rows."""

    bars: BarSeries
    check: str
    rows: list[int]


def changed(
    bars: BarSeries, rows: slice | list[int], change: Callable[[str, np.ndarray], object]
) -> BarSeries:
    """Return the bars with some values of some rows changed, column by column."""
    columns = {}
    for name in (*PRICES, "volumes"):
        column = getattr(bars, name).copy()
        column[rows] = change(name, column[rows])
        columns[name] = column
    return replace(bars, **columns)


def scaled(bars: BarSeries, rows: slice, price: float, volume: float = 1.0) -> BarSeries:
    """Return the bars with prices and volumes of some rows multiplied."""
    return changed(bars, rows, lambda name, old: old * (price if name in PRICES else volume))


def session_starts(bars: BarSeries) -> list[int]:
    """Return the row of each session's first bar, from the second session on."""
    days = [from_micros(int(stamp)).astimezone(NEW_YORK).date() for stamp in bars.timestamps]
    return [row for row in range(1, len(days)) if days[row] != days[row - 1]]


def taken(bars: BarSeries, rows: list[int]) -> BarSeries:
    """Return the bars of these rows, in this order, doubles included."""
    names = ("timestamps", *PRICES, "volumes")
    return replace(bars, **{name: getattr(bars, name)[rows] for name in names})
