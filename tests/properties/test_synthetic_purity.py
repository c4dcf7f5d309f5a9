"""Invented bars are a pure function of seed, symbol, timeframe and open time."""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.series import series_equal
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import Timeframe, to_micros
from ztrade_core.errors import NoDataError
from ztrade_core.market_data.soundness import check_series
from ztrade_core.market_data.synthetic import SyntheticProvider

START, STOP = datetime(2022, 11, 18, tzinfo=UTC), datetime(2022, 12, 6, tzinfo=UTC)
MOMENTS = st.integers(0, (STOP - START) // timedelta(minutes=1)).map(
    lambda count: START + timedelta(minutes=count)
)
SYMBOLS = st.sampled_from(["TSLA", "BTC/USD", "WXYZ"])
TIMEFRAMES = st.sampled_from(list(Timeframe))


@cache
def calendar() -> ExchangeSessions:
    return ExchangeSessions()


@cache
def whole(symbol: str, timeframe: Timeframe) -> BarSeries:
    return SyntheticProvider(11, calendar()).fetch(symbol, timeframe, START, STOP).series


@given(symbol=SYMBOLS, timeframe=TIMEFRAMES, ends=st.tuples(MOMENTS, MOMENTS))
def test_any_sub_range_asked_alone_gives_the_same_bars(
    symbol: str, timeframe: Timeframe, ends: tuple[datetime, datetime]
) -> None:
    start, stop = sorted(ends)
    bars = whole(symbol, timeframe)
    span = slice(*bars.timestamps.searchsorted([to_micros(start), to_micros(stop)]).tolist())
    provider = SyntheticProvider(11, calendar())
    if span.start == span.stop:
        with pytest.raises(NoDataError):
            provider.fetch(symbol, timeframe, start, stop)
        return
    alone = provider.fetch(symbol, timeframe, start, stop).series
    assert series_equal(alone, bars.window(span.start, span.stop))


@given(symbol=SYMBOLS, timeframe=TIMEFRAMES)
def test_the_bars_are_sound_and_fill_the_calendars_grid(symbol: str, timeframe: Timeframe) -> None:
    bars = whole(symbol, timeframe)
    check_series(bars, origin="synthetic", calendar=calendar(), known_at=STOP + timedelta(days=2))
    asset_class = instrument_of(symbol).asset_class
    grid = calendar().expected_bars(asset_class, timeframe, START, STOP)
    assert bars.timestamps.tolist() == [to_micros(opened) for opened in grid]
    cents = np.stack((bars.opens, bars.highs, bars.lows, bars.closes)) * 100.0
    assert np.abs(cents - np.rint(cents)).max() < 1e-6


def test_timeframes_agree_with_each_other() -> None:
    """The week's hours are its minutes put together; the half day of 2022-11-25 is in it."""
    minutes, hours = whole("TSLA", Timeframe.M1), whole("TSLA", Timeframe.H1)
    for index in range(len(hours)):
        hour = hours.bar(index)
        done = hours.timestamps[index + 1] if index + 1 < len(hours) else 2**62
        inside = (minutes.timestamps >= hour.timestamp) & (minutes.timestamps < done)
        assert hour.open == minutes.opens[inside][0]
        assert hour.close == minutes.closes[inside][-1]
        assert hour.high == minutes.highs[inside].max()
        assert hour.low == minutes.lows[inside].min()
        assert hour.volume == minutes.volumes[inside].sum()


def test_seeds_and_symbols_give_other_bars() -> None:
    other = SyntheticProvider(12, calendar()).fetch("TSLA", Timeframe.H1, START, STOP)
    assert other.source == "synthetic:v1:12"
    assert not np.array_equal(other.series.closes, whole("TSLA", Timeframe.H1).closes)
    assert whole("TSLA", Timeframe.H1).closes[0] != whole("WXYZ", Timeframe.H1).closes[0]


def test_the_bars_are_the_same_on_every_machine_and_day() -> None:
    """A change here is a new version of the synthetic bars: grow VERSION."""
    provider = SyntheticProvider(20220301, calendar())
    digest = hashlib.sha256()
    for symbol, timeframe in (("TSLA", Timeframe.M5), ("BTC/USD", Timeframe.H1)):
        bars = provider.fetch(symbol, timeframe, START, STOP).series
        for column in (bars.timestamps, bars.opens, bars.highs, bars.lows, bars.closes):
            digest.update(column.tobytes())
        digest.update(bars.volumes.tobytes())
    assert digest.hexdigest() == "2ded400265af518668cd0967fdde7118ccaf5f32ad26d2c8a93e72bfbec3f949"


def test_prices_move_like_prices() -> None:
    """Two years of days: some 1 to 4 % a day, and no day beyond 20 %."""
    provider = SyntheticProvider(1, calendar())
    start = datetime(2021, 1, 1, tzinfo=UTC)
    for symbol in ("TSLA", "BTC/USD"):
        series = provider.fetch(symbol, Timeframe.D1, start, start + timedelta(days=730)).series
        returns = np.diff(series.closes) / series.closes[:-1]
        assert 0.01 < returns.std() < 0.04
        assert np.abs(returns).max() < 0.2
        assert series.volumes.min() > 0
