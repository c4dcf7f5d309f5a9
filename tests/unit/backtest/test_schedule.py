"""What the kernel knows of every bar beforehand is what the calendar says, asked bar by bar."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.desk import calendar
from tests.fakes.series import series_of_closes
from ztrade_core.backtest.kernel.layout import IN_SESSION, IS_FRESH, IS_LATE
from ztrade_core.backtest.kernel.schedule import bar_schedule, midnights_between
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe, from_micros, new_york_date, to_micros

BEGINS = datetime(2022, 11, 21, tzinfo=UTC)  # a week with a holiday and a half day


@pytest.mark.parametrize("timeframe", list(Timeframe))
@pytest.mark.parametrize("asset_class", list(AssetClass))
@given(seed=st.integers(0, 2**32 - 1))
def test_completion_and_flags_are_the_calendars(
    asset_class: AssetClass, timeframe: Timeframe, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    grid = calendar().expected_bars(
        asset_class,
        timeframe,
        BEGINS,
        BEGINS + timedelta(days=30 if timeframe is Timeframe.D1 else 8),
    )
    first = int(rng.integers(0, max(1, len(grid) - 90)))
    opened = [each for each in grid[first : first + 90] if rng.random() > 0.2] or grid[:1]
    if rng.random() < 0.5:  # off the grid
        opened = sorted({each + timedelta(minutes=int(rng.choice([0, 0, 7]))) for each in opened})
    series = series_of_closes("X", timeframe, opened, [100.0] * len(opened))
    completed, flags = bar_schedule(calendar(), asset_class, series)
    for stamp, at, flag in zip(opened, completed.tolist(), flags.tolist(), strict=True):
        moment = calendar().completes_at(asset_class, timeframe, stamp)
        expected = calendar().expected_bar(asset_class, timeframe, moment)
        is_open = calendar().entry_session(asset_class, timeframe, stamp, moment)[0]
        assert from_micros(at) == moment
        assert bool(flag & IS_FRESH) == (expected == stamp)
        assert bool(flag & IN_SESSION) == is_open
        assert bool(flag & IS_LATE) == (expected is not None and expected > stamp)


def test_midnights_reach_over_the_last_day_through_summer_time() -> None:
    first = datetime(2022, 3, 11, 12, tzinfo=UTC)
    last = datetime(2022, 3, 14, 12, tzinfo=UTC)
    found = [
        from_micros(int(each)) for each in midnights_between(to_micros(first), to_micros(last))
    ]
    assert [new_york_date(each).day for each in found] == [11, 12, 13, 14, 15]
    assert [each.hour for each in found] == [5, 5, 5, 4, 4]
