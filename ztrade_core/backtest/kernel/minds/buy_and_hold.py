"""Buy and hold remembers nothing; the decision is `strategies.buy_and_hold.step`."""

from typing import Any

from ztrade_core.strategies.buy_and_hold import step

MEMORY = 1


def advance(memory: Any, agent: int, bar: int, seen: int, bars: tuple[Any, ...]) -> None:
    """Take in one bar."""


def answer(
    minds: tuple[Any, ...],
    agent: int,
    bar: int,
    seen: int,
    bars: tuple[Any, ...],
    in_position: bool,  # noqa: FBT001
) -> tuple[int, float, int]:
    """Return action, confidence and reason."""
    found = step(in_position)
    return found[0], found[1], found[2]
