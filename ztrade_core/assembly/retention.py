"""What retention works with, from a workshop's adapters."""

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.market_data.retention import RetentionTools
from ztrade_core.store.retention import SqlRetention


def retention_tools(workshop: Workshop) -> RetentionTools:
    """Return the tools over the workshop's store; an agent looks as far back as its strategies do."""
    return RetentionTools(
        bars=workshop.bars,
        retention=SqlRetention(workshop.engine),
        calendar=workshop.calendar,
        clock=workshop.clock,
        company=workshop.settings.company,
        lookback_of=longest_lookback,
    )


def longest_lookback(agent: AgentConfig) -> int:
    """Return the bars that an agent's strategy needs, or a longer one among its members and shadows."""
    minds = [agent.with_mind(each) for each in (*agent.members, *agent.shadows)]
    return max(StrategyMaker().lookback_bars(each) for each in (agent, *minds))
