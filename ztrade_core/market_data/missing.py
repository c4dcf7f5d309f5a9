"""What a window lacks: the calendar's bars against the store's, month by month.

A stretch is one month of a window (New York's months for stocks, UTC's for coins: so a vendor that
serves months is asked for each once). Bars are looked for only when they are complete by now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import NEW_YORK, to_micros
from ztrade_core.market_data.chain import SeriesWindow, through
from ztrade_core.ports.asked import AskedRange
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar, Clock

_MONTHS = 12


class Gaps:
    """Compares windows with the calendar."""

    def __init__(self, store: BarStore, calendar: Calendar, clock: Clock) -> None:
        self._store = store
        self._calendar = calendar
        self._clock = clock

    def expected(self, window: SeriesWindow) -> list[datetime]:
        """Return the opens of a window's bars that are complete by now."""
        now = self._clock.now()
        stop = min(window.stop, now)
        if stop <= window.start:
            return []
        asset_class = instrument_of(window.symbol).asset_class
        newest = self._calendar.expected_bar(asset_class, window.timeframe, now)
        opens = self._calendar.expected_bars(asset_class, window.timeframe, window.start, stop)
        return [opened for opened in opens if newest is not None and opened <= newest]

    def missing(self, window: SeriesWindow) -> list[datetime]:
        """Return the expected opens that the store lacks."""
        return self.lacking(window, self.expected(window))

    def lacking(self, window: SeriesWindow, expected: Sequence[datetime]) -> list[datetime]:
        """Return those of `expected` that the store lacks."""
        bars = self._store.read(
            window.symbol, window.timeframe, start=window.start, stop=window.stop
        )
        held = set(bars.timestamps.tolist())
        return [opened for opened in expected if to_micros(opened) not in held]


def months(window: SeriesWindow) -> Iterator[SeriesWindow]:
    """Yield the window's months, the first and the last cut to it."""
    start = window.start
    while start < window.stop:
        ends = whole_month(replace(window, start=start)).stop
        yield replace(window, start=start, stop=min(ends, window.stop))
        start = ends


def whole_month(window: SeriesWindow) -> SeriesWindow:
    """Return the month in which a window begins, from its first day to its end."""
    asset_class = instrument_of(window.symbol).asset_class
    zone = NEW_YORK if asset_class is AssetClass.STOCK else UTC
    local = window.start.astimezone(zone)
    number = local.year * _MONTHS + local.month
    first = datetime(local.year, local.month, 1, tzinfo=zone)
    after = datetime(number // _MONTHS, number % _MONTHS + 1, 1, tzinfo=zone)
    return replace(window, start=first.astimezone(UTC), stop=after.astimezone(UTC))


def unanswered(missing: Sequence[datetime], answers: Sequence[AskedRange]) -> list[datetime]:
    """Return the missing opens that no answer covers."""
    return [
        opened
        for opened in missing
        if not any(answer.start <= opened < answer.stop for answer in answers)
    ]


def around(window: SeriesWindow, missing: Sequence[datetime]) -> SeriesWindow:
    """Return the part of a window from its first missing bar through its last."""
    return replace(window, start=missing[0], stop=through(missing[-1]))


def runs(expected: Sequence[datetime], missing: Sequence[datetime]) -> list[tuple[datetime, int]]:
    """Return runs of missing bars that follow each other on the calendar: first open and length."""
    place = {opened: index for index, opened in enumerate(expected)}
    found: list[tuple[datetime, int]] = []
    before = -2
    for opened in missing:
        at = place[opened]
        if at == before + 1:
            first, length = found[-1]
            found[-1] = (first, length + 1)
        else:
            found.append((opened, 1))
        before = at
    return found
