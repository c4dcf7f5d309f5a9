"""No bar goes far away and comes straight back. A jump that stays is no spike.

How far a bar reaches beyond both the close before and the open after, as a logarithm, is measured
against the 100 bars around it: the median absolute deviation of their returns, and the median of their
ranges. The last bar, which nothing follows yet, is measured by what lies beyond its own close.
"""

from collections.abc import Iterator
from math import exp

import numpy as np

from ztrade_core.domain.bars import BarSeries, FloatArray
from ztrade_core.market_data.quality.facts import CalendarFacts, Context, joined
from ztrade_core.market_data.quality.findings import Finding, Seen, Severity, found
from ztrade_core.market_data.quality.scales import robust_sigma

NAME = "spike"
FLOOR = 0.08
SIGMAS = 15.0
RANGES = 8.0
AROUND = 50
CONNECTED = 0.25  # of the excursion: how far the bars at both sides may lie apart
FEWEST = 20


def check_spike(bars: BarSeries, _facts: CalendarFacts, context: Context) -> Iterator[Finding]:
    """Yield one finding a bar that goes and comes back."""
    whole = joined(bars, context)
    series = whole.bars
    if len(series) < FEWEST:
        return
    reach, apart = _excursions(series)
    for row in np.flatnonzero((reach > FLOOR) & (apart < CONNECTED * reach)):
        index = int(row)
        limit = _limit(series, index)
        if whole.judged(index) and reach[index] > limit:
            seen = Seen(
                check=NAME,
                severity=Severity.QUARANTINE,
                observed=float(reach[index]),
                limit=limit,
                text=f"goes {exp(float(reach[index])) - 1.0:.1%} away and comes straight back;"
                f" the bars around allow {exp(limit) - 1.0:.1%}",
            )
            yield found(bars, [index - whole.start], seen)


def _excursions(bars: BarSeries) -> tuple[FloatArray, FloatArray]:
    """Return how far each bar reaches beyond its neighbours, and how far those lie apart."""
    before = np.concatenate((bars.opens[:1], bars.closes[:-1]))
    after = np.concatenate((bars.opens[1:], bars.closes[-1:]))
    up = np.log(bars.highs / np.maximum(before, after))
    down = np.log(np.minimum(before, after) / bars.lows)
    return np.maximum(up, down), np.abs(np.log(before / after))


def _limit(bars: BarSeries, index: int) -> float:
    start, stop = max(0, index - AROUND), min(len(bars), index + AROUND + 1)
    rows = np.arange(start, stop)
    logs = np.log(bars.closes[start:stop])
    returns = np.diff(logs)[(rows[1:] != index) & (rows[:-1] != index)]
    others = rows[rows != index]
    ranges = np.log(bars.highs[others] / bars.lows[others])
    return max(FLOOR, SIGMAS * robust_sigma(returns), RANGES * float(np.median(ranges)))
