"""The past does not move: bars that arrive later never change what a view returns."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.series import series_equal
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import Timeframe, from_micros
from ztrade_core.errors import LookAheadError
from ztrade_core.market_data.arrays import ArrayMarket
from ztrade_core.market_data.market import StoreMarket
from ztrade_core.market_data.synthetic import SyntheticProvider
from ztrade_core.ports.market import Market, MarketView

START, STOP = datetime(2022, 8, 1, tzinfo=UTC), datetime(2022, 12, 1, tzinfo=UTC)
FIRST = datetime(2022, 11, 1, tzinfo=UTC)
MOMENTS = st.integers(0, (STOP - FIRST) // timedelta(seconds=30)).map(
    lambda count: FIRST + timedelta(seconds=30 * count)
)
ASKED = (("TSLA", Timeframe.H1), ("BTC/USD", Timeframe.H1), ("AAPL", Timeframe.D1))


@cache
def calendar() -> ExchangeSessions:
    return ExchangeSessions()


@cache
def history() -> tuple[BarSeries, ...]:
    provider = SyntheticProvider(3, calendar())
    return tuple(provider.fetch(*asked, START, STOP).series for asked in ASKED)


def opened_before(series: BarSeries, moment: datetime) -> BarSeries:
    """What had begun by `moment`: the incomplete bar is in it, as a vendor would deliver it."""
    count = len([1 for stamp in series.timestamps if from_micros(int(stamp)) < moment])
    return series.window(0, count)


def array_market(series: list[BarSeries]) -> Market:
    return ArrayMarket(series, calendar())


def store_market(series: list[BarSeries]) -> Market:
    store = MemoryBarStore()
    store.upsert(series, source="synthetic:v1:3", ingested_at=STOP)
    clock = SimulatedClock(STOP)
    return StoreMarket(store, calendar(), clock=clock, providers={}, history_start=START)


@cache
def whole_store_market() -> Market:
    return store_market(list(history()))


def everything(view: MarketView) -> tuple[list[BarSeries], list[object]]:
    """All that a view can tell."""
    bars = [view.last_bars(*asked, 50) for asked in ASKED]
    bars += [view.bars_after(*asked, view.as_of - timedelta(days=9)) for asked in ASKED]
    rest: list[object] = [view.mark(*asked) for asked in ASKED]
    return bars, [*rest, view.correlations(ASKED, 30, 20)]


@given(moment=MOMENTS)
def test_future_bars_never_change_what_an_array_view_returns(moment: datetime) -> None:
    past = array_market([opened_before(series, moment) for series in history()])
    bars, rest = everything(past.view(moment))
    all_bars, all_rest = everything(array_market(list(history())).view(moment))
    assert all(series_equal(*pair) for pair in zip(bars, all_bars, strict=True))
    assert rest == all_rest


@given(moment=MOMENTS)
def test_a_store_view_returns_what_an_array_view_returns(moment: datetime) -> None:
    bars, rest = everything(whole_store_market().view(moment))
    other_bars, other_rest = everything(array_market(list(history())).view(moment))
    assert all(series_equal(*pair) for pair in zip(bars, other_bars, strict=True))
    assert rest == other_rest


@given(moment=MOMENTS)
def test_every_bar_that_a_view_returns_is_complete(moment: datetime) -> None:
    for bars in everything(array_market(list(history())).view(moment))[0]:
        asset_class = instrument_of(bars.symbol).asset_class
        for stamp in bars.timestamps:
            done = calendar().completes_at(asset_class, bars.timeframe, from_micros(int(stamp)))
            assert done <= moment


@given(moment=MOMENTS, later=st.timedeltas(timedelta(microseconds=1), timedelta(days=400)))
@pytest.mark.parametrize("make", [array_market, store_market])
def test_a_read_past_as_of_raises(
    make: Callable[[list[BarSeries]], Market], moment: datetime, later: timedelta
) -> None:
    view = make([]).view(moment)
    with pytest.raises(LookAheadError):
        view.last_bars("TSLA", Timeframe.H1, 1, until=moment + later)
    with pytest.raises(LookAheadError):
        view.bars_after("TSLA", Timeframe.H1, START, until=moment + later)
    with pytest.raises(LookAheadError):
        view.mark("TSLA", Timeframe.H1, until=moment + later)
