"""Bars for the comparison with other engines: full of stops, of gaps through them, and of sessions' ends."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from tests.fakes.desk import calendar
from tests.unit.backtest.oracle_backtesting_py import Sessions
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe, from_micros, to_micros

NEW_YORK = ZoneInfo("America/New_York")
BEGINS = datetime(2022, 11, 7, tzinfo=UTC)
ENDS = datetime(2023, 1, 20, tzinfo=UTC)
DEAR, CHEAP = 100.0, 8.0
STEP = timedelta(minutes=5)
LAST_BARS = {"2022-11-25": "12:55"}  # the day after Thanksgiving; every other session ends at 16:00


def wild_bars(seed: int, count: int, price: float = DEAR) -> BarSeries:
    """Return seeded five-minute bars of a stock: jumps, long wicks, a few bars missing.

    CHEAP ones are in cents, so averages tie and lows lie on stops; DEAR ones have four decimals.
    """
    decimals = 2 if price < DEAR else 4
    rng = np.random.default_rng(seed)
    grid = _grid()
    start = int(rng.integers(0, len(grid) - 2 * count))
    kept = [each for each in grid[start : start + 2 * count] if rng.random() > 0.04][:count]
    steps = rng.normal(0.0, 0.006, (2, count))
    jumps = np.where(rng.random(count) < 0.08, rng.normal(0.0, 0.03, count), 0.0)
    steps[0] = steps[0] / 10.0 + jumps
    path = np.log(price) + np.cumsum(steps.T.ravel())
    opens, closes = np.round(np.exp(path[0::2]), decimals), np.round(np.exp(path[1::2]), decimals)
    wicks = np.exp(np.abs(rng.normal(0.0, 0.005, (2, count))))
    return BarSeries(
        symbol="TSLA",
        timeframe=Timeframe.M5,
        timestamps=np.array([to_micros(each) for each in kept], dtype=np.int64),
        opens=opens,
        highs=np.round(np.maximum(opens, closes) * wicks[0], decimals),
        lows=np.round(np.minimum(opens, closes) / wicks[1], decimals),
        closes=closes,
        volumes=np.full(count, 1e9),
    )


@lru_cache(maxsize=1)
def _grid() -> list[datetime]:
    return calendar().expected_bars(AssetClass.STOCK, Timeframe.M5, BEGINS, ENDS)


def sessions_of(series: BarSeries) -> Sessions:
    """Tell days and sessions' ends of five-minute bars, by the clock of New York."""
    local = [from_micros(stamp).astimezone(NEW_YORK) for stamp in series.timestamps.tolist()]
    days = [each.date() for each in local]
    return Sessions(
        begins=frozenset(n for n in range(1, len(days)) if days[n] != days[n - 1]),
        closing=frozenset(
            number
            for number, each in enumerate(local)
            if f"{each:%H:%M}" == LAST_BARS.get(f"{each:%Y-%m-%d}", "15:55")
        ),
    )
