"""Hit rate: how often a mind's answers had the direction right.

Of a usable answer that is no hold, the price is looked at so many bars (`horizon`) after the decision bar:
its close, against the NEXT bar's open, where an order would have filled. A buy is right when the close, less
the costs of selling, is above the open with the costs of buying (slippage and commission as configured); a
sell is right when the close is below the open. A price that stands still is right for neither. Bars are those
that are stored: a hole makes a horizon longer. An answer on news is judged from the first bar that opens
after it. What is not over by the window's end is `open`, what has no bar `no_bar`: neither is a miss.

Answers nearer to each other than the horizon share part of their returns, so they prove less than their
number says: the interval is Wilson's for as many answers as lie `apart` by the horizon, and below `LEAST` of
them the record is `few`.

Source: Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import Costs
from ztrade_core.domain.decisions import Action
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import to_micros
from ztrade_core.studies.scoreboard_answers import Answer

LEAST = 30
Z_95 = 1.959963984540054
BPS = 10_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRate:
    """How many directions were right. Rates and the 95 % interval 0..1; None of nothing judged."""

    judged: int
    right: int
    rate: float | None
    apart: int
    low: float | None
    high: float | None
    open: int
    no_bar: int
    few: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The window's complete bars, a horizon in bars, and what one side of a trade costs (a fraction)."""

    series: BarSeries
    horizon_bars: int
    cost_fraction: float

    def hits(self, answers: Iterable[Answer]) -> HitRate:
        """Return the record of the answers that are usable and no hold."""
        asked = [
            each for each in answers if each.is_usable and each.proposal.action is not Action.HOLD
        ]
        places = [self._place(each) for each in asked]
        over = [
            (place, each.proposal.action)
            for place, each in zip(places, asked, strict=True)
            if place is not None and place + self.horizon_bars < len(self.series)
        ]
        right = sum(self._is_right(place, action) for place, action in over)
        apart = _apart(sorted(place for place, _ in over), self.horizon_bars)
        rate = right / len(over) if over else None
        low, high = (None, None) if rate is None else wilson(rate, apart)
        lost = sum(place is None for place in places)
        return HitRate(
            judged=len(over),
            right=right,
            rate=rate,
            apart=apart,
            low=low,
            high=high,
            open=len(asked) - len(over) - lost,
            no_bar=lost,
            few=apart < LEAST,
        )

    def _place(self, answer: Answer) -> int | None:
        """Return the index of the decision bar: the bar before the first that an order could fill in."""
        stamps = self.series.timestamps
        if answer.opened is None:
            return int(np.searchsorted(stamps, to_micros(answer.at))) - 1
        place = int(np.searchsorted(stamps, answer.opened))
        found = place < len(stamps) and int(stamps[place]) == answer.opened
        return place if found else None

    def _is_right(self, place: int, action: Action) -> bool:
        entry = float(self.series.opens[place + 1])
        after = float(self.series.closes[place + self.horizon_bars])
        if action is Action.SELL:
            return after < entry
        return after * (1.0 - self.cost_fraction) > entry * (1.0 + self.cost_fraction)


def cost_fraction(costs: Costs, asset_class: AssetClass) -> float:
    """Return what one side of a trade costs: slippage and commission, a fraction of the price."""
    is_stock = asset_class is AssetClass.STOCK
    commission = costs.stock_commission_bps if is_stock else costs.crypto_commission_bps
    return (costs.slippage_bps + commission) / BPS


def wilson(rate: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share that was seen `count` times, within 0..1."""
    if count < 1:
        raise ValueError(f"an interval of {count} observations")
    square = Z_95 * Z_95 / count
    middle = (rate + square / 2.0) / (1.0 + square)
    spread = rate * (1.0 - rate) / count + square / (4.0 * count)
    half = Z_95 / (1.0 + square) * math.sqrt(spread)
    low = middle - half if rate > 0.0 else 0.0  # the ends exactly: rounding would leave 3e-17
    high = middle + half if rate < 1.0 else 1.0
    return max(0.0, low), min(1.0, high)


def _apart(places: Sequence[int], horizon_bars: int) -> int:
    """Count places, ascending, of which none lies within the horizon of the one before."""
    count, free = 0, -1
    for place in places:
        if place >= free:
            count, free = count + 1, place + horizon_bars
    return count
