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
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.mind import DecisionMaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """All that a run can know, sooner or later: bars, and readings where there are some."""

    series: BarSeries
    sentiment: SentimentSeries | None = None


MindOf = Callable[[Data], DecisionMaker]


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryInput:
    """An agent with its data; `first` is the index of the first bar that is decided on.

    `mind_of` makes the agent's mind anew over the data given to it: a mind that holds data of its own is
    seen through only when it takes them from there. `kernel_folder` keeps compiled kernels; None is the
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first thing up to a moment that the future changed: on which bar, what, from what to what."""

    engine: str
    moment: Moment
    future: Future
    opened: datetime
    what: str
    was: str
    became: str

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"the {self.what} on the bar of {iso_z(self.opened)} depends on what came after"
            f" {iso_z(self.moment.at)} ({self.moment.name}; {self.engine}, future: {self.future}):"
            f" {self.was} became {self.became}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How much one engine compared: re-runs, bars and decisions up to the moments, executions."""

    runs: int = 0
    bars: int = 0
    decisions: int = 0
    fills: int = 0

    def plus(self, other: "Compared") -> "Compared":
        """Return both together."""
        return Compared(
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
    def passed(self) -> bool:
        """Whether nothing up to any moment depends on what came after it."""
        return self.difference is None

    def line(self) -> str:
        """Say the result in one line."""
        if self.difference is not None:
            return f"{self.agent_id} looks ahead: {self.difference.line()}"
        bars = f"{self.kernel.bars:,} compiled and {self.loop.bars:,} event-loop bars"
        runs = self.kernel.runs + self.loop.runs
        return (
            f"{self.agent_id} does not look ahead: {runs} other futures after"
            f" {len(self.moments)} moments changed none of {bars}"
        )
