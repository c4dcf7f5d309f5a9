"""Bars as structured arrays: the form in which they are compared and moved."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import Timeframe, from_micros, iso_z
from ztrade_core.errors import UnsoundDataError

PRICES = ("open", "high", "low", "close")
VALUES = (*PRICES, "volume")
BAR = np.dtype([("timestamp", "i8"), *((name, "f8") for name in VALUES)])
SOURCED_BAR = np.dtype([*BAR.descr, ("same_source", "f8")])
OPEN = np.dtype([("timestamp", "i8")])
BarArray = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What of an incoming array is new, changed by its own source, contested by another's."""

    new: BarArray
    changed: BarArray
    contested: BarArray
    unchanged: int


def as_array(series: BarSeries) -> BarArray:
    """Return the series as one structured array; raise UnsoundDataError for the first bad bar."""
    rows = np.empty(len(series), dtype=BAR)
    rows["timestamp"] = series.timestamps
    for name in PRICES:
        rows[name] = getattr(series, f"{name}s" if name != "close" else "closes")
    rows["volume"] = series.volumes + 0.0
    _refuse_unsound(series, rows)
    return rows


def as_series(symbol: str, timeframe: Timeframe, rows: BarArray) -> BarSeries:
    """Return an array's columns as a series of contiguous arrays."""
    columns = {name: np.ascontiguousarray(rows[name]) for name in BAR.names or ()}
    return BarSeries(
        symbol=symbol,
        timeframe=timeframe,
        timestamps=columns["timestamp"].astype(np.int64, copy=False),
        opens=columns["open"].astype(np.float64, copy=False),
        highs=columns["high"].astype(np.float64, copy=False),
        lows=columns["low"].astype(np.float64, copy=False),
        closes=columns["close"].astype(np.float64, copy=False),
        volumes=columns["volume"].astype(np.float64, copy=False),
    )


def compare(incoming: BarArray, stored: BarArray, *, replace: bool) -> Comparison:
    """Sort incoming bars by what is stored of the same range, both ascending by time."""
    if len(stored) == 0:
        return Comparison(new=incoming, changed=incoming[:0], contested=incoming[:0], unchanged=0)
    place = np.searchsorted(stored["timestamp"], incoming["timestamp"])
    place[place == len(stored)] = 0
    met = stored[place]
    known = met["timestamp"] == incoming["timestamp"]
    differs = np.zeros(len(incoming), dtype=np.bool_)
    for name in VALUES:
        differs |= met[name] != incoming[name]
    differs &= known
    may_write = (met["same_source"] == 1.0) | replace
    return Comparison(
        new=incoming[~known],
        changed=incoming[differs & may_write],
        contested=incoming[differs & ~may_write],
        unchanged=int(known.sum()) - int(differs.sum()),
    )


def _refuse_unsound(series: BarSeries, rows: BarArray) -> None:
    low, high = rows["low"], rows["high"]
    finite = np.ones(len(rows), dtype=np.bool_)
    for name in VALUES:
        finite &= np.isfinite(rows[name])
    ordered = np.ones(len(rows), dtype=np.bool_)
    ordered[1:] = rows["timestamp"][1:] > rows["timestamp"][:-1]
    inside = (low <= rows["open"]) & (rows["open"] <= high)
    inside &= (low <= rows["close"]) & (rows["close"] <= high)
    for sound, reason in (
        (ordered, "does not come after the bar before it"),
        (finite, "holds NaN or an infinity"),
        (low > 0.0, "has a price that is not above zero"),
        (inside, "does not keep low <= open, close <= high"),
        (rows["volume"] >= 0.0, "has a negative volume"),
    ):
        if not sound.all():
            index = int(np.argmin(sound))
            opened = iso_z(from_micros(int(rows["timestamp"][index])))
            raise UnsoundDataError(
                f"{series.symbol} {series.timeframe.value}: bar {index} ({opened}) {reason}"
            )
