"""Market data as decisions read it: point in time, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.snapshots import PairCorrelation, SentimentReading
from ztrade_core.domain.time import Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshReport:
    """What a refresh brought: rows written, where they came from, and what was passed over."""

    symbol: str
    timeframe: Timeframe
    written: int
    source: str
    notes: tuple[str, ...] = ()


class MarketView(Protocol):
    """Everything known at `as_of`, and nothing else. Only complete bars exist here.

    `until` narrows a read; past `as_of` it raises LookAheadError.
    """

    @property
    def as_of(self) -> datetime:
        """The horizon."""
        ...

    def last_bars(
        self, symbol: str, timeframe: Timeframe, count: int, *, until: datetime | None = None
    ) -> BarSeries:
        """Return the last `count` complete bars, fewer when there are fewer."""
        ...

    def bars_after(
        self, symbol: str, timeframe: Timeframe, after: datetime, *, until: datetime | None = None
    ) -> BarSeries:
        """Return the complete bars that opened strictly after `after`."""
        ...

    def mark(
        self, symbol: str, timeframe: Timeframe, *, until: datetime | None = None
    ) -> float | None:
        """Return the close of the last complete bar; None when there is none."""
        ...

    def source(self, symbol: str, timeframe: Timeframe) -> str:
        """Return the `source` of the last complete bar; empty when there is none."""
        ...

    def correlations(
        self, series: Sequence[tuple[str, Timeframe]], returns: int, min_overlap: int
    ) -> tuple[PairCorrelation, ...]:
        """Return Pearson correlations of daily returns for every pair, symbols in sorted order.

        Daily closes are completed ones; crypto is sampled at XNYS closes. Stored `1d` bars are
        used where they cover at least as many sessions of the window as the series' own bars, else
        the series' last close of each session.
        """
        ...

    def issues(self, symbol: str, timeframe: Timeframe, since: datetime | None) -> tuple[str, ...]:
        """Return what speaks against entries decided on the bars from `since` (None: on any) on.

        Bars of that stretch are in quarantine; empty when none is.
        """
        ...

    def sentiment(self, symbol: str) -> SentimentReading | None:
        """Return the sentiment known at `as_of`; None when there is none."""
        ...


class Market(Protocol):
    """Hands out views, and refreshes the store behind them."""

    def view(self, as_of: datetime) -> MarketView:
        """Return what was known at `as_of`."""
        ...

    def refresh(self, symbol: str, timeframe: Timeframe, as_of: datetime) -> RefreshReport:
        """Bring the store up to `as_of` from the configured providers (live runs only)."""
        ...
