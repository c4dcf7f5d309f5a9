"""When an agent's mind is asked: the conditions of its `wake` block, and their arithmetic.

Between wakes nobody is asked and the bar is held ("asleep: ..."): it costs nothing. Stops, targets,
breakers and the broker go on. An agent without conditions is asked on every bar. A mind that was
never asked wakes on its first bar.

Backtests, rehearsals and live agents honour this alike, in the modes whose minds cost something; a strategy
is asked on every bar. A backtest remembers when the mind was last asked (`decision_makers.sleeping`); a live
process keeps no memory and reads it from the store (`trading.waking`).

The plain functions at the end are called by the event loop and compiled by the kernel.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

EVERY, MOVED, ON_FILL, ON_RISK = 0, 1, 2, 3  # places in the terms; infinite or 0 is off
ASLEEP = "asleep: "
ASLEEP_MAKER = "asleep/1"
"""Who is named as the maker of a hold that nobody was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeConditions:
    """What wakes an agent's mind; any one of them does.

    `every_bars` counts from the bar it was last asked on. A close that reaches or passes one of
    `levels` (USD) coming from the other side wakes it, as does a close that is `moved_fraction` away
    from the close it was last asked on. `on_fill`: an entry, stop, target or exit was executed since.
    `on_risk_event`: a halt began or was lifted since, or an entry was denied or ended unfilled.

    Raises ValueError without any condition, and for a number that is none.
    """

    every_bars: int | None = None
    levels: tuple[float, ...] = ()
    moved_fraction: float | None = None
    on_fill: bool = False
    on_risk_event: bool = False

    def __post_init__(self) -> None:
        if not tuple(_told(self)):
            raise ValueError("wakes on nothing: name at least one condition")
        if self.every_bars is not None and self.every_bars < 1:
            raise ValueError(f"wakes every {self.every_bars} bars: at least 1")
        numbers = (*self.levels, *(() if self.moved_fraction is None else (self.moved_fraction,)))
        for number in numbers:
            if not (math.isfinite(number) and number > 0.0):
                raise ValueError(f"wakes at {number}: no number above 0")

    @property
    def reason(self) -> str:
        """Why a bar is held on which the agent does not wake."""
        return f"{ASLEEP}wakes {self.told}"

    @property
    def told(self) -> str:
        """When it wakes, in words."""
        return ", ".join(_told(self))

    @property
    def terms(self) -> tuple[float, float, float, float]:
        """The conditions as numbers, at EVERY, MOVED, ON_FILL and ON_RISK."""
        return (
            math.inf if self.every_bars is None else float(self.every_bars),
            math.inf if self.moved_fraction is None else self.moved_fraction,
            float(self.on_fill),
            float(self.on_risk_event),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCounts:
    """What an agent's account has come to so far, as counts that only ever grow.

    `unfilled` entries ended without an execution; `standing` are the kinds of the halts that stand.
    """

    bars: int
    fills: int
    denied: int
    unfilled: int
    halts: int
    standing: frozenset[str]

    def had_risk_event(self, before: "AccountCounts") -> bool:
        """Return whether a halt began or was lifted since, or an entry was denied or ended unfilled."""
        mine = (self.denied, self.unfilled, self.halts, self.standing)
        return mine != (before.denied, before.unfilled, before.halts, before.standing)


def _told(conditions: WakeConditions) -> Iterator[str]:
    if conditions.every_bars is not None:
        yield "every bar" if conditions.every_bars == 1 else f"every {conditions.every_bars} bars"
    for level in conditions.levels:
        yield f"at {level:g}"
    if conditions.moved_fraction is not None:
        yield f"when moved by {conditions.moved_fraction:g}"
    if conditions.on_fill:
        yield "on a fill"
    if conditions.on_risk_event:
        yield "on a risk event"


def wakes(terms: Any, bars_since: float, moved: bool, events: tuple[bool, bool]) -> bool:  # noqa: FBT001
    """Return whether any condition holds but the levels. `events`: a fill, a risk event."""
    if bars_since >= terms[EVERY] or moved:
        return True
    return bool((events[0] and terms[ON_FILL] > 0.0) or (events[1] and terms[ON_RISK] > 0.0))


def has_moved(close: float, since: float, fraction: float) -> bool:
    """Return whether a close is that fraction of `since` away from it; never when it is infinite."""
    return abs(close - since) >= fraction * since


def has_crossed(before: float, close: float, level: float) -> bool:
    """Return whether a close reached or passed a level that the close before was on one side of."""
    return before < level <= close or before > level >= close


def crosses_any(before: float, close: float, levels: Any) -> bool:
    """Return whether a close crossed one of the levels."""
    for level in levels:  # noqa: SIM110 - compiled code knows no generators
        if has_crossed(before, close, level):
            return True
    return False
