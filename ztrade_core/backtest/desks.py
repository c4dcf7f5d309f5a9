"""The desk of a backtest: fresh books in memory, over the bars, sentiment and stories of its agents."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ztrade_core.backtest.legs import Leg
from ztrade_core.brokers.simulated import SimulatedBroker
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.configuration import Company, Mode
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.market_data.arrays import ArrayMarket
from ztrade_core.market_data.views import SentimentSource
from ztrade_core.ports.checkpoints import NoCheckpoints
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.halts import NoHaltSignal
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.ports.news import StoryTimes
from ztrade_core.store.memory import MemoryStore
from ztrade_core.store.memory_simulation import MemorySimulationStore
from ztrade_core.trading.desk import TradingDesk

BACKTEST = "backtest"


def simulated_desk(
    company: Company,
    calendar: Calendar,
    legs: Sequence[Leg],
    maker: DecisionMaker,
    clock: SimulatedClock,
) -> TradingDesk:
    """Return a desk on fresh books in memory, over the bars and the sentiment of the agents given.

    Its agents have no `wake`: a backtest's maker knows when it sleeps (`decision_makers.sleeping`); and no
    shadows, which backtests do not ask.
    """
    modes = {leg.agent.mode for leg in legs} | {Mode.RECORDED}
    broker = SimulatedBroker(
        account=BACKTEST,
        store=MemorySimulationStore(),
        calendar=calendar,
        costs=company.broker.costs,
        opened_at=clock.now(),
        initial_cash=company.capital_usd,
    )
    return TradingDesk(
        company=_with_plain_agents(company),
        store=MemoryStore(keep_snapshots=False),
        market=_market_of(legs, calendar),
        broker=broker,
        calendar=calendar,
        clock=clock,
        halt_signal=NoHaltSignal(),
        checkpoints=NoCheckpoints(),
        makers={Mode.STRATEGY: maker, **dict.fromkeys(modes, maker)},
        live=False,
        lift_breakers_daily=True,
        story_known_at=_stories_of(legs),
        tells_orders=False,
    )


def _market_of(legs: Sequence[Leg], calendar: Calendar) -> ArrayMarket:
    return ArrayMarket(
        [leg.series for leg in legs],
        calendar,
        sources={(leg.agent.symbol, leg.agent.timeframe): leg.source for leg in legs},
        sentiment=_sentiment_of(legs),
    )


def _with_plain_agents(company: Company) -> Company:
    agents = tuple(replace(agent, wake=None, shadows=()) for agent in company.agents)
    return replace(company, agents=agents)


def _stories_of(legs: Sequence[Leg]) -> StoryTimes:
    known = {(tick.news_id, leg.agent.symbol): tick.known_at for leg in legs for tick in leg.news}
    return lambda news_id, symbol: known.get((news_id, symbol))


def _sentiment_of(legs: Sequence[Leg]) -> SentimentSource:
    known = {leg.agent.symbol: leg.sentiment for leg in legs}

    def reading(symbol: str, as_of: datetime) -> SentimentReading | None:
        series = known.get(symbol)
        return None if series is None else series.as_of(as_of)

    return reading
