"""Daily returns from an equity curve: what every annualised figure is made of.

A day is a New York date, for coins too: ranges, months and the rules' days begin there. Its value is
the last mark of the day, and a mark at exactly midnight closes the day that ends. Days without a mark do not exist: the
return after a gap spans it. Not here: ratios, drawdowns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.equity import curve_of
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import MICROSECOND, NEW_YORK, from_micros, to_micros

STOCK_DAYS_A_YEAR = 252
CRYPTO_DAYS_A_YEAR = 365
NOTHING_FRACTION = 1e-9  # of the capital: less is rounding, not equity


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyClose:
    """One day's last mark, in USD."""

    day: date
    equity_usd: float


def days_a_year(asset_class: AssetClass) -> int:
    """Return how many daily returns make a year: 252 for stocks, 365 for crypto or a mix."""
    match asset_class:
        case AssetClass.STOCK:
            return STOCK_DAYS_A_YEAR
        case AssetClass.CRYPTO:
            return CRYPTO_DAYS_A_YEAR


def daily_closes(equity: Sequence[EquityPoint]) -> list[DailyClose]:
    """Return the last mark of each day, in order. `equity` must be in order of time."""
    curve, closes, first = curve_of(equity), [], 0
    while first < len(curve):
        opened = from_micros(int(curve.timestamps[first]))
        day = (opened - MICROSECOND).astimezone(NEW_YORK).date()
        day_end = to_micros(datetime.combine(day + timedelta(days=1), time(), NEW_YORK))
        first = max(first + 1, int(curve.timestamps.searchsorted(day_end, side="right")))
        closes.append(DailyClose(day=day, equity_usd=float(curve.portfolio_values[first - 1])))
    return closes


def daily_returns(closes: Sequence[DailyClose], capital_usd: float) -> list[float]:
    """Return each day's return as a fraction, the first one on `capital_usd`.

    Empty when a day closed with nothing, or a debt: a return on nothing does not exist.
    """
    nothing = capital_usd * NOTHING_FRACTION
    if any(not close.equity_usd > nothing for close in closes):
        return []
    returns: list[float] = []
    before = capital_usd
    for close in closes:
        returns.append(close.equity_usd / before - 1.0)
        before = close.equity_usd
    return returns
