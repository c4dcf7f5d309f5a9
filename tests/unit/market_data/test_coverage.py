"""Gaps of a stored series against the calendar."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import MICROSECOND, Timeframe, parse_instant, to_micros
from ztrade_core.errors import InputError
from ztrade_core.market_data.coverage import COMPLETE, Coverage, coverage_of, expected_opens

CALENDAR = ExchangeSessions()
FIRST = datetime(2010, 1, 4, tzinfo=UTC)


@given(
    st.sampled_from(list(Timeframe)),
    st.sampled_from(list(AssetClass)),
    st.integers(0, 13 * 365 * 24 * 60),
    st.integers(0, 20 * 24 * 60),
)
def test_the_grid_is_the_calendar_s_own(
    timeframe: Timeframe, asset_class: AssetClass, minute: int, length: int
) -> None:
    first = FIRST + timedelta(minutes=minute)
    last = first + timedelta(minutes=length)
    own = CALENDAR.expected_bars(asset_class, timeframe, first, last + MICROSECOND)
    grid = expected_opens(CALENDAR, asset_class, timeframe, first, last)
    assert grid.dtype == np.int64
    assert grid.tolist() == [to_micros(opened) for opened in own]


def test_a_half_day_s_afternoon_is_not_expected() -> None:
    first, last = (parse_instant(f"2022-11-25T{hour}:30:00Z") for hour in (14, 20))
    grid = expected_opens(CALENDAR, AssetClass.STOCK, Timeframe.M5, first, last)
    assert len(grid) == 42  # 09:30 to 13:00


def test_moments_outside_the_calendar_are_refused() -> None:
    first = parse_instant("1990-01-02T00:00:00Z")
    with pytest.raises(InputError, match="outside the XNYS calendar"):
        expected_opens(CALENDAR, AssetClass.STOCK, Timeframe.M5, first, first)


def test_gaps_are_counted_and_the_longest_is_named() -> None:
    first = parse_instant("2022-12-28T12:00:00Z")
    expected = to_micros(first) + np.arange(12, dtype=np.int64) * 60_000_000
    opens = np.delete(expected, [1, 4, 5, 6, 9])
    assert coverage_of(opens, expected) == Coverage(
        missing=5, gaps=3, longest_bars=3, longest_from=first + timedelta(minutes=4)
    )


def test_a_whole_series_has_no_gap_although_it_holds_bars_off_the_grid() -> None:
    expected = np.arange(5, dtype=np.int64) * 60_000_000
    assert coverage_of(np.sort(np.append(expected, 7)), expected) == COMPLETE
