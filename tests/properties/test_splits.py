"""Bars in the shares of one day: the same whatever vendor told them, and whenever they came."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.split_store import MemorySplitStore
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.splits import Split, ratio_between
from ztrade_core.domain.time import (
    Timeframe,
    from_micros,
    new_york_date,
    new_york_midnight,
    parse_instant,
)
from ztrade_core.market_data.market import StoreReader
from ztrade_core.market_data.synthetic import SyntheticProvider
from ztrade_core.market_data.views import PointInTimeView

CALENDAR = ExchangeSessions(start=date(2022, 1, 3), end=date(2022, 12, 30))
START, STOP = parse_instant("2022-08-01T00:00:00Z"), parse_instant("2022-09-10T00:00:00Z")
EX = date(2022, 8, 25)
PRICES = ("opens", "highs", "lows", "closes")
RAW, SPLIT = "alpha_vantage:raw", "alpaca:iex:split"
RATIOS = st.sampled_from([3.0, 2.0, 1.5, 20.0, 0.125, 1.0 / 3.0])
DAYS = st.dates(date(2022, 8, 2), date(2022, 9, 8))
SERIES = st.sampled_from([Timeframe.D1, Timeframe.H1])


def traded(timeframe: Timeframe, splits: list[Split], seed: int = 1) -> BarSeries:
    """Return invented bars as they were traded: prices fall, and volume rises, at every split."""
    smooth = SyntheticProvider(seed, CALENDAR).fetch("TSLA", timeframe, START, STOP).series
    ratios = np.array([ratio_between(splits, date(2022, 1, 1), day) for day in days_of(smooth)])
    prices = {name: getattr(smooth, name) / ratios for name in PRICES}
    return replace(smooth, **prices, volumes=smooth.volumes * ratios)


def days_of(bars: BarSeries) -> list[date]:
    return [new_york_date(from_micros(int(stamp))) for stamp in bars.timestamps]


def told(bars: BarSeries, splits: list[Split], until: date) -> BarSeries:
    """Return traded bars as an adjusting vendor tells them on a day: counted by hand, bar by bar."""
    ratios = np.array([ratio_between(splits, day, until) for day in days_of(bars)])
    prices = {name: getattr(bars, name) / ratios for name in PRICES}
    return replace(bars, **prices, volumes=bars.volumes * ratios)


def noon(day: date) -> datetime:
    return new_york_midnight(day).astimezone(UTC) + timedelta(hours=12)


def view(store: MemoryBarStore, splits: list[Split], as_of: datetime) -> PointInTimeView:
    reader = StoreReader(store, as_of=as_of, splits=MemorySplitStore(splits))
    return PointInTimeView(reader, CALENDAR, as_of)


def held(bars: BarSeries, source: str, ingested: datetime = STOP) -> MemoryBarStore:
    store = MemoryBarStore()
    store.upsert([bars], source=source, ingested_at=ingested)
    return store


def seen(store: MemoryBarStore, splits: list[Split], as_of: datetime, at: Timeframe) -> BarSeries:
    return view(store, splits, as_of).last_bars("TSLA", at, 10_000)


def split(day: date, ratio: float) -> Split:
    return Split(symbol="TSLA", ex_date=day, ratio=ratio, source="test")


def assert_equal(found: BarSeries, expected: BarSeries, *, exactly: bool) -> None:
    assert found.timestamps.tolist() == expected.timestamps.tolist()
    for name in (*PRICES, "volumes"):
        one, other = getattr(found, name), getattr(expected, name)
        if exactly:
            assert one.tobytes() == other.tobytes(), name
        else:
            np.testing.assert_allclose(one, other, rtol=1e-13)


SPLITS = st.lists(
    st.builds(split, DAYS, RATIOS), max_size=3, unique_by=lambda one: one.ex_date
).map(lambda some: sorted(some, key=lambda one: one.ex_date))


@given(SPLITS, DAYS, SERIES)
def test_raw_bars_are_read_to_the_last_bit_as_an_adjusting_vendor_would_tell_them_that_day(
    splits: list[Split], day: date, timeframe: Timeframe
) -> None:
    bars = traded(timeframe, splits)
    found = seen(held(bars, RAW), splits, noon(day), timeframe)
    assert_equal(found, told(bars, splits, day).window(0, len(found)), exactly=True)


@given(SPLITS, DAYS, st.lists(DAYS, min_size=1, max_size=4), SERIES)
def test_adjusted_bars_that_came_on_any_days_are_read_in_the_shares_of_one(
    splits: list[Split], day: date, arrivals: list[date], timeframe: Timeframe
) -> None:
    """Each stretch came on a day of its own, adjusted by its vendor for the splits up to it."""
    bars, store = traded(timeframe, splits), MemoryBarStore()
    edges = np.linspace(0, len(bars), len(arrivals) + 1).astype(int)
    for first, stop, arrival in zip(edges, edges[1:], arrivals, strict=False):
        piece = told(bars, splits, arrival).window(int(first), int(stop))
        store.upsert([piece], source=SPLIT, ingested_at=noon(arrival))
    found = seen(store, splits, noon(day), timeframe)
    assert_equal(found, told(bars, splits, day).window(0, len(found)), exactly=False)


@given(SPLITS, DAYS, SERIES)
def test_a_split_of_the_future_changes_no_view_of_raw_bars(
    splits: list[Split], day: date, timeframe: Timeframe
) -> None:
    store = held(traded(timeframe, splits), RAW)
    known = [one for one in splits if one.ex_date <= day]
    now, then = (seen(store, some, noon(day), timeframe) for some in (splits, known))
    assert_equal(now, then, exactly=True)


@given(SPLITS, SERIES)
def test_returns_across_splits_are_those_of_the_series_without_one(
    splits: list[Split], timeframe: Timeframe
) -> None:
    smooth = SyntheticProvider(1, CALENDAR).fetch("TSLA", timeframe, START, STOP).series
    found = seen(held(traded(timeframe, splits), RAW), splits, STOP, timeframe)
    np.testing.assert_allclose(
        np.diff(np.log(found.closes)), np.diff(np.log(smooth.closes)), atol=1e-12
    )


@pytest.mark.parametrize("timeframe", [Timeframe.D1, Timeframe.M15])
def test_the_ex_dates_first_bar_and_later_ones_are_as_they_are(timeframe: Timeframe) -> None:
    splits = [split(EX, 3.0)]
    bars = traded(timeframe, splits)
    found = seen(held(bars, RAW), splits, STOP, timeframe)
    first = days_of(found).index(EX)
    assert_equal(found.window(first, len(found)), bars.window(first, len(found)), exactly=True)
    assert (found.closes[:first] == bars.closes[:first] / 3.0).all()
    assert (found.volumes[:first] == bars.volumes[:first] * 3.0).all()


def test_a_view_changes_with_new_yorks_midnight_of_the_ex_date() -> None:
    splits = [split(EX, 3.0)]
    bars = traded(Timeframe.D1, splits)
    store, midnight = held(bars, RAW), new_york_midnight(EX)
    before = seen(store, splits, midnight - timedelta(microseconds=1), Timeframe.D1)
    after = seen(store, splits, midnight, Timeframe.D1)
    assert before.closes.tolist() == bars.closes[: len(before)].tolist()
    assert after.closes.tolist() == (bars.closes[: len(after)] / 3.0).tolist()


@pytest.mark.parametrize("source", ["file:TSLA.csv", "synthetic:7"])
def test_bars_of_a_source_that_does_not_say_are_left_alone(source: str) -> None:
    bars = traded(Timeframe.D1, [])
    found = seen(held(bars, source), [split(EX, 3.0)], STOP, Timeframe.D1)
    assert_equal(found, bars.window(0, len(found)), exactly=True)


def test_adjusted_bars_that_came_after_a_split_are_not_adjusted_again() -> None:
    bars = traded(Timeframe.D1, [])
    found = seen(held(bars, SPLIT, STOP), [split(EX, 3.0)], STOP, Timeframe.D1)
    assert_equal(found, bars.window(0, len(found)), exactly=True)


def test_correlations_over_a_split_are_those_of_the_series_without_one() -> None:
    splits, pair = [split(EX, 3.0)], [("TSLA", Timeframe.D1), ("IWM", Timeframe.D1)]
    other = SyntheticProvider(2, CALENDAR).fetch("IWM", Timeframe.D1, START, STOP).series
    raw, smooth = held(traded(Timeframe.D1, splits), RAW), held(traded(Timeframe.D1, []), RAW)
    for store in (raw, smooth):
        store.upsert([other], source=RAW, ingested_at=STOP)
    [found], [expected] = (
        view(store, some, STOP).correlations(pair, 20, 10)
        for store, some in ((raw, splits), (smooth, []))
    )
    [blind] = view(raw, [], STOP).correlations(pair, 20, 10)
    assert found.value == pytest.approx(expected.value, abs=1e-12)
    assert found.value != pytest.approx(blind.value, abs=1e-3)
