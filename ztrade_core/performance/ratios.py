"""Annualised figures from daily returns: CAGR, volatility, Sharpe, Sortino, Calmar.

Every function takes daily returns as fractions and how many make a year, and answers None where the
figure does not exist: fewer than two days, a divisor of zero, a number too large for float64. The
risk-free rate is 0. Sums are exactly rounded (`math.fsum`), so that figures are the same everywhere.
Not here: how daily returns are made (`daily`), figures of trades (`trades`).
"""

import math
from collections.abc import Sequence

MINIMUM_DAYS = 2
NEGLIGIBLE = 1e-12  # a deviation or drawdown below this is rounding, not risk


def cagr(returns: Sequence[float], days_a_year: int) -> float | None:
    """Return the compound annual growth rate, as a fraction.

    (product of (1 + r))^(days_a_year / n) - 1: a year is `days_a_year` daily returns, not a calendar
    year, as in quantstats 0.0.86 and empyrical-reloaded 0.7.1.

    Source: Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed.,
    chapter 2, annualised geometric return.
    """
    if len(returns) < MINIMUM_DAYS or any(not change > -1.0 for change in returns):
        return None
    logarithm = math.fsum(math.log1p(change) for change in returns)
    try:
        return math.expm1(logarithm * days_a_year / len(returns))
    except OverflowError:
        return None


def volatility(returns: Sequence[float], days_a_year: int) -> float | None:
    """Return the annualised standard deviation of daily returns, as a fraction.

    Source: Sharpe (1994), The Sharpe Ratio, Journal of Portfolio Management 21(1), equation 5
    (divisor T - 1), times the square root of the days in a year.
    """
    if len(returns) < MINIMUM_DAYS:
        return None
    return _sample_deviation(returns) * math.sqrt(days_a_year)


def sharpe(returns: Sequence[float], days_a_year: int) -> float | None:
    """Return the annualised Sharpe ratio; None when every day returned the same.

    Source: Sharpe (1994), The Sharpe Ratio, Journal of Portfolio Management 21(1), equations 3-6
    (ex post, differential return against 0), times the square root of the days in a year.
    """
    if len(returns) < MINIMUM_DAYS:
        return None
    deviation = _sample_deviation(returns)
    if deviation <= NEGLIGIBLE:
        return None
    return _mean(returns) / deviation * math.sqrt(days_a_year)


def sortino(returns: Sequence[float], days_a_year: int) -> float | None:
    """Return the annualised Sortino ratio for a target of 0; None when no day lost.

    The downside deviation divides by all days, not by the losing ones.

    Source: Sortino and Price (1994), Performance Measurement in a Downside Risk Framework, Journal
    of Investing 3(3), 59-64.
    """
    if len(returns) < MINIMUM_DAYS:
        return None
    squares = math.fsum(change * change for change in returns if change < 0.0)
    deviation = math.sqrt(squares / len(returns))
    if deviation <= NEGLIGIBLE:
        return None
    return _mean(returns) / deviation * math.sqrt(days_a_year)


def calmar(growth: float | None, max_drawdown: float) -> float | None:
    """Return CAGR over maximum drawdown, both fractions; None without either.

    Source: Young (1991), Calmar Ratio: A Smoother Tool, Futures 20(1); over the whole run instead of
    his 36 months.
    """
    if growth is None or max_drawdown <= NEGLIGIBLE:
        return None
    return growth / max_drawdown


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _sample_deviation(values: Sequence[float]) -> float:
    mean = _mean(values)
    squares = math.fsum((value - mean) * (value - mean) for value in values)
    return math.sqrt(squares / (len(values) - 1))
