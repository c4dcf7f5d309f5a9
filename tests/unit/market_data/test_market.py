"""The market over the store: views, and the refresh that fills the store."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from typing_extensions import override

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.series import random_closes, series_equal, series_of_closes
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import LookAheadError, NoDataError, TransientDataError
from ztrade_core.market_data.arrays import ArrayMarket
from ztrade_core.market_data.market import StoreMarket
from ztrade_core.market_data.synthetic import SyntheticProvider
from ztrade_core.ports.market import Market
from ztrade_core.ports.providers import BarProvider, FetchedBars

CALENDAR = ExchangeSessions()
DAY = datetime(2022, 12, 28, 0, 0, tzinfo=UTC)
AS_OF = datetime(2022, 12, 28, 15, 2, tzinfo=UTC)
HISTORY = datetime(2022, 12, 20, tzinfo=UTC)


def session_bars() -> BarSeries:
    """The 78 five-minute bars of 2022-12-28."""
    opened = CALENDAR.expected_bars(AssetClass.STOCK, Timeframe.M5, DAY, DAY + timedelta(days=1))
    return series_of_closes("TSLA", Timeframe.M5, opened, random_closes(1, len(opened)))


class ListProvider(BarProvider):
    """A provider of given bars that remembers what it was asked, or fails as told."""

    def __init__(
        self, series: BarSeries | None = None, error: Exception | None = None, name: str = "list"
    ) -> None:
        self._name = name
        self._series = series
        self._error = error
        self.asked: list[tuple[datetime, datetime]] = []

    @property
    @override
    def name(self) -> str:
        return self._name

    @override
    def supports(self, symbol: str, timeframe: Timeframe) -> bool:
        return self._error is not None or self._series is not None

    @override
    def calls(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> int:
        return 0

    @override
    def fetch(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> FetchedBars:
        self.asked.append((start, stop))
        if self._error is not None or self._series is None:
            raise self._error or NoDataError("nothing")
        return FetchedBars(series=self._series, source=self._name)


def market_on(store: MemoryBarStore, *providers: BarProvider, now: datetime = AS_OF) -> StoreMarket:
    return StoreMarket(
        store,
        CALENDAR,
        clock=SimulatedClock(now),
        providers={AssetClass.STOCK: providers},
        history_start=HISTORY,
    )


def filled(*series: BarSeries) -> MemoryBarStore:
    store = MemoryBarStore()
    store.upsert(series, source="file:test.csv", ingested_at=AS_OF)
    return store


@pytest.fixture(params=["store", "arrays"])
def market(request: pytest.FixtureRequest) -> Market:
    if request.param == "store":
        return market_on(filled(session_bars()))
    sources = {("TSLA", Timeframe.M5): "file:test.csv"}
    return ArrayMarket([session_bars()], CALENDAR, sources=sources)


def test_a_view_shows_only_complete_bars(market: Market) -> None:
    """At 15:02 the bar of 14:55 is the last complete one, the seventh... sixth of the session."""
    bars = market.view(AS_OF).last_bars("TSLA", Timeframe.M5, 100)
    assert len(bars) == 6
    assert bars.last_open == datetime(2022, 12, 28, 14, 55, tzinfo=UTC)
    assert series_equal(bars, session_bars().window(0, 6))


def test_last_bars_are_the_newest(market: Market) -> None:
    bars = market.view(AS_OF).last_bars("TSLA", Timeframe.M5, 2)
    assert series_equal(bars, session_bars().window(4, 6))


def test_until_narrows_a_read(market: Market) -> None:
    view = market.view(AS_OF)
    until = datetime(2022, 12, 28, 14, 40, tzinfo=UTC)
    assert len(view.last_bars("TSLA", Timeframe.M5, 100, until=until)) == 2
    assert len(view.bars_after("TSLA", Timeframe.M5, DAY, until=until)) == 2
    assert view.mark("TSLA", Timeframe.M5, until=until) == session_bars().closes[1]


def test_bars_after_are_strictly_after(market: Market) -> None:
    after = datetime(2022, 12, 28, 14, 45, tzinfo=UTC)
    bars = market.view(AS_OF).bars_after("TSLA", Timeframe.M5, after)
    assert series_equal(bars, session_bars().window(4, 6))
    assert len(market.view(AS_OF).bars_after("TSLA", Timeframe.M5, AS_OF)) == 0


def test_a_read_past_as_of_raises(market: Market) -> None:
    view, until = market.view(AS_OF), AS_OF + timedelta(microseconds=1)
    for read in (
        lambda: view.last_bars("TSLA", Timeframe.M5, 1, until=until),
        lambda: view.bars_after("TSLA", Timeframe.M5, DAY, until=until),
        lambda: view.mark("TSLA", Timeframe.M5, until=until),
    ):
        with pytest.raises(LookAheadError, match="as of 2022-12-28T15:02:00Z"):
            read()


def test_a_series_that_is_not_there_is_empty(market: Market) -> None:
    view = market.view(AS_OF)
    assert len(view.last_bars("AAPL", Timeframe.D1, 5)) == 0
    assert view.mark("AAPL", Timeframe.D1) is None
    assert view.source("AAPL", Timeframe.D1) == ""


def test_the_source_of_the_last_bar_is_known(market: Market) -> None:
    assert market.view(AS_OF).source("TSLA", Timeframe.M5) == "file:test.csv"


def test_a_naive_moment_is_no_moment(market: Market) -> None:
    with pytest.raises(ValueError, match="naive"):
        market.view(datetime(2022, 12, 28, 15, 2))  # noqa: DTZ001


def test_there_is_no_sentiment_without_a_source(market: Market) -> None:
    assert market.view(AS_OF).sentiment("TSLA") is None


def test_sentiment_is_asked_as_of_the_view() -> None:
    reading = SentimentReading(score=0.4, confidence=0.9, scorer="test")
    asked: list[tuple[str, datetime]] = []

    def source(symbol: str, as_of: datetime) -> SentimentReading | None:
        asked.append((symbol, as_of))
        return reading

    market = ArrayMarket([], CALENDAR, sentiment=source)
    assert market.view(AS_OF).sentiment("TSLA") is reading
    assert asked == [("TSLA", AS_OF)]


def test_preloaded_bars_are_not_refreshed() -> None:
    report = ArrayMarket([], CALENDAR).refresh("TSLA", Timeframe.M5, AS_OF)
    assert report.written == 0
    assert report.notes == ("preloaded bars are not refreshed",)


def test_refresh_of_an_empty_series_asks_from_the_start_of_history() -> None:
    store, provider = MemoryBarStore(), ListProvider(session_bars())
    report = market_on(store, provider).refresh("TSLA", Timeframe.M5, AS_OF)
    last = datetime(2022, 12, 28, 14, 55, tzinfo=UTC)
    assert provider.asked == [(HISTORY, last + timedelta(microseconds=1))]
    assert (report.written, report.source, report.notes) == (6, "list", ())
    assert store.read("TSLA", Timeframe.M5).last_open == last


def test_refresh_asks_only_for_what_is_missing() -> None:
    provider = ListProvider(session_bars())
    store = filled(session_bars().window(0, 4))
    report = market_on(store, provider).refresh("TSLA", Timeframe.M5, AS_OF)
    first = datetime(2022, 12, 28, 14, 45, tzinfo=UTC)
    assert provider.asked[0][0] == first + timedelta(microseconds=1)
    assert report.written == 2


def test_a_fresh_series_asks_no_provider() -> None:
    provider = ListProvider(session_bars())
    store = filled(session_bars().window(0, 6))
    report = market_on(store, provider).refresh("TSLA", Timeframe.M5, AS_OF)
    assert provider.asked == []
    assert (report.written, report.source, report.notes) == (0, "file:test.csv", ())


@pytest.mark.parametrize("error", [TransientDataError("timed out"), NoDataError("no such symbol")])
def test_a_provider_that_fails_is_noted_and_the_next_one_asked(error: Exception) -> None:
    chain: Sequence[BarProvider] = (
        ListProvider(error=error, name="first"),
        ListProvider(name="second"),
        ListProvider(session_bars(), name="third"),
    )
    report = market_on(MemoryBarStore(), *chain).refresh("TSLA", Timeframe.M5, AS_OF)
    assert (report.written, report.source) == (6, "third")
    assert report.notes == (f"first: {error}", "second: does not offer TSLA 5m")


def test_no_provider_at_all_is_noted() -> None:
    report = market_on(MemoryBarStore()).refresh("TSLA", Timeframe.M5, AS_OF)
    assert report.written == 0
    assert report.notes == ("no provider delivered TSLA 5m after 2022-12-20",)


def test_unsound_bars_of_a_provider_never_enter() -> None:
    spoiled = session_bars()
    spoiled.volumes[2] = -1.0
    store = MemoryBarStore()
    report = market_on(store, ListProvider(spoiled)).refresh("TSLA", Timeframe.M5, AS_OF)
    assert report.written == 0
    assert "the volume is negative" in report.notes[0]
    assert store.status() == []


def test_synthetic_bars_never_mix_with_real_ones() -> None:
    store = filled(session_bars().window(0, 4))
    market = market_on(store, SyntheticProvider(7, CALENDAR))
    report = market.refresh("TSLA", Timeframe.M5, AS_OF)
    assert report.written == 0
    assert "synthetic" in report.notes[0]
    assert len(store.read("TSLA", Timeframe.M5)) == 4


def test_a_refresh_repeated_changes_nothing() -> None:
    store = MemoryBarStore()
    market = market_on(store, SyntheticProvider(7, CALENDAR))
    first = market.refresh("TSLA", Timeframe.M5, AS_OF)
    kept = store.read("TSLA", Timeframe.M5)
    again = market.refresh("TSLA", Timeframe.M5, AS_OF)
    assert first.source == again.source == "synthetic:v1:7"
    assert (first.written > 0, again.written) == (True, 0)
    assert series_equal(store.read("TSLA", Timeframe.M5), kept)
