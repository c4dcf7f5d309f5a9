"""Mean reversion by the z-score of the close: buy far below the mean, sell back at it.

Confidence is 0.5 + z / 10: an entry at 2 deviations has 0.7, at 3 deviations 0.8. Look-back:
`period` bars.
"""

import math
from collections.abc import Mapping

from typing_extensions import override

from ztrade_core.indicators.ticks import MAX_PERIOD, PRICE_SCALE, to_ticks
from ztrade_core.indicators.z_score import mean_and_deviation
from ztrade_core.strategies.answers import answer_of
from ztrade_core.strategies.protocol import (
    BUY,
    HOLD,
    SELL,
    Parameter,
    StepResult,
    Strategy,
    StrategyAnswer,
    StrategyInput,
)

NEAR, FAR_BELOW, REVERTED, WEAK, STILL, WAITING = 0, 1, 2, 3, 4, 5
REASONS = {
    NEAR: "the close is not far enough below its mean",
    FAR_BELOW: "the close is far below its mean",
    REVERTED: "the close is back at its mean",
    WEAK: "the close is far below its mean, but the confidence is below the agent's minimum",
    STILL: "prices did not move: there is no deviation to measure by",
    WAITING: "the close is not back at its mean",
}


def z_of(close: int, mean: float, deviation: float) -> float:
    """Return how many deviations a close (ticks) is away from the mean; NaN when nothing moved."""
    away = float(close) - mean
    return away / deviation if deviation > 0.0 else math.nan


def step(z: float, in_position: bool, settings: tuple[float, float, float]) -> StepResult:  # noqa: FBT001
    """Decide from the z-score; NaN is a hold.

    `settings`: deviations to enter at, deviations to leave at, the least confidence of a buy.
    """
    entry_z, exit_z, min_confidence = settings
    if math.isnan(z):
        return HOLD, 0.0, STILL
    confidence = min(1.0, 0.5 + abs(z) / 10.0)
    if in_position:
        if z >= -exit_z:
            return SELL, confidence, REVERTED
        return HOLD, confidence, WAITING
    if not z <= -entry_z:
        return HOLD, confidence, NEAR
    if not confidence >= min_confidence:
        return HOLD, confidence, WEAK
    return BUY, confidence, FAR_BELOW


class MeanReversion(Strategy):
    """Buys what fell far below its mean and sells it back at the mean."""

    name = "mean_reversion"
    version = 1
    parameters = (
        Parameter(name="period", default=20, low=2, high=MAX_PERIOD, whole=True),
        Parameter(name="entry_z", default=2.0, low=0.1, high=10.0),
        Parameter(name="exit_z", default=0.0, low=-10.0, high=10.0),
    )

    @override
    def conflict(self, parameters: Mapping[str, float]) -> tuple[str, str] | None:
        if parameters["exit_z"] < parameters["entry_z"]:
            return None
        return "exit_z", f"must be less than entry_z ({parameters['entry_z']:g})"

    @override
    def lookback_bars(self, parameters: Mapping[str, float]) -> int:
        return int(parameters["period"])

    @override
    def decide(self, given: StrategyInput, parameters: Mapping[str, float]) -> StrategyAnswer:
        period = int(parameters["period"])
        closes = to_ticks(given.bars.closes[-period:])
        mean, deviation = mean_and_deviation(closes, period)
        z = z_of(int(closes[-1]), mean, deviation)
        settings = (parameters["entry_z"], parameters["exit_z"], given.min_confidence)
        factors = (
            ("close", float(given.bars.closes[-1])),
            ("mean", mean / float(PRICE_SCALE)),
            ("deviation", deviation / float(PRICE_SCALE)),
            ("z_score", z),
        )
        return answer_of(step(z, given.in_position, settings), REASONS, factors)
