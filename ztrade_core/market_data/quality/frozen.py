"""The feed moves: no run of equal bars, with volume, longer than the series' own history makes possible.

Equal: the four prices of the bar before, and its volume too, or one price only (open = high = low =
close). Bars without volume are `zero_volume`'s matter.
"""

from collections.abc import Iterator

import numpy as np

from ztrade_core.domain.bars import BarSeries
from ztrade_core.market_data.quality.facts import CalendarFacts, Context, joined
from ztrade_core.market_data.quality.findings import Finding, Seen, Severity, found, runs_of
from ztrade_core.market_data.quality.scales import longest_possible

NAME = "frozen"
FEWEST = 5


def check_frozen(bars: BarSeries, _facts: CalendarFacts, context: Context) -> Iterator[Finding]:
    """Yield one finding a run of bars that only repeat the one before."""
    whole = joined(bars, context)
    still = _still(whole.bars)
    total = int(still.sum())
    for start, stop in runs_of(still):
        length = stop - start
        if length < FEWEST:
            continue
        limit = longest_possible(total - length, len(still) - length, FEWEST)
        rows = [row - whole.start for row in range(start, stop) if whole.judged(row)]
        if length < limit or not rows:
            continue
        seen = Seen(
            check=NAME,
            severity=Severity.QUARANTINE,
            observed=float(length),
            limit=float(limit),
            text=f"{length} bars in a row repeat the one before; the history allows fewer than"
            f" {limit}",
        )
        yield found(bars, rows, seen)


def _still(bars: BarSeries) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    prices = np.stack((bars.opens, bars.highs, bars.lows, bars.closes))
    same = (prices[:, 1:] == prices[:, :-1]).all(axis=0)
    flat = bars.highs[1:] == bars.lows[1:]
    repeated = bars.volumes[1:] == bars.volumes[:-1]
    still = np.zeros(len(bars), dtype=np.bool_)
    still[1:] = same & (flat | repeated) & (bars.volumes[1:] > 0.0)
    return still
