"""A window of a series: what the store holds of it, what the calendar expects, what is missing.

`load_window` looks first, asks providers only for what is missing, and reports. With no provider
that delivers (the `files` setting) nothing is fetched, and the report says what is there.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import MICROSECOND, Timeframe, from_micros, to_micros
from ztrade_core.errors import DataError, NoDataError
from ztrade_core.market_data.soundness import check_series, first_fault
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.providers import BarProvider

NO_PROVIDER = "no provider fetches this series: the store holds what was imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesWindow:
    """Which bars: `start <= open < stop` of one series."""

    symbol: str
    timeframe: Timeframe
    start: datetime
    stop: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowReport:
    """A window after loading.

    `expected` counts the calendar's bars that are complete by now; `missing` holds the opens of
    those that the store lacks; `unsound` names the first bad bar.
    """

    window: SeriesWindow
    bars: BarSeries
    source: str
    expected: int
    missing: tuple[datetime, ...]
    written: int
    unsound: str | None
    notes: tuple[str, ...]


class WindowLoader:
    """Loads windows into one store from providers, in their order."""

    def __init__(
        self,
        store: BarStore,
        calendar: Calendar,
        clock: Clock,
        providers: Sequence[BarProvider],
    ) -> None:
        self._store = store
        self._calendar = calendar
        self._clock = clock
        self._providers = tuple(providers)

    def load(self, window: SeriesWindow) -> WindowReport:
        """Fetch what the store lacks of a window, and report what it then holds."""
        expected = self._expected(window)
        missing = _missing(expected, self._read(window))
        written, notes = self._fetch(window, missing) if missing else (0, ())
        bars = self._read(window)
        return WindowReport(
            window=window,
            bars=bars,
            source=self._source(bars),
            expected=len(expected),
            missing=_missing(expected, bars),
            written=written,
            unsound=self._unsound(bars),
            notes=notes,
        )

    def _read(self, window: SeriesWindow) -> BarSeries:
        return self._store.read(
            window.symbol, window.timeframe, start=window.start, stop=window.stop
        )

    def _expected(self, window: SeriesWindow) -> list[datetime]:
        """Return the opens of the window's bars that are complete by now."""
        now = self._clock.now()
        stop = min(window.stop, now)
        if stop <= window.start:
            return []
        asset_class = instrument_of(window.symbol).asset_class
        newest = self._calendar.expected_bar(asset_class, window.timeframe, now)
        opens = self._calendar.expected_bars(asset_class, window.timeframe, window.start, stop)
        return [opened for opened in opens if newest is not None and opened <= newest]

    def _fetch(
        self, window: SeriesWindow, missing: Sequence[datetime]
    ) -> tuple[int, tuple[str, ...]]:
        symbol, timeframe = window.symbol, window.timeframe
        notes: list[str] = []
        for provider in self._providers:
            try:
                if not provider.supports(symbol, timeframe):
                    raise NoDataError(f"does not offer {symbol} {timeframe}")
                return self._take(provider, window, missing), tuple(notes)
            except DataError as error:
                notes.append(f"{provider.name}: {error}")
        return 0, tuple(notes) or (NO_PROVIDER,)

    def _take(
        self, provider: BarProvider, window: SeriesWindow, missing: Sequence[datetime]
    ) -> int:
        stop = missing[-1] + MICROSECOND
        fetched = provider.fetch(window.symbol, window.timeframe, missing[0], stop)
        stamps = fetched.series.timestamps
        low = int(stamps.searchsorted(to_micros(missing[0])))
        bars = fetched.series.window(low, int(stamps.searchsorted(to_micros(stop))))
        if not len(bars):
            raise NoDataError(f"has no complete bar of the {len(missing)} that are missing")
        now = self._clock.now()
        check_series(bars, origin=fetched.source, calendar=self._calendar, known_at=now)
        report = self._store.upsert([bars], source=fetched.source, ingested_at=now)[0]
        return report.inserted + report.updated

    def _source(self, bars: BarSeries) -> str:
        if not len(bars):
            return ""
        ends = (from_micros(int(bars.timestamps[0])), bars.last_open)
        found = Counter(self._store.source_at(bars.symbol, bars.timeframe, end) for end in ends)
        return ", ".join(found)

    def _unsound(self, bars: BarSeries) -> str | None:
        fault = first_fault(bars, self._calendar, self._clock.now())
        if fault is None:
            return None
        return f"{from_micros(int(bars.timestamps[fault.index]))}: {fault.reason}"


def _missing(expected: Sequence[datetime], bars: BarSeries) -> tuple[datetime, ...]:
    held = set(bars.timestamps.tolist())
    return tuple(opened for opened in expected if to_micros(opened) not in held)
