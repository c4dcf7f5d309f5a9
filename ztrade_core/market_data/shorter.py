"""Longer bars made of shorter ones that the store holds: a provider that asks nobody.

Only bars all of whose shorter ones are there are made; `source` is theirs with a
mark in front of its last word: `alpaca:iex:resampled-5m:split`.
"""

from datetime import datetime

from typing_extensions import override

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import Timeframe, from_micros, to_micros
from ztrade_core.errors import NoDataError
from ztrade_core.market_data.adjustments import RAW, adjustment_of
from ztrade_core.market_data.resampling import resampled
from ztrade_core.market_data.splits import SplitAwareBars
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.providers import BarProvider, FetchedBars

_MARK = "resampled-"


def shorter_ones(timeframe: Timeframe) -> list[Timeframe]:
    """Return the timeframes that bars of this one can be made of, longest first."""
    parts = [each for each in Timeframe if each.micros < timeframe.micros]
    return sorted(
        (each for each in parts if timeframe.micros % each.micros == 0),
        key=lambda each: each.micros,
        reverse=True,
    )


class ShorterBars(BarProvider):
    """Makes bars of the longest stored timeframe that gives any."""

    def __init__(
        self, bars: SplitAwareBars, calendar: Calendar, store: BarStore, clock: Clock
    ) -> None:
        self._bars = bars
        self._calendar = calendar
        self._store = store
        self._clock = clock

    @property
    @override
    def name(self) -> str:
        return "resampled"

    @override
    def supports(self, symbol: str, timeframe: Timeframe) -> bool:
        return bool(shorter_ones(timeframe))

    @override
    def calls(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> int:
        return 0

    @override
    def fetch(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> FetchedBars:
        for short in shorter_ones(timeframe):
            parts = self._parts(symbol, short, start, stop + timeframe.duration)
            made = resampled(parts, timeframe, self._calendar).series if len(parts) else parts
            stamps = made.timestamps
            low, high = stamps.searchsorted(to_micros(start)), stamps.searchsorted(to_micros(stop))
            if len(parts) and high > low:
                return FetchedBars(
                    series=made.window(int(low), int(high)),
                    source=self._source(parts),
                )
        raise NoDataError(f"no stored bars make {timeframe} bars of {symbol}")

    def _parts(self, symbol: str, short: Timeframe, start: datetime, stop: datetime) -> BarSeries:
        """Return the shorter bars as their vendor would tell them now: raw ones as traded."""
        found = self._bars.read(symbol, short, start=start, stop=stop)
        is_raw = len(found.stored) and adjustment_of(self._source(found.stored)) == RAW
        return found.stored if is_raw else found.as_of(self._clock.now())

    def _source(self, parts: BarSeries) -> str:
        """Return the shorter bars' source, marked; where first and last differ, what they share."""
        ends = {
            self._store.source_at(parts.symbol, parts.timeframe, at)
            for at in (from_micros(int(parts.timestamps[0])), parts.last_open)
        }
        words = [[word for word in each.split(":") if not word.startswith(_MARK)] for each in ends]
        adjustments = {each[-1] for each in words}
        origin = words[0][:-1] if len(words) == 1 else ["several"]
        last = words[0][-1:] if len(adjustments) == 1 else []
        return ":".join([*origin, f"{_MARK}{parts.timeframe}", *last])
