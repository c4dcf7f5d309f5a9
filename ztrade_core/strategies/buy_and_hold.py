"""Buy and hold: the baseline that every other strategy stands beside. Look-back: one bar."""

from collections.abc import Mapping

from typing_extensions import override

from ztrade_core.strategies.answers import answer_of
from ztrade_core.strategies.protocol import (
    BUY,
    HOLD,
    Parameter,
    StepResult,
    Strategy,
    StrategyAnswer,
    StrategyInput,
)

REASONS = {0: "already in: holding", 1: "flat: buying, to hold"}


def step(in_position: bool) -> StepResult:  # noqa: FBT001  (a kernel passes plain values)
    """Buy when flat, else hold."""
    if in_position:
        return HOLD, 1.0, 0
    return BUY, 1.0, 1


class BuyAndHold(Strategy):
    """Buys once and keeps what it has; the agent's bracket still applies."""

    name = "buy_and_hold"
    version = 1
    parameters: tuple[Parameter, ...] = ()

    @override
    def conflict(self, parameters: Mapping[str, float]) -> tuple[str, str] | None:
        return None

    @override
    def lookback_bars(self, parameters: Mapping[str, float]) -> int:
        return 1

    @override
    def decide(self, given: StrategyInput, parameters: Mapping[str, float]) -> StrategyAnswer:
        close = float(given.bars.closes[-1])
        return answer_of(step(given.in_position), REASONS, (("close", close),))
