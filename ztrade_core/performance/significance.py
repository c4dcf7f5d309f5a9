"""How much a Sharpe ratio can be believed: probabilistic and deflated Sharpe ratio, track record.

Sharpe ratios here are those of one return (daily), never annualised: `ratios.sharpe(returns, 1)`.
Skewness and kurtosis are the population's moments; a normal distribution's are 0 and 3. None where
a figure does not exist. Not here: how many trials there were (`ztrade_core.backtest.overfit`).
"""

import math
from collections.abc import Sequence
from statistics import NormalDist

from ztrade_core.performance.ratios import MINIMUM_DAYS, NEGLIGIBLE, sharpe

LEAST_DAYS = (
    20  # of fewer returns skewness and kurtosis say nothing: of two they are always 0 and 1
)
EULER_MASCHERONI = 0.5772156649015329
_NORMAL = NormalDist()


def skewness(returns: Sequence[float]) -> float | None:
    """Return the third standardised moment; None when every return is the same.

    Source: Pearson's moment coefficient of skewness, divisor n, as in Bailey and López de Prado.
    """
    return _standardised_moment(returns, 3)


def kurtosis(returns: Sequence[float]) -> float | None:
    """Return the fourth standardised moment, 3 for a normal distribution, never below 1."""
    return _standardised_moment(returns, 4)


def probability_of_skill(returns: Sequence[float]) -> float | None:
    """Return the probabilistic Sharpe ratio of daily returns against 0; None below LEAST_DAYS."""
    return skill_of(sharpe(returns, 1), len(returns), skewness(returns), kurtosis(returns))


def skill_of(
    ratio: float | None, days: int, skew: float | None, kurt: float | None
) -> float | None:
    """Return the probabilistic Sharpe ratio against 0; None where a figure is, or below LEAST_DAYS."""
    if ratio is None or skew is None or kurt is None or days < LEAST_DAYS:
        return None
    return probabilistic_sharpe(ratio, days, skew=skew, kurt=kurt)


def probabilistic_sharpe(
    ratio: float,
    days: int,
    *,
    skew: float = 0.0,
    kurt: float = 3.0,
    benchmark: float = 0.0,
) -> float | None:
    """Return the probability that the true Sharpe ratio is above the benchmark, 0..1.

    Source: Bailey and López de Prado (2012), The Sharpe Ratio Efficient Frontier, Journal of Risk
    15(2), section 3: Z[(SR - SR*) sqrt(n - 1) / sqrt(1 - g3 SR + (g4 - 1)/4 SR^2)].
    """
    error = _standard_error(ratio, days, skew, kurt)
    if error is None:
        return None
    return _NORMAL.cdf((ratio - benchmark) / error)


def minimum_track_record_days(
    ratio: float,
    *,
    skew: float = 0.0,
    kurt: float = 3.0,
    benchmark: float = 0.0,
    confidence: float = 0.95,
) -> float | None:
    """Return how many daily returns make the probabilistic Sharpe ratio reach the confidence.

    None when the ratio is not above the benchmark: no record is long enough.

    Source: Bailey and López de Prado (2012), as above, section 4:
    1 + [1 - g3 SR + (g4 - 1)/4 SR^2] (Z^-1[confidence] / (SR - SR*))^2.
    """
    spread = _spread(ratio, skew, kurt)
    if not ratio > benchmark or spread is None:
        return None
    distance = _NORMAL.inv_cdf(confidence) / (ratio - benchmark)
    return 1.0 + spread * distance * distance


def expected_maximum_sharpe(trials: int, deviation: float) -> float:
    """Return the best Sharpe ratio that so many trials without any skill would show by luck.

    `deviation` is the standard deviation of the trials' Sharpe ratios. 0 for a single trial: nothing
    was chosen. Raises ValueError for fewer than one trial or a deviation that is not >= 0.

    Source: Bailey and López de Prado (2014), The Deflated Sharpe Ratio, Journal of Portfolio
    Management 40(5), 94-107: sd ((1 - g) Z^-1[1 - 1/N] + g Z^-1[1 - 1/(N e)]), g Euler-Mascheroni.
    """
    if trials < 1 or not deviation >= 0.0:
        raise ValueError(f"{trials} trials with deviation {deviation}: at least 1, and >= 0")
    if trials == 1:
        return 0.0
    likely = -_NORMAL.inv_cdf(1.0 / trials)
    beyond = -_NORMAL.inv_cdf(1.0 / (trials * math.e))
    return deviation * ((1.0 - EULER_MASCHERONI) * likely + EULER_MASCHERONI * beyond)


def deflated_sharpe(
    ratio: float,
    days: int,
    *,
    trials: int,
    deviation: float,
    skew: float = 0.0,
    kurt: float = 3.0,
) -> float | None:
    """Return the probability that the Sharpe ratio is above what luck explains, 0..1.

    The probabilistic Sharpe ratio against `expected_maximum_sharpe`. With one trial it is the
    probabilistic Sharpe ratio against 0.

    Source: Bailey and López de Prado (2014), as above.
    """
    return probabilistic_sharpe(
        ratio,
        days,
        skew=skew,
        kurt=kurt,
        benchmark=expected_maximum_sharpe(trials, deviation),
    )


def _standard_error(ratio: float, days: int, skew: float, kurt: float) -> float | None:
    spread = _spread(ratio, skew, kurt)
    if days < MINIMUM_DAYS or spread is None:
        return None
    return math.sqrt(spread / (days - 1))


def _spread(ratio: float, skew: float, kurt: float) -> float | None:
    """Return 1 - g3 SR + (g4 - 1)/4 SR^2: 0 only for returns of two values, and then no figure."""
    spread = 1.0 - skew * ratio + (kurt - 1.0) / 4.0 * ratio * ratio
    return spread if spread > NEGLIGIBLE and math.isfinite(spread) else None


def _standardised_moment(returns: Sequence[float], order: int) -> float | None:
    if len(returns) < MINIMUM_DAYS:
        return None
    mean = math.fsum(returns) / len(returns)
    variance = math.fsum((value - mean) ** 2 for value in returns) / len(returns)
    deviation = math.sqrt(variance)
    if deviation <= NEGLIGIBLE:
        return None
    return math.fsum(((value - mean) / deviation) ** order for value in returns) / len(returns)
