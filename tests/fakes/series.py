"""Series of bars for tests: from closes alone, or random but sound."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import Timeframe, to_micros


def series_of_closes(
    symbol: str,
    timeframe: Timeframe,
    opened: Sequence[datetime],
    closes: Sequence[float],
    *,
    volumes: Sequence[float] | None = None,
    wick: float = 0.0,
) -> BarSeries:
    """Return bars that open at the close before, with wicks of that fraction."""
    ends = np.array(closes, dtype=np.float64)
    starts = np.concatenate((ends[:1], ends[:-1]))
    return BarSeries(
        symbol=symbol,
        timeframe=timeframe,
        timestamps=np.array([to_micros(instant) for instant in opened], dtype=np.int64),
        opens=starts,
        highs=np.maximum(starts, ends) * (1.0 + wick),
        lows=np.minimum(starts, ends) * (1.0 - wick),
        closes=ends,
        volumes=np.array(volumes if volumes is not None else [1000.0] * len(ends), dtype=float),
    )


def series_equal(first: BarSeries, second: BarSeries) -> bool:
    """Whether two series hold the same bars, to the last bit."""
    names = ("timestamps", "opens", "highs", "lows", "closes", "volumes")
    same = all(np.array_equal(getattr(first, name), getattr(second, name)) for name in names)
    return same and (first.symbol, first.timeframe) == (second.symbol, second.timeframe)


def random_closes(seed: int, count: int, start: float = 100.0) -> list[float]:
    """Return a random walk of prices on the cent, from a seed."""
    generator = np.random.default_rng(seed)
    steps = np.cumsum(generator.normal(0.0, 0.004, count))
    return [float(price) for price in np.round(start * np.exp(steps), 2)]
