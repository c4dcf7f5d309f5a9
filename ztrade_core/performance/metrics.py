"""All figures of one backtest: the one function that measures a run.

Daily returns on the agent's allocated capital, annualised with 252 (stocks) or 365 (crypto), risk
free 0. A figure that does not exist is None: never NaN, never infinite, never a made-up 0. What each
name means stands in `definitions.METRICS`; why the formulas are ours, in docs/adr/0003-metrics.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ztrade_core.domain.backtests import BacktestFill, EquityPoint
from ztrade_core.domain.equity import curve_of
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.performance.daily import daily_closes, daily_returns, days_a_year
from ztrade_core.performance.definitions import BASELINE_PREFIX, METRICS
from ztrade_core.performance.drawdowns import max_drawdown
from ztrade_core.performance.ratios import cagr, calmar, sharpe, sortino, volatility
from ztrade_core.performance.significance import kurtosis, probability_of_skill, skewness
from ztrade_core.performance.trades import Figures, closed_trades, trade_statistics

POSITION_THRESHOLD_USD = 0.01  # dust below a cent is flat
HEADLINES = ("total_return", "cagr", "max_drawdown", "sharpe")


@dataclass(frozen=True, slots=True, kw_only=True)
class CostsPaid:
    """What the run paid: commission in cash, and fees taken in the coin at the fill's price."""

    commission_usd: float
    coin_fees_usd: float = 0.0


def measure(
    equity: Sequence[EquityPoint],
    fills: Sequence[BacktestFill],
    *,
    capital_usd: float,
    asset_class: AssetClass,
    buy_and_hold: Sequence[EquityPoint] = (),
    costs: CostsPaid | None = None,
) -> Figures:
    """Return every metric of `definitions.METRICS` by name, in its order.

    `equity` has one point a bar, ascending; `fills` are in order of time. `buy_and_hold` is the
    yardstick's curve over the same bars (`baseline.buy_and_hold`); its figures are None without it.
    Raises ValueError for capital that is not above 0, equity out of order or not finite.
    """
    equity, buy_and_hold = curve_of(equity), curve_of(buy_and_hold)
    _require_sound(equity, capital_usd)
    _require_sound(buy_and_hold, capital_usd)
    baseline = curve_figures(buy_and_hold, capital_usd, asset_class) if buy_and_hold else {}
    figures: Figures = {
        "capital_usd": capital_usd,
        **curve_figures(equity, capital_usd, asset_class),
        "exposure": _exposure(equity),
        "turnover": _turnover(equity, fills, asset_class),
        "fills": len(fills),
        **trade_statistics(closed_trades(fills, 0.0 if costs is None else costs.coin_fees_usd)),
        "commission_usd": None if costs is None else costs.commission_usd,
        "coin_fees_usd": None if costs is None else costs.coin_fees_usd,
        **{BASELINE_PREFIX + name: baseline.get(name) for name in HEADLINES},
    }
    return {name: _finite(figures[name]) for name in METRICS}


def curve_figures(
    equity: Sequence[EquityPoint], capital_usd: float, asset_class: AssetClass
) -> Figures:
    """Return the figures that an equity curve alone determines."""
    returns = daily_returns(daily_closes(equity), capital_usd)
    year = days_a_year(asset_class)
    final = equity[-1].portfolio_value if equity else capital_usd
    fall = max_drawdown(equity, capital_usd)
    growth = cagr(returns, year)
    return {
        "final_equity_usd": final,
        "total_return": final / capital_usd - 1.0,
        "days": len(returns),
        "cagr": growth,
        "volatility": volatility(returns, year),
        "sharpe": sharpe(returns, year),
        "probabilistic_sharpe": probability_of_skill(returns),
        "skewness": skewness(returns),
        "kurtosis": kurtosis(returns),
        "sortino": sortino(returns, year),
        "calmar": calmar(growth, fall.fraction),
        "max_drawdown": fall.fraction,
        "max_drawdown_days": fall.days,
    }


def _require_sound(equity: Sequence[EquityPoint], capital_usd: float) -> None:
    if not (math.isfinite(capital_usd) and capital_usd > 0.0):
        raise ValueError(f"allocated capital is {capital_usd}: it must be a number above 0")
    curve = curve_of(equity)
    if np.isfinite(curve.portfolio_values).all() and (np.diff(curve.timestamps) > 0).all():
        return
    for point in equity:
        if not math.isfinite(point.portfolio_value):
            raise ValueError(f"equity at {point.timestamp} is {point.portfolio_value}")
    for before, after in pairwise(equity):
        if after.timestamp <= before.timestamp:
            raise ValueError(f"equity at {after.timestamp} does not follow {before.timestamp}")


def _exposure(equity: Sequence[EquityPoint]) -> float | None:
    if not equity:
        return None
    curve = curve_of(equity)
    held = np.abs(curve.portfolio_values - curve.cash_balances)
    return int(np.count_nonzero(held >= POSITION_THRESHOLD_USD)) / len(equity)


def _turnover(
    equity: Sequence[EquityPoint], fills: Sequence[BacktestFill], asset_class: AssetClass
) -> float | None:
    """Return how many times a year the capital was turned over.

    Source: SEC Form N-1A, item 13, instruction 4(d): the lesser of purchases and sales over the mean
    value; here over the mean equity of all marks, scaled from the run's days to a year.
    """
    days = len(daily_closes(equity))
    if days == 0:
        return None
    mean_equity = math.fsum(curve_of(equity).portfolio_values.tolist()) / len(equity)
    if not mean_equity > 0.0:
        return None
    bought = math.fsum(fill.quantity * fill.price for fill in fills if fill.pnl is None)
    sold = math.fsum(fill.quantity * fill.price for fill in fills if fill.pnl is not None)
    return min(bought, sold) / mean_equity * days_a_year(asset_class) / days


def _finite(value: float | None) -> float | int | None:
    return value if value is None or math.isfinite(value) else None
