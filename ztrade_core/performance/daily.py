"""Daily returns from an equity curve: what every annualised figure is made of.

A day is a New York date for stocks and a UTC date for crypto; its value is the last mark of the
day, and a mark at exactly midnight closes the day that ends. Days without a mark do not exist: the
return after a gap spans it. Not here: ratios, drawdowns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import MICROSECOND, NEW_YORK

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


def daily_closes(equity: Sequence[EquityPoint], asset_class: AssetClass) -> list[DailyClose]:
    """Return the last mark of each day, in order. `equity` must be in order of time."""
    zone = NEW_YORK if asset_class is AssetClass.STOCK else UTC
    closes: dict[date, float] = {}
    day, day_end = date.min, datetime.min.replace(tzinfo=UTC)
    for point in equity:
        if point.timestamp > day_end:
            day = (point.timestamp - MICROSECOND).astimezone(zone).date()
            day_end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        closes[day] = point.portfolio_value
    return [DailyClose(day=day, equity_usd=equity_usd) for day, equity_usd in closes.items()]


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
