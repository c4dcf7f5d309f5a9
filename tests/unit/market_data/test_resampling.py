"""Longer bars are made of exactly the shorter ones in them."""

from datetime import UTC, datetime

import numpy as np
import pytest

from tests.fakes.desk import calendar
from tests.fakes.real_bars import real_bars
from tests.fakes.series import series_equal
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.bars import BarSeries, empty_series
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe, from_micros, iso_z, to_micros
from ztrade_core.errors import InputError
from ztrade_core.market_data.files import read_bar_file
from ztrade_core.market_data.resampling import resampled

HALF_DAY = datetime(2022, 11, 25, tzinfo=UTC)


def bars_of(symbol: str, timeframe: Timeframe, opened: list[datetime]) -> BarSeries:
    """Bars numbered 1, 2, 3 ...: opens 10, 11, 12, each a wide bar with a volume of its number."""
    number = np.arange(len(opened), dtype=np.float64)
    return BarSeries(
        symbol=symbol,
        timeframe=timeframe,
        timestamps=np.array([to_micros(each) for each in opened], dtype=np.int64),
        opens=10.0 + number,
        highs=12.0 + number,
        lows=9.0 + number,
        closes=10.5 + number,
        volumes=1.0 + number,
    )


def real_series(name: str, sessions: ExchangeSessions) -> BarSeries:
    known_at = datetime(2026, 11, 1, tzinfo=UTC)
    return read_bar_file(real_bars(name), sessions, known_at).series[0]


def day_of(symbol: str, timeframe: Timeframe, day: datetime) -> list[datetime]:
    asset_class = AssetClass.CRYPTO if "/" in symbol else AssetClass.STOCK
    return calendar().expected_bars(asset_class, timeframe, day, day.replace(hour=23, minute=59))


def test_an_hour_is_its_twelve_bars_and_the_session_counts_from_its_open() -> None:
    short = bars_of("TSLA", Timeframe.M5, day_of("TSLA", Timeframe.M5, HALF_DAY))
    found = resampled(short, Timeframe.H1, calendar())
    opens = [iso_z(from_micros(int(stamp))) for stamp in found.series.timestamps]
    assert opens == [f"2022-11-25T{at}:00Z" for at in ("14:30", "15:30", "16:30", "17:30")]
    first, last = found.series.bar(0), found.series.bar(3)
    assert (first.open, first.high, first.low, first.close) == (10.0, 23.0, 9.0, 21.5)
    assert first.volume == 78.0  # 1 + 2 + ... + 12
    assert (last.open, last.close, last.volume) == (
        46.0,
        51.5,
        237.0,
    )  # 37 + ... + 42: half an hour
    assert len(found.left_out) == 0


def test_a_bar_that_lacks_a_part_is_left_out_unless_one_is_enough() -> None:
    opened = day_of("BTC/USD", Timeframe.M15, HALF_DAY)
    short = bars_of("BTC/USD", Timeframe.M15, [*opened[:5], *opened[6:8]])
    found = resampled(short, Timeframe.H1, calendar())
    assert [iso_z(from_micros(int(t))) for t in found.series.timestamps] == ["2022-11-25T00:00:00Z"]
    assert [iso_z(from_micros(int(t))) for t in found.left_out] == ["2022-11-25T01:00:00Z"]
    thin = resampled(short, Timeframe.H1, calendar(), needs_all=False)
    assert thin.series.volumes.tolist() == [10.0, 18.0]
    assert len(thin.left_out) == 0


def test_bars_outside_the_session_are_passed_over() -> None:
    inside = day_of("TSLA", Timeframe.M5, HALF_DAY)
    before, after = HALF_DAY.replace(hour=14), HALF_DAY.replace(hour=18)
    extended = bars_of("TSLA", Timeframe.M5, [before, *inside, after])
    regular = resampled(extended, Timeframe.D1, calendar(), needs_all=False).series
    assert regular.volumes.tolist() == [sum(range(2, 44))]
    assert regular.opens.tolist() == [11.0]


def test_no_bars_make_no_bars() -> None:
    found = resampled(empty_series("TSLA", Timeframe.M5), Timeframe.H1, calendar())
    assert (len(found.series), len(found.left_out)) == (0, 0)
    outside = bars_of("TSLA", Timeframe.M5, [HALF_DAY.replace(hour=20)])
    assert len(resampled(outside, Timeframe.H1, calendar()).series) == 0


@pytest.mark.parametrize("timeframe", [Timeframe.M15, Timeframe.M5])
def test_a_timeframe_that_is_not_longer_is_refused(timeframe: Timeframe) -> None:
    with pytest.raises(InputError, match=f"{timeframe} bars cannot be made of 15m bars"):
        resampled(bars_of("TSLA", Timeframe.M15, [HALF_DAY]), timeframe, calendar())


def test_two_steps_are_one_on_a_real_year() -> None:
    sessions = ExchangeSessions()
    five = real_series("TSLA_5m_2022.csv", sessions)
    quarter = resampled(five, Timeframe.M15, sessions).series
    direct = resampled(five, Timeframe.H1, sessions)
    assert series_equal(resampled(quarter, Timeframe.H1, sessions).series, direct.series)
    assert len(direct.series) > 1500


def test_real_hours_are_made_of_their_real_five_minutes() -> None:
    """The vendor's own hours: same grid, prices that agree but for a few unadjusted prints."""
    sessions = ExchangeSessions()
    five = real_series("TSLA_5m_2026-05.csv", sessions)
    hours = real_series("TSLA_1h_2025_2026.csv", sessions)
    made = resampled(five, Timeframe.H1, sessions).series
    both = np.isin(hours.timestamps, made.timestamps)
    assert both.sum() == len(made)
    for name in ("opens", "highs", "lows", "closes"):
        near = np.isclose(getattr(made, name), getattr(hours, name)[both], rtol=2e-3)
        assert near.mean() > 0.97, name
