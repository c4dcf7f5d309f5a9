"""Correlation of daily returns: by hand, against numpy, and sampled at the exchange's closes."""

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.series import random_closes, series_of_closes
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe, new_york_midnight
from ztrade_core.market_data.arrays import ArrayMarket
from ztrade_core.market_data.correlation import daily_returns, pearson_of_returns

CALENDAR = ExchangeSessions()
CLOSES = CALENDAR.session_closes(date(2022, 6, 1), date(2022, 12, 28))
AS_OF = CLOSES[-1]


def test_returns_by_hand() -> None:
    assert daily_returns([100.0, 110.0, 99.0]) == pytest.approx([0.1, -0.1])


def test_a_missing_session_takes_both_returns_around_it() -> None:
    """Prices 1 2 nan 4 5 against 1 2 3 4 5: returns into sessions 2 and 5 remain."""
    assert pearson_of_returns([1, 2, math.nan, 4, 5], [1, 2, 3, 4, 5], 2) == (1.0, 2)


def test_too_few_overlapping_returns_is_none() -> None:
    assert pearson_of_returns([1, 2, 4], [1, 3, 4], 3) == (None, 2)


def test_a_price_that_never_moved_is_none() -> None:
    assert pearson_of_returns([5, 5, 5, 5], [1, 3, 4, 2], 2) == (None, 3)


@given(seeds=st.tuples(st.integers(0, 9999), st.integers(0, 9999)))
def test_it_is_pearsons(seeds: tuple[int, int]) -> None:
    first, second = (random_closes(seed, 61) for seed in seeds)
    value, overlap = pearson_of_returns(first, second, 40)
    oracle = np.corrcoef(np.diff(first) / first[:-1], np.diff(second) / second[:-1])[0, 1]
    assert overlap == 60
    assert value == pytest.approx(oracle, abs=1e-12)
    assert value is not None
    assert -1.0 <= value <= 1.0


def daily(symbol: str, closes: list[float]) -> BarSeries:
    """Daily bars of the last sessions up to 2022-12-28."""
    dates = [close.date() for close in CLOSES[-len(closes) :]]
    return series_of_closes(symbol, Timeframe.D1, [new_york_midnight(day) for day in dates], closes)


def hourly(symbol: str, closes: list[float]) -> BarSeries:
    """Hourly crypto bars of which each last one before an XNYS close carries the given close."""
    start = CLOSES[-len(closes)] - timedelta(hours=30)
    start = start.replace(minute=0)
    opened = [start + timedelta(hours=n) for n in range((AS_OF - start) // timedelta(hours=1) + 5)]
    at_close = dict(zip(CLOSES[-len(closes) :], closes, strict=True))
    prices = [at_close.get(bar + timedelta(hours=1), 77.0) for bar in opened]
    return series_of_closes(symbol, Timeframe.H1, opened, prices)


def test_crypto_is_sampled_at_the_exchanges_closes() -> None:
    """The same closes as a stock's, whatever the price did in between: correlation 1."""
    closes = random_closes(7, 62)
    market = ArrayMarket([daily("AAPL", closes), hourly("BTC/USD", closes)], CALENDAR)
    found = market.view(AS_OF).correlations(
        [("BTC/USD", Timeframe.H1), ("AAPL", Timeframe.D1)], 60, 40
    )
    assert len(found) == 1
    assert (found[0].first, found[0].second, found[0].overlap) == ("AAPL", "BTC/USD", 60)
    assert found[0].value == pytest.approx(1.0)


def test_every_pair_in_sorted_order() -> None:
    series = [daily(symbol, random_closes(n, 62)) for n, symbol in enumerate("CAB")]
    pairs = market_pairs(series, AS_OF)
    assert pairs == [("A", "B"), ("A", "C"), ("B", "C")]


def market_pairs(series: list[BarSeries], as_of: datetime) -> list[tuple[str, str]]:
    asked = [(bars.symbol, bars.timeframe) for bars in series]
    found = ArrayMarket(series, CALENDAR).view(as_of).correlations(asked, 60, 40)
    return [(pair.first, pair.second) for pair in found]


def test_only_completed_sessions_count() -> None:
    """One second before the close the last return is not known, and a change of it changes nothing."""
    closes = random_closes(1, 63)
    other = daily("MSFT", random_closes(2, 63))
    asked = [("AAPL", Timeframe.D1), ("MSFT", Timeframe.D1)]
    values = []
    for last in (closes[-1], closes[-1] * 2):
        market = ArrayMarket([daily("AAPL", [*closes[:-1], last]), other], CALENDAR)
        before = market.view(AS_OF - timedelta(seconds=1)).correlations(asked, 60, 40)
        at = market.view(AS_OF).correlations(asked, 60, 40)
        values.append((before[0].value, at[0].value))
    assert values[0][0] == values[1][0]
    assert values[0][1] != values[1][1]


def test_own_bars_are_used_where_daily_ones_do_not_reach() -> None:
    """Daily bars that ended long ago do not hide the intraday series."""
    closes = random_closes(3, 62)
    opened = [close - timedelta(hours=1) for close in CLOSES[-62:]]
    opened = [
        CALENDAR.expected_bar(AssetClass.STOCK, Timeframe.M15, close) or bar
        for close, bar in zip(CLOSES[-62:], opened, strict=True)
    ]
    intraday = series_of_closes("IWM", Timeframe.M15, opened, closes)
    old = series_of_closes(
        "IWM",
        Timeframe.D1,
        [new_york_midnight(date(2021, 3, day)) for day in (29, 30, 31)],
        [1, 2, 3],
    )
    market = ArrayMarket([intraday, old, daily("AAPL", closes)], CALENDAR)
    asked = [("IWM", Timeframe.M15), ("AAPL", Timeframe.D1)]
    assert market.view(AS_OF).correlations(asked, 60, 40)[0].value == pytest.approx(1.0)


def test_an_unknown_series_has_no_overlap() -> None:
    market = ArrayMarket([daily("AAPL", random_closes(1, 62))], CALENDAR)
    asked = [("AAPL", Timeframe.D1), ("TSLA", Timeframe.M5)]
    found = market.view(AS_OF).correlations(asked, 60, 40)[0]
    assert (found.value, found.overlap) == (None, 0)


def test_memory_of_a_session_gives_what_computing_gives() -> None:
    series = [daily(symbol, random_closes(n, 120)) for n, symbol in enumerate("AB")]
    asked = [("A", Timeframe.D1), ("B", Timeframe.D1)]
    market = ArrayMarket(series, CALENDAR)
    for close in CLOSES[-20:]:
        for later in (timedelta(0), timedelta(hours=1), timedelta(hours=17, minutes=59)):
            fresh = ArrayMarket(series, CALENDAR).view(close + later).correlations(asked, 60, 40)
            assert market.view(close + later).correlations(asked, 60, 40) == fresh


def test_crypto_alone_needs_no_stock_bars() -> None:
    closes = random_closes(5, 62)
    market = ArrayMarket([hourly("BTC/USD", closes), hourly("ETH/USD", closes)], CALENDAR)
    asked = [("ETH/USD", Timeframe.H1), ("BTC/USD", Timeframe.H1)]
    found = market.view(datetime(2022, 12, 28, 23, 0, tzinfo=UTC)).correlations(asked, 60, 40)
    assert found[0].value == pytest.approx(1.0)
