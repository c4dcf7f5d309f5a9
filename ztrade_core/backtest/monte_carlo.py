"""Monte Carlo of a run's closed trades: how else the same trades could have come.

Two methods, both on net results in USD added to the allocated capital (positions are sized in USD):
`shuffle` puts the very trades into another order, so every path ends with the same return and only
the way there differs; `bootstrap` draws as many trades with replacement, so the return differs too.
Drawdowns are measured where trades close, never inside one: the run's own, at every bar, is deeper.
A position still open at the end is no trade. Trades are taken as independent: streaks that a market
causes are broken up.

Source: Efron (1979), Bootstrap Methods: Another Look at the Jackknife, Annals of Statistics 7(1).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

PATHS = 1000
SEED = 20_240_229
QUANTILES = (0.05, 0.50, 0.95)
CELLS_AT_ONCE = 2_000_000  # results held at a time: 16 MB an array

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Quantiles = tuple[float, float, float]


class Method(StrEnum):
    """How a path is made from the trades."""

    SHUFFLE = "shuffle"
    BOOTSTRAP = "bootstrap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What the paths came to: 5 %, 50 % and 95 % quantiles, linear between neighbours.

    Returns and drawdowns are fractions of the capital and of the peak, `losing_streak` is in trades.
    `seed` and `paths` make it again, with numpy's PCG64.
    """

    method: Method
    paths: int
    trades: int
    seed: int
    total_return: Quantiles
    probability_of_loss: float
    max_drawdown: Quantiles
    losing_streak: Quantiles
    worst_drawdown: float
    worst_losing_streak: int


def simulate(
    results_usd: Sequence[float],
    capital_usd: float,
    method: Method,
    *,
    paths: int = PATHS,
    seed: int = SEED,
) -> Simulation | None:
    """Return what so many paths came to; None without a trade. The same seed gives the same answer.

    `results_usd` are net results of closed trades, in order of closing. Raises ValueError for a
    capital that is not above 0, no path, or a result that is not finite.
    """
    _require_sound(results_usd, capital_usd, paths)
    if not results_usd:
        return None
    results = np.array(results_usd, dtype=np.float64)
    generator = np.random.Generator(np.random.PCG64(seed))
    rows = max(1, CELLS_AT_ONCE // len(results))
    parts = [
        _paths(results, capital_usd, method, generator, min(rows, paths - done))
        for done in range(0, paths, rows)
    ]
    returns, falls, streaks = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Simulation(
        method=method,
        paths=paths,
        trades=len(results),
        seed=seed,
        total_return=_quantiles(returns),
        probability_of_loss=float(np.count_nonzero(returns < 0.0)) / paths,
        max_drawdown=_quantiles(falls),
        losing_streak=_quantiles(streaks),
        worst_drawdown=float(falls.max()),
        worst_losing_streak=int(streaks.max()),
    )


def simulations(results_usd: Sequence[float], capital_usd: float) -> list[Simulation]:
    """Return both methods with the default paths and seed; none without a trade."""
    found = [simulate(results_usd, capital_usd, method) for method in Method]
    return [one for one in found if one is not None]


def max_drawdowns(paths: FloatArray, capital_usd: float) -> FloatArray:
    """Return each path's deepest fall below its peak, the capital being the first.

    `paths` are results in USD, shape `(n_paths, n_trades)`.
    """
    equity = capital_usd + np.cumsum(paths, axis=1)
    peaks = np.maximum(np.maximum.accumulate(equity, axis=1), capital_usd)
    deepest: FloatArray = np.max((peaks - equity) / peaks, axis=1)
    return deepest


def losing_streaks(paths: FloatArray) -> IntArray:
    """Return each path's most losing trades in a row; a result of exactly 0 ends a streak."""
    losing = paths < 0.0
    lost = np.cumsum(losing, axis=1)
    before = np.maximum.accumulate(np.where(losing, 0, lost), axis=1)
    longest: IntArray = np.max(lost - before, axis=1)
    return longest


def _paths(
    results: FloatArray,
    capital_usd: float,
    method: Method,
    generator: np.random.Generator,
    rows: int,
) -> tuple[FloatArray, FloatArray, IntArray]:
    match method:
        case Method.SHUFFLE:
            made = generator.permuted(np.tile(results, (rows, 1)), axis=1)
            returns = np.full(rows, math.fsum(results) / capital_usd)
        case Method.BOOTSTRAP:
            made = generator.choice(results, size=(rows, len(results)), replace=True)
            returns = made.sum(axis=1) / capital_usd
    return returns, max_drawdowns(made, capital_usd), losing_streaks(made)


def _quantiles(values: FloatArray | IntArray) -> Quantiles:
    low, middle, high = np.quantile(values, QUANTILES)
    return float(low), float(middle), float(high)


def _require_sound(results_usd: Sequence[float], capital_usd: float, paths: int) -> None:
    if not (math.isfinite(capital_usd) and capital_usd > 0.0):
        raise ValueError(f"allocated capital is {capital_usd}: it must be a number above 0")
    if paths < 1:
        raise ValueError(f"{paths} paths: at least one is needed")
    if not all(math.isfinite(result) for result in results_usd):
        raise ValueError("a trade's result is not a finite number")
