"""What a canary works on and what it finds, as values.

A canary changes everything that becomes known after a moment, runs again, and holds what happened up
to that moment against the first run. Here are no runs: `canary` makes them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ztrade_core.backtest.kernel.building import Kernel
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.domain.time import iso_z
from ztrade_core.domain.words import counted
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.mind import DecisionMaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """All that a run can know, sooner or later: bars, and readings where there are some."""

    series: BarSeries
    sentiment: SentimentSeries | None = None


DRAWN_AT_RANDOM = "drawn at random"
LIMITS = "A look ahead on other bars than these, and one in data of a mind's own or a cache of them, is not seen."
MindOf = Callable[[Data], DecisionMaker]


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryInput:
    """An agent with its data; `first` is the index of the first bar that is decided on.

    `mind_of` makes the agent's mind anew over the data given to it: a mind that holds data of its own, or
    a cache of them, is seen through only when it takes them from there. `kernel_folder` keeps compiled kernels; None is the
    event loop alone. `worth_bars` is from how many bars on a kernel is compiled. `kernel` stands in
    for the compiled kernel of the agent's strategy.
    """

    company: Company
    agent: AgentConfig
    calendar: Calendar
    data: Data
    first: int
    source: str
    mind_of: MindOf
    kernel_folder: Path | None = None
    worth_bars: int = 0
    kernel: Kernel | None = None


class Future(StrEnum):
    """What comes after the moment instead: lower prices, higher ones, wild ones, nothing at all."""

    CRASH = "crash"
    BOOM = "boom"
    NOISE = "noise"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment after which everything is changed: the completion of bar `index`, and why this one."""

    name: str
    index: int
    at: datetime

    @property
    def is_drawn(self) -> bool:
        """Whether chance chose it; the event loop leaves it out."""
        return self.name == DRAWN_AT_RANDOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first thing up to a moment that differs: on which bar, what, from what to what.

    `future` is what came instead; None: the very same bars again, so that the mind answers by what
    earlier runs left in it.
    """

    engine: str
    moment: Moment
    future: Future | None
    opened: datetime
    what: str
    was: str
    became: str

    def line(self) -> str:
        """Say it in one line."""
        cause, future = f"what came after {iso_z(self.moment.at)}", f"future: {self.future}"
        if self.future is None:
            cause, future = "what earlier runs left in the mind", "the same bars again"
        return (
            f"the {self.what} on the bar of {iso_z(self.opened)} depends on {cause}"
            f" ({self.moment.name}; {self.engine}, {future}): {self.was} became {self.became}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How much one engine compared: moments, re-runs, bars and decisions up to them, executions."""

    moments: int = 0
    runs: int = 0
    bars: int = 0
    decisions: int = 0
    fills: int = 0

    def plus(self, other: "Compared") -> "Compared":
        """Return both together."""
        return Compared(
            moments=self.moments + other.moments,
            runs=self.runs + other.runs,
            bars=self.bars + other.bars,
            decisions=self.decisions + other.decisions,
            fills=self.fills + other.fills,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryReport:
    """What a canary came to. `difference` is the earliest found; None: nothing looks ahead.

    `decisions` of the loop are all those of its bars, those of the kernel the ones that asked for
    something; its other bars are compared by the reason of their hold. `why_not_compiled` is empty where
    the kernel ran. `window_bars` is how many bars up to each moment the loop played; None: all.
    """

    agent_id: str
    begins: datetime
    ends: datetime
    seed: int
    moments: tuple[Moment, ...]
    kernel: Compared
    loop: Compared
    window_bars: int | None
    why_not_compiled: str
    difference: Difference | None

    @property
    def named(self) -> tuple[Moment, ...]:
        """The moments that were not drawn at random."""
        return tuple(moment for moment in self.moments if not moment.is_drawn)

    @property
    def drawn(self) -> int:
        """How many moments were drawn at random."""
        return len(self.moments) - len(self.named)

    @property
    def passed(self) -> bool:
        """Whether nothing up to any moment depends on what came after it."""
        return self.difference is None

    def line(self) -> str:
        """Say the result in one line."""
        if self.difference is not None:
            return f"{self.agent_id} looks ahead: {self.difference.line()}"
        where = f"{counted(self.loop.moments, 'moment')} in the event loop"
        if self.kernel.moments:
            where = f"{counted(self.kernel.moments, 'moment')} in the compiled kernel and {where}"
        return (
            f"{self.agent_id} does not look ahead at {where}: what came after them was changed, and"
            " nothing up to them"
        )
