"""Other futures: everything known after a moment, changed from a seed; what was known stays.

Bars after the moment come on the calendar's grid anew: some are left out, some come where none was, and
they go on past the old end. Prices are the old ones times random factors, volumes likewise. The new
series is as sound as the old one, so that no engine refuses it.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from ztrade_core.domain.bars import BarSeries, FloatArray, IntArray, joined
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.domain.time import from_micros, to_micros
from ztrade_core.indicators.ticks import MAX_PRICE
from ztrade_core.ports.clock import Calendar
from ztrade_core.studies.canary_findings import Data, Future

FACTORS = {Future.CRASH: (0.4, 0.8), Future.BOOM: (1.25, 2.5), Future.NOISE: (0.5, 2.0)}
KEPT = 0.85  # of the grid's bars
DRY = 0.05  # of them trade nothing
BEYOND = timedelta(days=5)  # no five days pass without a session
LEAST_PRICE = 1e-4
DECIMALS = 6  # the grid of exact sums
READINGS_A_DAY = 24
ABSENT = 0.1  # of the readings say that there is no news


def other_future(
    data: Data, index: int, future: Future, seed: int, calendar: Calendar, *, near: bool = False
) -> Data:
    """Return the data with everything known after bar `index` completed changed.

    It goes on past the old end; `near`: it ends a few days after that bar, at the cost of those days.
    """
    rng = np.random.default_rng([seed, index, list(Future).index(future)])
    series = data.series
    asset_class = instrument_of(series.symbol).asset_class
    opened = from_micros(int(series.timestamps[index]))
    at = calendar.completes_at(asset_class, series.timeframe, opened)
    until = (at if near else max(series.last_open, at)) + BEYOND
    known = series.window(0, index + 1)
    if future is not Future.NOTHING:
        grid = calendar.expected_stamps(asset_class, series.timeframe, at, until)
        chosen = grid[rng.random(len(grid)) < KEPT]
        stamps = chosen if len(chosen) else grid[:1]
        known = joined(known, _changed(series, stamps, future, rng))
    readings = data.sentiment
    if readings is not None:
        readings = _other_readings(readings, at, until, rng)
    return Data(series=known, sentiment=readings)


def _changed(
    series: BarSeries, stamps: IntArray, future: Future, rng: np.random.Generator
) -> BarSeries:
    """Return bars at these stamps: what was there, or last before, times random factors."""
    count, place = len(stamps), series.timestamps.searchsorted(stamps, side="right") - 1
    closes = _price(series.closes[place] * rng.uniform(*FACTORS[future], count))
    opens = _price(closes * rng.uniform(0.97, 1.03, count))
    tops = np.maximum(opens, closes) * (1.0 + rng.uniform(0.0, 0.02, count))
    tails = np.minimum(opens, closes) * (1.0 - rng.uniform(0.0, 0.02, count))
    volumes = np.round(series.volumes[place] * rng.uniform(0.0, 4.0, count)) + 1.0
    volumes[rng.random(count) < DRY] = 0.0
    return BarSeries(
        symbol=series.symbol,
        timeframe=series.timeframe,
        timestamps=stamps,
        opens=opens,
        highs=np.maximum(_price(tops), np.maximum(opens, closes)),
        lows=np.minimum(_price(tails), np.minimum(opens, closes)),
        closes=closes,
        volumes=volumes,
    )


def _price(values: FloatArray) -> FloatArray:
    return np.clip(values, LEAST_PRICE, MAX_PRICE).round(DECIMALS).astype(np.float64, copy=False)


def _other_readings(
    readings: SentimentSeries, at: datetime, until: datetime, rng: np.random.Generator
) -> SentimentSeries:
    """Return the readings known at `at`, and others after it, this very day's too."""
    kept = int(readings.known_at.searchsorted(to_micros(at), side="right"))
    count = max(1, int((until - at) / timedelta(days=1) * READINGS_A_DAY))
    begins, ends = to_micros(at) + 1, to_micros(until) + 1
    moments = np.unique(rng.integers(begins, ends, count))
    scores, confidences = rng.uniform(-1.0, 1.0, len(moments)), rng.random(len(moments))
    absent = rng.random(len(moments)) < ABSENT
    scores[absent] = confidences[absent] = np.nan
    return replace(
        readings,
        readings=None,
        known_at=np.concatenate((readings.known_at[:kept], moments)),
        scores=np.concatenate((readings.scores[:kept], scores)),
        confidences=np.concatenate((readings.confidences[:kept], confidences)),
    )
