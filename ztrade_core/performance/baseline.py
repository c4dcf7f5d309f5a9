"""Buy-and-hold: what the same capital would have made by doing nothing.

All of the capital buys at the first bar's open, with the same slippage, commission and lots as the
agent pays, and is marked at every close. It is never sold. Not held back by risk rules, limits or
volume: it is a yardstick, not an agent. (The strategy `buy_and_hold` is one.)
"""

import math
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.domain.configuration import Costs
from ztrade_core.domain.equity import EquityCurve
from ztrade_core.domain.instruments import AssetClass, Instrument, instrument_of, quantity_down
from ztrade_core.domain.time import to_micros

BPS = 10_000.0


def buy_and_hold(
    bars: BarSeries, marks: Sequence[datetime] | IntArray, *, capital_usd: float, costs: Costs
) -> EquityCurve:
    """Return the equity of holding `capital_usd` in the bars' symbol, one point a bar.

    `marks` are the bars' completions, as the agent's own equity has them: instants, or microseconds. The first bar with volume
    buys; a stock's commission is paid in cash, a coin's in the coin. Raises ValueError when bars and
    marks differ in number.
    """
    if len(marks) != len(bars):
        raise ValueError(f"{len(bars)} bars and {len(marks)} marks: one mark a bar is needed")
    stamps = marks if isinstance(marks, np.ndarray) else np.array(list(map(to_micros, marks)))
    instrument = instrument_of(bars.symbol)
    values, cash = np.full(len(bars), capital_usd), np.full(len(bars), capital_usd)
    tradable = np.flatnonzero(bars.volumes > 0.0)
    if len(tradable):
        entry = int(tradable[0])
        left, quantity = _bought(float(bars.opens[entry]), capital_usd, instrument, costs)
        cash[entry:], values[entry:] = left, left + quantity * bars.closes[entry:]
    return EquityCurve(stamps, values, cash)


def _bought(
    open_price: float, capital_usd: float, instrument: Instrument, costs: Costs
) -> tuple[float, float]:
    """Return cash and quantity after spending all that whole lots allow."""
    price = open_price * (1.0 + costs.slippage_bps / BPS)
    lots = instrument.lots_per_unit
    if instrument.asset_class is AssetClass.CRYPTO:
        paid_for = quantity_down(capital_usd / price, lots)
        kept = quantity_down(paid_for * (1.0 - costs.crypto_commission_bps / BPS), lots)
        return max(capital_usd - paid_for * price, 0.0), kept
    a_share = price * (1.0 + costs.stock_commission_bps / BPS)
    shares = float(math.floor(capital_usd / a_share))
    return capital_usd - shares * a_share, shares
