"""Bars are of their symbol: their level connects to what the store holds.

Against stored bars of the same times the median ratio of closes is near 1; against the bars before and
after, without a common time, the level may not step by more than a crash can (raw prices step at splits,
so these are not asked).
"""

from collections.abc import Iterator
from math import exp, log

import numpy as np

from ztrade_core.domain.bars import BarSeries, FloatArray
from ztrade_core.market_data.quality.facts import CalendarFacts, Context
from ztrade_core.market_data.quality.findings import Finding, Seen, Severity, found

NAME = "wrong_symbol"
FEWEST_SHARED = 3
SAME_TIME = log(1.2)
NEIGHBOURS = log(2.5)
NEAR_BARS = 5
FARTHEST = 30 * 86_400_000_000  # microseconds between neighbours that must connect


def check_wrong_symbol(
    bars: BarSeries, _facts: CalendarFacts, context: Context
) -> Iterator[Finding]:
    """Yield one finding on all bars when their level does not connect."""
    if not len(bars):
        return
    _, mine, theirs = np.intersect1d(
        bars.timestamps, context.overlap.timestamps, return_indices=True
    )
    if len(mine) >= FEWEST_SHARED:
        ratio = float(np.median(bars.closes[mine] / context.overlap.closes[theirs]))
        if abs(log(ratio)) > SAME_TIME:
            text = f"the closes are {ratio:.3f} times the stored ones of the same {len(mine)} bars"
            yield found(bars, range(len(bars)), _seen(ratio, SAME_TIME, text))
        return
    if context.is_raw:
        return
    for old, new, side in (
        (context.before.window(max(0, len(context.before) - NEAR_BARS), len(context.before)),
         bars.window(0, NEAR_BARS), "before"),
        (context.after.window(0, NEAR_BARS),
         bars.window(max(0, len(bars) - NEAR_BARS), len(bars)), "after"),
    ):  # fmt: skip
        if len(old) and _apart(old, new) <= FARTHEST:
            ratio = _level(new.closes) / _level(old.closes)
            if abs(log(ratio)) > NEIGHBOURS:
                text = f"the level is {ratio:.3f} times that of the stored bars {side} it"
                yield found(bars, range(len(bars)), _seen(ratio, NEIGHBOURS, text))
                return


def _apart(old: BarSeries, new: BarSeries) -> int:
    return max(
        int(new.timestamps[0] - old.timestamps[-1]), int(old.timestamps[0] - new.timestamps[-1])
    )


def _level(closes: FloatArray) -> float:
    return float(np.median(closes))


def _seen(ratio: float, limit: float, text: str) -> Seen:
    return Seen(
        check=NAME,
        severity=Severity.QUARANTINE,
        observed=ratio,
        limit=exp(limit),
        text=f"{text}: another instrument, or another adjustment",
    )
