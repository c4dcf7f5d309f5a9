"""How far equity fell below its peak, and for how long.

A drawdown is a fraction >= 0 of the peak. Every mark counts, not only the daily ones, and the first
peak is the allocated capital.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.equity import curve_of

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawdown:
    """The deepest fall of a curve. `days` runs from its peak to the mark that regained it.

    It runs to the last mark when none did. Calendar days, weekends included; 0 when nothing fell.
    """

    fraction: float
    days: float


def drawdown_curve(equity: Sequence[EquityPoint], capital_usd: float) -> list[float]:
    """Return the drawdown at each mark, as fractions >= 0; above 1 when equity is negative."""
    values = np.concatenate(([capital_usd], curve_of(equity).portfolio_values))
    peaks = np.fmax.accumulate(values)
    curve: list[float] = ((peaks - values) / peaks)[1:].tolist()
    return curve


def max_drawdown(equity: Sequence[EquityPoint], capital_usd: float) -> Drawdown:
    """Return the deepest drawdown and how long it lasted; the first one of several equally deep.

    Source: Magdon-Ismail and Atiya (2004), Maximum Drawdown, Risk 17(10), 99-102.
    """
    curve = drawdown_curve(equity, capital_usd)
    deepest = max(curve, default=0.0)
    if deepest == 0.0:
        return Drawdown(fraction=0.0, days=0.0)
    bottom = curve.index(deepest)
    start = next((i for i in range(bottom, -1, -1) if curve[i] == 0.0), 0)
    end = next((i for i in range(bottom, len(curve)) if curve[i] == 0.0), len(curve) - 1)
    length = equity[end].timestamp - equity[start].timestamp
    return Drawdown(fraction=deepest, days=length / DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """One fall: its peak, its bottom, and the mark that regained the peak (None when none did)."""

    fraction: float
    began: datetime
    bottom: datetime
    recovered: datetime | None
    days: float


def deepest_falls(equity: Sequence[EquityPoint], capital_usd: float, count: int = 5) -> list[Fall]:
    """Return the deepest separate falls, deepest first; `days` to the recovery, or to the last mark.

    A fall begins at the last mark on the peak, or at the first mark when the capital is the peak.
    """
    curve = drawdown_curve(equity, capital_usd)
    falls: list[Fall] = []
    index = 0
    while index < len(curve):
        if curve[index] == 0.0:
            index += 1
            continue
        end = next((i for i in range(index, len(curve)) if curve[i] == 0.0), len(curve))
        falls.append(_fall(equity, curve, index, end))
        index = end
    return sorted(falls, key=lambda fall: -fall.fraction)[:count]


def _fall(equity: Sequence[EquityPoint], curve: Sequence[float], first: int, end: int) -> Fall:
    began = equity[max(first - 1, 0)].timestamp
    bottom = max(range(first, end), key=lambda i: curve[i])
    last = equity[min(end, len(curve) - 1)].timestamp
    return Fall(
        fraction=curve[bottom],
        began=began,
        bottom=equity[bottom].timestamp,
        recovered=last if end < len(curve) else None,
        days=(last - began) / DAY,
    )
