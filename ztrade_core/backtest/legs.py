"""Agents that share one account in a backtest: each with its bars, in the order of their ids."""

from dataclasses import dataclass, replace

from ztrade_core.backtest.news_ticks import NewsTick
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.ports.clock import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One agent with its bars; `first` is the index of the first bar that is decided on.

    `sentiment` is what was known of its symbol; None: nothing ever. `news` runs it between bars.
    """

    agent: AgentConfig
    series: BarSeries
    first: int
    source: str = ""
    sentiment: SentimentSeries | None = None
    news: tuple[NewsTick, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioInput:
    """Agents in one account; `legs` ascend by agent id, and each has a bar to decide on.

    Agents on one symbol see one sentiment.
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
        seen: dict[str, SentimentSeries | None] = {}
        for leg in self.legs:
            if seen.setdefault(leg.agent.symbol, leg.sentiment) is not leg.sentiment:
                raise ValueError(f"agents on {leg.agent.symbol} see different sentiment")

    @property
    def house(self) -> Company:
        """The company with just these agents."""
        return replace(self.company, agents=tuple(leg.agent for leg in self.legs))
