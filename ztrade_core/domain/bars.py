"""Bars: one symbol's price history in plain arrays.

A bar is stamped with its OPEN. Prices are float64, volumes float64, stamps int64 microseconds
since the epoch. A series is sound by construction: strictly ascending, finite, low <= open,
close <= high, prices > 0, volume >= 0. Completeness is not known here: readers ask the calendar.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ztrade_core.domain.time import Timeframe, from_micros

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar as scalars; `timestamp` is the open, in microseconds since the epoch."""

    timestamp: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarSeries:
    """Consecutive bars of one symbol and timeframe; every array has shape `(n_bars,)`."""

    symbol: str
    timeframe: Timeframe
    timestamps: IntArray
    opens: FloatArray
    highs: FloatArray
    lows: FloatArray
    closes: FloatArray
    volumes: FloatArray

    def __len__(self) -> int:
        return len(self.timestamps)

    def bar(self, index: int) -> Bar:
        """Return one bar as Python scalars."""
        return Bar(
            timestamp=int(self.timestamps[index]),
            open=float(self.opens[index]),
            high=float(self.highs[index]),
            low=float(self.lows[index]),
            close=float(self.closes[index]),
            volume=float(self.volumes[index]),
        )

    def window(self, start: int, stop: int) -> "BarSeries":
        """Return bars `start:stop` as views on the same memory."""
        return BarSeries(
            symbol=self.symbol,
            timeframe=self.timeframe,
            timestamps=self.timestamps[start:stop],
            opens=self.opens[start:stop],
            highs=self.highs[start:stop],
            lows=self.lows[start:stop],
            closes=self.closes[start:stop],
            volumes=self.volumes[start:stop],
        )

    @property
    def last_open(self) -> datetime:
        """The open time of the last bar."""
        return from_micros(int(self.timestamps[-1]))


def joined(before: BarSeries, after: BarSeries) -> BarSeries:
    """Return one series of the bars of two, the former first; it is called like the latter."""
    return BarSeries(
        symbol=after.symbol,
        timeframe=after.timeframe,
        timestamps=np.concatenate((before.timestamps, after.timestamps)),
        opens=np.concatenate((before.opens, after.opens)),
        highs=np.concatenate((before.highs, after.highs)),
        lows=np.concatenate((before.lows, after.lows)),
        closes=np.concatenate((before.closes, after.closes)),
        volumes=np.concatenate((before.volumes, after.volumes)),
    )


def empty_series(symbol: str, timeframe: Timeframe) -> BarSeries:
    """Return a series of no bars."""
    stamps = np.empty(0, dtype=np.int64)
    floats = np.empty(0, dtype=np.float64)
    return BarSeries(
        symbol=symbol,
        timeframe=timeframe,
        timestamps=stamps,
        opens=floats,
        highs=floats,
        lows=floats,
        closes=floats,
        volumes=floats,
    )
