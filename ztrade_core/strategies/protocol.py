"""What a strategy is: parameters with their ranges, a look-back, and one answer per window.

A strategy computes named features of the last bars and hands them to its `step`: a plain function of
floats that knows no arrays, no strings and no objects, so that a compiled kernel can run the very
same function. Actions and reasons leave a step as codes; their texts are looked up afterwards.
Whether an answer may trade is not known here: that is `ztrade_core.risk`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.decisions import Action

HOLD = 0
BUY = 1
SELL = 2

ACTIONS = {HOLD: Action.HOLD, BUY: Action.BUY, SELL: Action.SELL}

Numbers = tuple[float, ...]
StepResult = tuple[int, float, int]
"""Action code, confidence 0..1, reason code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter with its default and its range, both ends allowed."""

    name: str
    default: float
    low: float
    high: float
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StrategyInput:
    """What one answer depends on: at least the look-back's bars, the decision bar last.

    `sentiment_score` -1..1 and `sentiment_confidence` 0..1 are None without sentiment. A buy must
    reach `min_confidence`; `in_position` says long or flat.
    """

    bars: BarSeries
    in_position: bool
    min_confidence: float = 0.0
    sentiment_score: float | None = None
    sentiment_confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyAnswer:
    """The answer, its reason in words, and the numbers it rests on (None where there is none)."""

    action: Action
    confidence: float
    reason: str
    factors: tuple[tuple[str, float | str | None], ...]


class Strategy(Protocol):
    """One strategy; it holds no state, so one object serves every agent."""

    @property
    def name(self) -> str:
        """The name in an agent's YAML."""
        ...

    @property
    def version(self) -> int:
        """Grows whenever the same bars would be answered otherwise."""
        ...

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What can be set, with defaults and ranges."""
        ...

    def conflict(self, parameters: Mapping[str, float]) -> tuple[str, str] | None:
        """Return the key and the text of what two parameters contradict in, or None."""
        ...

    def lookback_bars(self, parameters: Mapping[str, float]) -> int:
        """Return how many bars an answer depends on."""
        ...

    def decide(self, given: StrategyInput, parameters: Mapping[str, float]) -> StrategyAnswer:
        """Answer one window. `parameters` are complete, as `complete_parameters` returns them."""
        ...
