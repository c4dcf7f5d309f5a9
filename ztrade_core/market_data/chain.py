"""The providers of an asset class in their order, and the one way of their bars into the store.

Nothing stands in silently: who is passed over or fails is named with the reason, and every row carries
the `source` that it came from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ztrade_core.domain.time import MICROSECOND, Timeframe, iso_z, to_micros
from ztrade_core.errors import NoDataError, UnsoundDataError
from ztrade_core.market_data.adjustments import DELIVERED, adjustment_of, refusal
from ztrade_core.market_data.admission import admit_bars
from ztrade_core.market_data.soundness import check_series
from ztrade_core.market_data.vendors.shaping import picked
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.providers import BarProvider, FetchedBars
from ztrade_core.ports.quarantine import Quarantine
from ztrade_core.ports.splits import SplitStore
from ztrade_core.wires.pacing import TimeBudget


class Chain:
    """Providers in order of preference; a function is asked for them when they are first needed.

    `lacking` says of a provider's name what it lacks (a key); `budget` bounds one refresh.
    """

    def __init__(
        self,
        providers: Sequence[BarProvider] | Callable[[], Sequence[BarProvider]],
        *,
        lacking: Mapping[str, str] | None = None,
        budget: TimeBudget | None = None,
    ) -> None:
        self._given = providers
        self._lacking = dict(lacking or {})
        self._budget = budget

    @cached_property
    def providers(self) -> tuple[BarProvider, ...]:
        """The providers, in order."""
        return tuple(self._given() if callable(self._given) else self._given)

    def begin(self) -> None:
        """Start the time that one refresh may take."""
        if self._budget is not None:
            self._budget.begin()

    def why_not(self, provider: BarProvider, symbol: str, timeframe: Timeframe, held: str) -> str:
        """Return why a provider is not asked for a series whose bars are of source `held`; or empty."""
        if not provider.supports(symbol, timeframe):
            return self._lacking.get(provider.name) or f"does not offer {symbol} {timeframe}"
        return refusal(symbol, held, DELIVERED.get(provider.name, ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesWindow:
    """Which bars: `start <= open < stop` of one series."""

    symbol: str
    timeframe: Timeframe
    start: datetime
    stop: datetime

    @property
    def name(self) -> str:
        """The series, as `TSLA 5m`."""
        return f"{self.symbol} {self.timeframe}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of a question: bars in the answer, rows written of them, their source, what to tell."""

    rows: int
    written: int
    source: str
    notes: tuple[str, ...] = ()


class Intake:
    """Takes what a provider has of a window into the store.

    With a quarantine defective bars are kept apart in it; without one the first refuses the answer.
    """

    def __init__(
        self,
        store: BarStore,
        calendar: Calendar,
        clock: Clock,
        quarantine: Quarantine | None = None,
        *,
        splits: SplitStore | None = None,
    ) -> None:
        self._quarantine = quarantine
        self._splits = splits
        self._store = store
        self._calendar = calendar
        self._clock = clock

    def held(self, symbol: str, timeframe: Timeframe) -> str:
        """Return the source of a series' last stored bar; empty when there is none."""
        last = self._store.read(symbol, timeframe, last=1)
        return self._store.source_at(symbol, timeframe, last.last_open) if len(last) else ""

    def telling(self, symbol: str, timeframe: Timeframe) -> str:
        """Return a source of a series that says which prices it holds; the last bar's comes first.

        Empty when none says so: files do not.
        """
        last = self.held(symbol, timeframe)
        if adjustment_of(last):
            return last
        said = [each for each in self._sources(symbol, timeframe) if adjustment_of(each)]
        return said[0] if said else last

    def _sources(self, symbol: str, timeframe: Timeframe) -> tuple[str, ...]:
        key = (symbol, timeframe)
        status = self._store.status()
        return next((each.sources for each in status if (each.symbol, each.timeframe) == key), ())

    def _mixing(self, symbol: str, timeframe: Timeframe, source: str) -> str:
        """Return why bars of a source may not join the series; empty: they may. Every bar counts."""
        delivered = adjustment_of(source)
        if not delivered:
            return ""
        whys = (refusal(symbol, each, delivered) for each in self._sources(symbol, timeframe))
        return next(filter(None, whys), "")

    def take(self, provider: BarProvider, window: SeriesWindow) -> Taken:
        """Fetch, judge and write.

        Raises:
            DataError: what the provider raised; nothing in the window; or bars that may not enter.
        """
        symbol, timeframe = window.symbol, window.timeframe
        fetched = provider.fetch(symbol, timeframe, window.start, window.stop)
        stamps = fetched.series.timestamps
        low, high = to_micros(window.start), to_micros(window.stop)
        bars = picked(fetched.series, (stamps >= low) & (stamps < high))
        if not len(bars):
            raise NoDataError(
                f"has no complete bar of {window.name} from {iso_z(window.start)} to"
                f" {iso_z(window.stop)}"
            )
        mixed = self._mixing(symbol, timeframe, fetched.source)
        if mixed:
            raise UnsoundDataError(mixed)
        return self._admit(FetchedBars(series=bars, source=fetched.source))

    def _admit(self, fetched: FetchedBars) -> Taken:
        now = self._clock.now()
        if self._quarantine is not None:
            done = admit_bars(
                fetched,
                store=self._store,
                quarantine=self._quarantine,
                calendar=self._calendar,
                known_at=now,
                splits=self._splits,
            )
            return Taken(rows=done.rows, written=done.written, source=done.source, notes=done.notes)
        bars, source = fetched.series, fetched.source
        check_series(bars, origin=source, calendar=self._calendar, known_at=now)
        report = self._store.upsert([bars], source=source, ingested_at=now)[0]
        return Taken(rows=len(bars), written=report.inserted + report.updated, source=source)


def through(newest: datetime) -> datetime:
    """Return the stop of a window whose last bar opens at `newest`."""
    return newest + MICROSECOND
