"""What checks know beside the bars: the calendar's facts, and what the store holds around them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from ztrade_core.domain.bars import BarSeries, IntArray, empty_series
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import Timeframe, from_micros, to_micros
from ztrade_core.errors import InputError
from ztrade_core.ports.clock import Calendar

EARLIEST = to_micros(datetime.fromisoformat("1990-01-01T00:00:00Z"))
DAY_MICROS = Timeframe.D1.micros
RAW_SUFFIX, NO_VOLUME = ":raw", "no-volume"  # words in the `source` of vendors that say so
SLACK = timedelta(days=5)  # over a long weekend, so that the sessions at both ends are whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalendarFacts:
    """Stamps in microseconds, ascending.

    `expected` are the opens of the bars that are complete at `known_at`, from some days before the
    first judged bar to some days after the last one; `closes` the session closes over that span (empty
    for crypto); `newest` the open of the last bar that should be there at `known_at`.
    """

    is_stock: bool
    timeframe: Timeframe
    expected: IntArray
    closes: IntArray
    known_at: int
    newest: int | None

    def sessions(self, stamps: IntArray) -> IntArray:
        """Return the number of each stamp's session; a UTC day for crypto."""
        if self.is_stock:
            return self.closes.searchsorted(stamps, side="right").astype(np.int64)
        return stamps // DAY_MICROS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Context:
    """What the store holds: the last bars before the judged ones, those at the same time, the next.

    `source` is the judged bars' own; `splits` are those known of the stock, which the bars of all
    four are shown without.
    """

    before: BarSeries
    overlap: BarSeries
    after: BarSeries
    source: str = ""
    splits: tuple[Split, ...] = ()

    @property
    def is_raw(self) -> bool:
        """Whether the source does not adjust for splits: then they are told, not kept out."""
        return self.source.endswith(RAW_SUFFIX)

    @property
    def has_volume(self) -> bool:
        """Whether the source has volume at all."""
        return NO_VOLUME not in self.source


def no_context(symbol: str, timeframe: Timeframe, source: str = "") -> Context:
    """Return the context of a series that the store does not hold."""
    nothing = empty_series(symbol, timeframe)
    return Context(before=nothing, overlap=nothing, after=nothing, source=source)


def facts_of(calendar: Calendar, bars: BarSeries, known_at: datetime) -> CalendarFacts:
    """Return the calendar's facts for some bars, whose stamps may be anything.

    Raises:
        InputError: the bars lie before the calendar's years.
    """
    asset_class = instrument_of(bars.symbol).asset_class
    is_stock = asset_class is AssetClass.STOCK
    now = to_micros(known_at)
    stamps = bars.timestamps[(bars.timestamps >= EARLIEST) & (bars.timestamps <= now)]
    expected, closes = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    if len(stamps):
        first, last = from_micros(int(stamps.min())), from_micros(int(stamps.max()))
        stop = min(last + SLACK, known_at)
        start = _not_before_the_calendar(calendar, asset_class, first)
        opens = calendar.expected_bars(asset_class, bars.timeframe, start, stop)
        grid = np.array([to_micros(opened) for opened in opens], dtype=np.int64)
        complete = calendar.complete_count(asset_class, bars.timeframe, grid, known_at)
        expected = grid[:complete]
        if is_stock:
            found = calendar.session_closes(start.date(), (last + SLACK).date())
            closes = np.array([to_micros(close) for close in found], dtype=np.int64)
    newest = calendar.expected_bar(asset_class, bars.timeframe, known_at)
    return CalendarFacts(
        is_stock=is_stock,
        timeframe=bars.timeframe,
        expected=expected,
        closes=closes,
        known_at=now,
        newest=None if newest is None else to_micros(newest),
    )


def _not_before_the_calendar(
    calendar: Calendar, asset_class: AssetClass, first: datetime
) -> datetime:
    """Return `first` less the slack, or `first` at the calendar's very beginning."""
    try:
        calendar.expected_bars(asset_class, Timeframe.D1, first - SLACK, first - SLACK)
    except InputError:
        return first
    return first - SLACK


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joined:
    """The judged bars between what is stored before and after: `bars[start:stop]` are judged."""

    bars: BarSeries
    start: int
    stop: int

    def judged(self, index: int) -> bool:
        """Return whether a row of the joined series is one of the judged bars."""
        return self.start <= index < self.stop


def joined(bars: BarSeries, context: Context) -> Joined:
    """Put the judged bars between the stored ones before and after them."""
    parts = (context.before, bars, context.after)
    names = ("timestamps", "opens", "highs", "lows", "closes", "volumes")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    series = BarSeries(symbol=bars.symbol, timeframe=bars.timeframe, **columns)
    start = len(context.before)
    return Joined(bars=series, start=start, stop=start + len(bars))
