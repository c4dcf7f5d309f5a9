"""Agents that share one account in a backtest: each with its bars, in the order of their ids."""

from dataclasses import dataclass, replace

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.ports.clock import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One agent with its bars; `first` is the index of the first bar that is decided on."""

    agent: AgentConfig
    series: BarSeries
    first: int
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioInput:
    """Agents in one account; `legs` ascend by agent id, and each has a bar to decide on.

    Raises ValueError when they do not.
    """

    company: Company
    calendar: Calendar
    legs: tuple[Leg, ...]

    def __post_init__(self) -> None:
        ids = [leg.agent.agent_id for leg in self.legs]
        if ids != sorted(set(ids)) or not ids:
            raise ValueError(f"agents must be given in the order of their ids, each once: {ids}")
        for leg in self.legs:
            if not 0 <= leg.first < len(leg.series):
                raise ValueError(f"{leg.agent.agent_id} has no bar to decide on")

    @property
    def house(self) -> Company:
        """The company with just these agents."""
        return replace(self.company, agents=tuple(leg.agent for leg in self.legs))
