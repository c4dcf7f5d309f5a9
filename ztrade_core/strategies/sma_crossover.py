"""Crossover of two simple moving averages.

Buy on the bar where the fast average rises above the slow one (a cross, so that a stop is not
followed by the same buy again); sell while it is below. Sums are compared in integers, so a tie is a
tie. Look-back: `slow + 1` bars.
"""

from collections.abc import Mapping

from typing_extensions import override

from ztrade_core.domain.bars import IntArray
from ztrade_core.indicators.ticks import MAX_PERIOD, PRICE_SCALE, to_ticks
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

NOTHING, CROSSED_UP, BELOW, WEAK, STILL_ABOVE = 0, 1, 2, 3, 4
REASONS = {
    NOTHING: "the fast average did not cross above the slow one on this bar",
    CROSSED_UP: "the fast average crossed above the slow one",
    BELOW: "the fast average is below the slow one",
    WEAK: "the fast average crossed above the slow one, but the signal's confidence is below the "
    "agent's minimum",
    STILL_ABOVE: "the fast average is not below the slow one",
}


def step(gap_before: int, gap: int, in_position: bool, settings: tuple[float, float]) -> StepResult:  # noqa: FBT001
    """Decide from the gap fast - slow (scaled integers), before and now.

    `settings`: the signal's confidence and the least confidence of a buy.
    """
    confidence, min_confidence = settings
    if in_position:
        if gap < 0:
            return SELL, confidence, BELOW
        return HOLD, confidence, STILL_ABOVE
    if not (gap_before <= 0 and gap > 0):
        return HOLD, 0.0, NOTHING
    if not confidence >= min_confidence:
        return HOLD, confidence, WEAK
    return BUY, confidence, CROSSED_UP


def gap_of(fast_sum: int, slow_sum: int, fast: int, slow: int) -> int:
    """Return fast mean - slow mean of two sums of closes (ticks), times `fast * slow`: exact."""
    return fast_sum * slow - slow_sum * fast


def average_gap(closes: IntArray, fast: int, slow: int) -> int:
    """Return fast mean - slow mean of the last closes (ticks), times `fast * slow`: exact."""
    return gap_of(int(closes[-fast:].sum()), int(closes[-slow:].sum()), fast, slow)


class SmaCrossover(Strategy):
    """Follows the crossing of a fast and a slow average."""

    name = "sma_crossover"
    version = 1
    parameters = (
        Parameter(name="fast", default=20, low=2, high=MAX_PERIOD - 1, whole=True),
        Parameter(name="slow", default=100, low=3, high=MAX_PERIOD, whole=True),
        Parameter(name="confidence", default=0.75, low=0.0, high=1.0),
    )

    @override
    def conflict(self, parameters: Mapping[str, float]) -> tuple[str, str] | None:
        if parameters["fast"] < parameters["slow"]:
            return None
        return "fast", f"must be less than slow ({parameters['slow']:g})"

    @override
    def lookback_bars(self, parameters: Mapping[str, float]) -> int:
        return int(parameters["slow"]) + 1

    @override
    def decide(self, given: StrategyInput, parameters: Mapping[str, float]) -> StrategyAnswer:
        fast, slow = int(parameters["fast"]), int(parameters["slow"])
        closes = to_ticks(given.bars.closes[-slow - 1 :])
        before, gap = average_gap(closes[:-1], fast, slow), average_gap(closes, fast, slow)
        settings = (float(parameters["confidence"]), given.min_confidence)
        unit = float(fast * slow * PRICE_SCALE)
        factors = (
            ("close", float(given.bars.closes[-1])),
            ("sma_gap_before", float(before) / unit),
            ("sma_gap", float(gap) / unit),
        )
        return answer_of(step(before, gap, given.in_position, settings), REASONS, factors)
