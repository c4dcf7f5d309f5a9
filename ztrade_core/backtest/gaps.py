"""Bars that the calendar expects and a run does not have: how many, and the longest stretch of them."""

from datetime import datetime
from typing import TypedDict

import numpy as np

from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.domain.time import Timeframe, from_micros, iso_z
from ztrade_core.domain.words import are, counted
from ztrade_core.errors import NoDataError
from ztrade_core.ports.bars import BarStore


class Gaps(TypedDict):
    """Bars the calendar expects in a run that the store did not have; first and last of the longest."""

    missing_bars: int
    longest_gap_bars: int
    longest_gap: list[datetime]


def gaps_between(expected: IntArray, present: IntArray) -> Gaps:
    """Return which of the expected stamps are not there; of two gaps as long, the first."""
    absent = np.flatnonzero(~np.isin(expected, present, assume_unique=True))
    if not len(absent):
        return {"missing_bars": 0, "longest_gap_bars": 0, "longest_gap": []}
    starts = np.flatnonzero(np.diff(absent, prepend=-2) > 1)  # where in `absent` each gap begins
    lengths = np.diff(starts, append=len(absent))
    longest, most = int(starts[lengths.argmax()]), int(lengths.max())
    ends = (absent[longest], absent[longest + most - 1])
    return {
        "missing_bars": len(absent),
        "longest_gap_bars": most,
        "longest_gap": [from_micros(int(expected[each])) for each in ends],
    }


def refuse_gaps(gaps: Gaps, series: BarSeries) -> None:
    """Raise NoDataError when a bar is missing, naming how many and the longest gap."""
    if gaps["missing_bars"]:
        begins, ends = (iso_z(each) for each in gaps["longest_gap"])
        raise NoDataError(
            f"{counted(gaps['missing_bars'], 'bar')} of {series.symbol} {series.timeframe} that the"
            f" calendar expects {are(gaps['missing_bars'])} missing; the longest gap has {gaps['longest_gap_bars']:,}, from {begins} to"
            f" {ends}: load them, or do not ask for a strict run"
        )


def no_bars(
    store: BarStore, symbol: str, timeframe: Timeframe, begins: datetime, ends: datetime
) -> str:
    """Say that a range has no bars, and what the store has instead."""
    asked = f"no bars of {symbol} {timeframe} from {iso_z(begins)} to {iso_z(ends)}"
    for status in store.status():
        if status.symbol == symbol and status.timeframe is timeframe:
            return f"{asked}; the store has {iso_z(status.first_open)} to {iso_z(status.last_open)}"
    return f"{asked}: the store has none at all; `ztrade data import PATH` brings some"
