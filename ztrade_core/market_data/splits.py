"""Stored bars in the units of one day: what a share was then, whatever vendor, whenever they came.

A bar of an earlier day than `ex_date` counts in old shares. Of a `raw` source it always does; of a
`split` source it does when its values came (`ingested_at`) before `ex_date`, and the vendor has taken
the split out when they came later. So every bar is known to lack, or to carry, every split that is known:
what it lacks up to the day is taken out (prices / ratio, volume * ratio), what it carries of days after
is put back. A source that does not say (files) is left as it is. The store itself never changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from ztrade_core.domain.bars import BarSeries, FloatArray
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import Timeframe, new_york_date, new_york_midnight, to_micros
from ztrade_core.market_data.adjustments import RAW, SPLIT, TAKEN_OUT, adjustment_of
from ztrade_core.ports.bars import BarStore, TracedBars
from ztrade_core.ports.splits import SplitStore


def in_units_of(traced: TracedBars, splits: Sequence[Split], day: date) -> BarSeries:
    """Return the bars in the shares of a day (New York's); the very series where none changes.

    One order of operations: ratios are multiplied in the order of their days, then every price is
    divided once, or multiplied once.
    """
    bars = traced.series
    said = {source: adjustment_of(source) for source in set(traced.sources)}
    kinds = [said[source] for source in traced.sources]
    is_raw = np.array([kind == RAW for kind in kinds], dtype=np.bool_)
    is_split = np.array([kind == SPLIT for kind in kinds], dtype=np.bool_)
    lacking, carried = np.ones((2, len(bars)))
    for split in sorted(splits, key=lambda each: each.ex_date):
        begins = to_micros(new_york_midnight(split.ex_date))
        before, later = bars.timestamps < begins, traced.ingested >= begins
        if split.ex_date <= day:
            lacking[before & (is_raw | (is_split & ~later))] *= split.ratio
        else:
            carried[before & is_split & later] *= split.ratio
    return _scaled(bars, lacking, carried)


def _scaled(bars: BarSeries, lacking: FloatArray, carried: FloatArray) -> BarSeries:
    if (lacking == 1.0).all() and (carried == 1.0).all():
        return bars
    prices = {
        name: getattr(bars, name) / lacking * carried
        for name in ("opens", "highs", "lows", "closes")
    }
    return replace(bars, **prices, volumes=bars.volumes * lacking / carried)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KnownBars:
    """Bars as they are stored, with what is known of their splits.

    `traced` None: no split is known of the symbol.
    """

    stored: BarSeries
    traced: TracedBars | None
    splits: tuple[Split, ...]

    def as_of(self, moment: datetime) -> BarSeries:
        """Return the bars in the units of a moment's day."""
        if self.traced is None:
            return self.stored
        return in_units_of(self.traced, self.splits, new_york_date(moment))


def marked(source: str, reads: Sequence[KnownBars], moment: datetime) -> str:
    """Return a source, marked where bars in the units of a moment's day are not those stored."""
    changed = any(read.as_of(moment) is not read.stored for read in reads)
    return source + TAKEN_OUT if changed else source


class SplitAwareBars:
    """Reads a store; asks once for each symbol's splits. `splits` None: nothing is known of any."""

    def __init__(self, store: BarStore, splits: SplitStore | None) -> None:
        self._store = store
        self._splits = splits
        self._known: dict[str, tuple[Split, ...]] = {}

    def splits_of(self, symbol: str) -> tuple[Split, ...]:
        """Return every split that is known of a symbol, oldest first."""
        if self._splits is None:
            return ()
        if symbol not in self._known:
            self._known[symbol] = self._splits.of(symbol)
        return self._known[symbol]

    def read(
        self,
        symbol: str,
        timeframe: Timeframe,
        *,
        start: datetime | None = None,
        stop: datetime | None = None,
        last: int | None = None,
    ) -> KnownBars:
        """Return what the store's `read` returns, to be had in the units of any day."""
        splits, store = self.splits_of(symbol), self._store
        if not splits:
            stored = store.read(symbol, timeframe, start=start, stop=stop, last=last)
            return KnownBars(stored=stored, traced=None, splits=())
        traced = store.traced(symbol, timeframe, start=start, stop=stop, last=last)
        return KnownBars(stored=traced.series, traced=traced, splits=splits)

    def arriving(self, bars: BarSeries, source: str, at: datetime) -> KnownBars:
        """Return bars that come of a source at a moment, as they would be read from the store."""
        splits = self.splits_of(bars.symbol)
        if not splits:
            return KnownBars(stored=bars, traced=None, splits=())
        traced = TracedBars(
            series=bars,
            sources=(source,) * len(bars),
            ingested=np.full(len(bars), to_micros(at), dtype=np.int64),
        )
        return KnownBars(stored=bars, traced=traced, splits=splits)
