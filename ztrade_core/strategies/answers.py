"""From a step's codes to an answer in words and numbers."""

import math
from collections.abc import Mapping, Sequence

from ztrade_core.strategies.protocol import ACTIONS, StepResult, StrategyAnswer


def answer_of(
    result: StepResult, reasons: Mapping[int, str], factors: Sequence[tuple[str, float]]
) -> StrategyAnswer:
    """Return the answer of a step; a factor that is NaN becomes None."""
    action, confidence, reason = result
    return StrategyAnswer(
        action=ACTIONS[action],
        confidence=confidence,
        reason=reasons[reason],
        factors=tuple((name, value if math.isfinite(value) else None) for name, value in factors),
    )
