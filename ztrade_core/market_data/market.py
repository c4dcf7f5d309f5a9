"""The market over the store: views for decisions, and the refresh that fills the store for them.

A view reads the store only; no provider is ever called while something decides. `refresh` asks the
providers in their configured order for what is missing since the last stored bar, and names each
one that it passed over: nothing stands in silently. A vendor is asked for the newest bars only, so far
back as `REACH` says: what lies before is a backfill's matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from typing_extensions import override

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import MICROSECOND, Timeframe, iso_z, require_utc
from ztrade_core.errors import DataError
from ztrade_core.logs import get_logger
from ztrade_core.market_data.chain import Chain, Intake, SeriesWindow, Taken, through
from ztrade_core.market_data.quarantine import standing_issues
from ztrade_core.market_data.split_news import SplitNews
from ztrade_core.market_data.splits import SplitAwareBars
from ztrade_core.market_data.views import BarReader, PointInTimeView, SentimentSource
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.market import Market, MarketView, RefreshReport
from ztrade_core.ports.providers import BarProvider
from ztrade_core.ports.quarantine import HeldRange, Quarantine
from ztrade_core.ports.splits import SplitStore

log = get_logger(__name__)
# What an agent looks back on (60 daily returns and more), within what Yahoo holds of each: counted from the
# moment of asking, as Yahoo does, for the newest bar is days old after a weekend.
REACH: Mapping[Timeframe, timedelta] = {
    Timeframe.M1: timedelta(days=6),
    Timeframe.M5: timedelta(days=58),
    Timeframe.M15: timedelta(days=58),
    Timeframe.H1: timedelta(days=200),
    Timeframe.D1: timedelta(days=730),
}


class StoreReader(BarReader):
    """Stored bars in the units of the day of `as_of`."""

    def __init__(
        self,
        store: BarStore,
        quarantine: Quarantine | None = None,
        *,
        as_of: datetime,
        splits: SplitStore | None = None,
    ) -> None:
        self._store = store
        self._quarantine = quarantine
        self._bars = SplitAwareBars(store, splits)
        self._as_of = as_of

    @override
    def last(self, symbol: str, timeframe: Timeframe, count: int, before: datetime) -> BarSeries:
        return self._bars.read(symbol, timeframe, stop=before, last=count).as_of(self._as_of)

    @override
    def between(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> BarSeries:
        return self._bars.read(symbol, timeframe, start=start, stop=stop).as_of(self._as_of)

    @override
    def source_at(self, symbol: str, timeframe: Timeframe, opened: datetime) -> str:
        return self._store.source_at(symbol, timeframe, opened)

    @override
    def issues(
        self, symbol: str, timeframe: Timeframe, start: datetime | None, stop: datetime
    ) -> tuple[str, ...]:
        if self._quarantine is None:
            return ()
        window = HeldRange(symbol=symbol, timeframe=timeframe, start=start, stop=stop)
        return standing_issues(self._quarantine, window)


class StoreMarket(Market):
    """Views on the store, refreshed from `providers` (per asset class, in order of preference).

    A series that has no bars yet is fetched from `history_start` on, of vendors within `REACH`.
    """

    def __init__(
        self,
        store: BarStore,
        calendar: Calendar,
        *,
        clock: Clock,
        providers: Mapping[AssetClass, Chain | Sequence[BarProvider]],
        history_start: datetime,
        sentiment: SentimentSource | None = None,
    ) -> None:
        self._store = store
        self._quarantine: Quarantine | None = None
        self._splits: SplitStore | None = None
        self._split_news: SplitNews | None = None
        self._calendar = calendar
        self._clock = clock
        self._intake = Intake(store, calendar, clock)
        self._chains = {
            key: value if isinstance(value, Chain) else Chain(value)
            for key, value in providers.items()
        }
        self._history_start = require_utc(history_start)
        self._sentiment = sentiment

    def keeping_apart(self, quarantine: Quarantine) -> "StoreMarket":
        """Keep defective bars apart from now on, and tell views of them; return this market.

        Without it the first defective bar refuses a whole answer.
        """
        self._quarantine = quarantine
        self._intake = self._new_intake()
        return self

    def knowing(self, splits: SplitStore, news: SplitNews | None = None) -> "StoreMarket":
        """Read bars in the units of their view's day from now on; return this market.

        `news` asks vendors for a stock's splits before its bars are refreshed.
        """
        self._splits, self._split_news = splits, news
        self._intake = self._new_intake()
        return self

    @override
    def view(self, as_of: datetime) -> MarketView:
        reader = StoreReader(self._store, self._quarantine, as_of=as_of, splits=self._splits)
        return PointInTimeView(reader, self._calendar, as_of, sentiment=self._sentiment)

    @override
    def refresh(self, symbol: str, timeframe: Timeframe, as_of: datetime) -> RefreshReport:
        asset_class = instrument_of(symbol).asset_class
        stored = self._store.read(symbol, timeframe, last=1)
        start = stored.last_open + MICROSECOND if len(stored) else self._history_start
        newest = self._calendar.expected_bar(asset_class, timeframe, as_of)
        taken = Taken(rows=0, written=0, source=self._intake.held(symbol, timeframe))
        notes: list[str] = []
        if newest is not None and start <= newest:
            window = SeriesWindow(
                symbol=symbol, timeframe=timeframe, start=start, stop=through(newest)
            )
            chain = self._chains.get(asset_class, Chain(()))
            chain.begin()
            if self._split_news is not None:
                notes += self._split_news.bring(symbol)
            reach = replace(window, start=max(start, as_of - REACH[timeframe]))
            taken = self._ask(chain, (window, reach), taken, notes)
        return RefreshReport(
            symbol=symbol,
            timeframe=timeframe,
            written=taken.written,
            source=taken.source,
            notes=tuple(notes),
        )

    def _new_intake(self) -> Intake:
        return Intake(
            self._store, self._calendar, self._clock, self._quarantine, splits=self._splits
        )

    def _ask(
        self,
        chain: Chain,
        windows: tuple[SeriesWindow, SeriesWindow],
        held: Taken,
        notes: list[str],
    ) -> Taken:
        """Return what the first provider that delivers brought; `held` when none does.

        `windows`: all that is missing, and the part of it within reach.
        """
        window = windows[0]
        told = self._intake.telling(window.symbol, window.timeframe)
        for provider in chain.providers:
            why = chain.why_not(provider, window.symbol, window.timeframe, told)
            if why:
                log.info("provider_passed_over", series=window.name, by=provider.name, why=why)
                notes.append(f"{provider.name}: {why}")
                continue
            near = _near(provider, *windows)
            try:
                taken = self._intake.take(provider, near)
            except DataError as error:
                log.warning(
                    "provider_failed", series=window.name, by=provider.name, error=str(error)
                )
                notes.append(f"{provider.name}: {error}")
                continue
            if near.start > window.start:
                notes.append(
                    f"asked from {iso_z(near.start)} on; `ztrade data backfill` brings what lies before"
                )
            notes += [f"{provider.name}: {note}" for note in taken.notes]
            return taken
        notes.append(f"no provider delivered {window.name} after {window.start:%Y-%m-%d}")
        return held


def _near(provider: BarProvider, window: SeriesWindow, near: SeriesWindow) -> SeriesWindow:
    """Return the part of a window that a vendor is asked for; all of it where no request is sent."""
    if near.start == window.start:
        return window
    asks = provider.calls(near.symbol, near.timeframe, near.start, near.stop) > 0
    return near if asks else window
