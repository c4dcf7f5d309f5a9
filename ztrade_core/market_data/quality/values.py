"""Prices are finite, above 0 and within what exact sums hold; volumes are finite and not negative."""

from collections.abc import Iterator

import numpy as np

from ztrade_core.domain.bars import BarSeries
from ztrade_core.indicators.ticks import MAX_PRICE
from ztrade_core.market_data.quality.facts import CalendarFacts, Context
from ztrade_core.market_data.quality.findings import Finding, Seen, Severity, found
from ztrade_core.market_data.soundness import MAX_VOLUME

NAME = "values"


def check_values(bars: BarSeries, _facts: CalendarFacts, _context: Context) -> Iterator[Finding]:
    """Yield one finding a bar, with the first value that is wrong in it."""
    prices = np.stack((bars.opens, bars.highs, bars.lows, bars.closes))
    volumes = bars.volumes
    finite = np.isfinite(prices).all(axis=0)
    lowest = np.where(finite, prices.min(axis=0), np.nan)
    highest = np.where(finite, prices.max(axis=0), np.nan)
    taken = np.zeros(len(bars), dtype=np.bool_)
    for bad, observed, limit, text in (
        (~finite, lowest, 0.0, "a price is not a finite number"),
        (lowest <= 0.0, lowest, 0.0, "a price is not above 0"),
        (highest > MAX_PRICE, highest, MAX_PRICE, f"a price is above {MAX_PRICE:,.0f}"),
        (~np.isfinite(volumes), volumes, 0.0, "the volume is not a finite number"),
        (volumes < 0.0, volumes, 0.0, "the volume is negative"),
        (volumes > MAX_VOLUME, volumes, MAX_VOLUME, f"the volume is above {MAX_VOLUME:g}"),
    ):
        for row in np.flatnonzero(bad & ~taken):
            seen = Seen(
                check=NAME,
                severity=Severity.QUARANTINE,
                observed=float(observed[row]),
                limit=limit,
                text=text,
            )
            yield found(bars, [int(row)], seen)
        taken |= bad
