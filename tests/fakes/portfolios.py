"""Random portfolios: wild bars on the real calendar, agents of every strategy, tight limits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.fakes.desk import calendar
from tests.unit.risk.builders import COSTS, agent, company
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import (
    AgentConfig,
    Company,
    Costs,
    OnHalt,
    StopReference,
    StrategyChoice,
)
from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.domain.time import Timeframe, to_micros
from ztrade_core.strategies.registry import strategy_named, validate_strategy

BEGINS = datetime(2022, 11, 7, 5, 0, tzinfo=UTC)
SPANS = {Timeframe.M5: 2, Timeframe.M15: 4, Timeframe.H1: 9, Timeframe.D1: 70}
SYMBOLS = ("AAA", "BBB", "C/USD", "DDD", "E/USD")
MOMENTUM = StrategyChoice(
    name="sentiment_momentum",
    parameters=(
        ("rsi_period", 3.0),
        ("rsi_overbought", 95.0),
        ("sma_fast", 2.0),
        ("sma_slow", 6.0),
        ("trend_period", 5.0),
        ("channel_period", 5.0),
        ("volume_period", 3.0),
        ("atr_period", 4.0),
        ("exit_technical", 0.05),
    ),
)
CHOICES = (
    StrategyChoice(name="buy_and_hold"),
    StrategyChoice(name="sma_crossover", parameters=(("fast", 2.0), ("slow", 4.0))),
    StrategyChoice(name="sma_crossover", parameters=(("fast", 3.0), ("slow", 7.0))),
    StrategyChoice(
        name="mean_reversion", parameters=(("period", 4.0), ("entry_z", 0.8), ("exit_z", 0.2))
    ),
    MOMENTUM,
)
LIMITS: dict[str, tuple[Any, ...]] = {
    "max_agent_exposure_fraction": (0.05, 0.10, None),
    "max_daily_loss_fraction": (0.0002, 0.002, 0.02, None),
    "max_drawdown_fraction": (0.0004, 0.003, 0.15, None),
    "max_symbol_fraction": (0.02, 0.05, None),
    "max_gross_exposure_fraction": (0.06, 0.8, None),
    "max_correlated_positions": (1, 2, 3, None),
    "duplicate_window_seconds": (60.0, 1800.0, 9000.0, None),
    "max_entries_per_minute": (1, 2, 10, None),
    "max_agent_entries_per_hour": (1, 2, 12, None),
    "max_price_gap_bps": (15.0, 50.0, None),
    "min_stop_distance_fraction": (0.005, 0.02, None),
    "max_stop_distance_fraction": (0.02, 0.20, None),
    "require_fresh_data": (True, True, False),
    "max_order_usd": (4_000.0, 10_000.0, None),
    "max_order_position_multiple": (0.9, 1.5, None),
    "max_order_volume_multiple": (0.05, 0.5, None),
    "max_failures_in_a_row": (2, 5, None),
    "min_stock_price_usd": (5.0, 99.0),
    "enforce_agent_limits": (True, True, False),
    "require_stop_loss": (True, False),
    "on_halt": (OnHalt.NEXT_DAY, OnHalt.NEXT_DAY, OnHalt.STOP),
}


@st.composite
def portfolios(
    draw: st.DrawFn, most: int = 4, choices: tuple[StrategyChoice, ...] = CHOICES
) -> PortfolioInput:
    """A company's agents, one to `most`, with their bars, and some with sentiment."""
    count = draw(st.integers(1, most))
    symbols = sorted(draw(st.permutations(SYMBOLS))[:count])
    timeframe = draw(st.sampled_from(list(SPANS)))
    agents = [draw(traders(f"agent_{n}", symbol, timeframe)) for n, symbol in enumerate(symbols)]
    agents = [replace(each, strategy=draw(st.sampled_from(choices))) for each in agents]
    house = draw(houses(agents))
    seed, bars = draw(st.integers(0, 2**32 - 1)), draw(st.integers(12, 60))
    legs = []
    for number, trader in enumerate(agents):
        series = random_series(trader, seed + number, bars)
        needed = strategy_named(trader.strategy.name).lookback_bars(
            validate_strategy(trader.strategy.name, trader.strategy.as_dict())
        )
        first = draw(st.sampled_from([0, min(needed, len(series) - 1)]))
        mood = random_sentiment(series, seed + number) if draw(st.booleans()) else None
        legs.append(Leg(agent=trader, series=series, first=first, sentiment=mood))
    return PortfolioInput(company=house, calendar=calendar(), legs=tuple(legs))


@st.composite
def traders(draw: st.DrawFn, agent_id: str, symbol: str, timeframe: Timeframe) -> AgentConfig:
    """An agent with a tight bracket, now and then with an order larger than the cash there is."""
    limits = {
        "stop_loss_fraction": draw(st.sampled_from([0.004, 0.006, 0.01, 0.03, 0.03])),
        "take_profit_fraction": draw(st.sampled_from([0.002, 0.004, 0.01, 0.06, 0.06])),
        "position_usd": draw(
            st.sampled_from([900.0, 5_000.0, 5_000.0, 30_000.0, 60_000.0, 250_000.0])
        ),
        "risk_usd": draw(st.sampled_from([20.0, 150.0, 1e6, 1e6])),
        "max_daily_trades": draw(st.sampled_from([1, 2, 5, 100])),
        "min_confidence": draw(st.sampled_from([0.0, 0.55, 0.65])),
        "max_consecutive_losses": draw(st.sampled_from([1, 2, 5])),
    }
    return replace(agent(agent_id, symbol, **limits), timeframe=timeframe)


@st.composite
def houses(draw: st.DrawFn, agents: list[AgentConfig]) -> Company:
    """A company whose limits bind; half the time only a few of them do."""
    names = draw(st.lists(st.sampled_from(sorted(LIMITS)), unique=True, max_size=6))
    risk: dict[str, Any] = {}
    if draw(st.booleans()):  # wide open but for those
        risk = {name: None for name, values in LIMITS.items() if None in values}
        risk["require_fresh_data"] = False
    risk |= {name: draw(st.sampled_from(LIMITS[name])) for name in names}
    costs = draw(terms())
    return company(
        *agents,
        costs=costs,
        correlation_returns=6,
        correlation_min_overlap=3,
        correlation_threshold=draw(st.sampled_from([0.0, 0.7])),
        **risk,
    )


@st.composite
def terms(draw: st.DrawFn) -> Costs:
    """Commissions, slippage, collar, and where stops are measured from."""
    return replace(
        COSTS,
        stock_commission_bps=draw(st.sampled_from([0.0, 1.0, 7.0])),
        crypto_commission_bps=draw(st.sampled_from([0.0, 25.0])),
        slippage_bps=draw(st.sampled_from([0.0, 2.0, 10.0])),
        collar_bps=draw(st.sampled_from([None, 0.0, 20.0])),
        max_volume_fraction=draw(st.sampled_from([0.1, 1.0])),
        stop_reference=draw(st.sampled_from(list(StopReference))),
    )


def random_sentiment(series: BarSeries, seed: int) -> SentimentSeries:
    """Readings before, between and after the bars, some at the very end of one; some say no news."""
    rng = np.random.default_rng(seed)
    stamps, length = series.timestamps, series.timeframe.micros
    count = int(rng.integers(0, len(stamps) + 4))
    moments = rng.choice(stamps, count) + rng.choice([0, 1, length - 1, length, length + 1], count)
    moments = np.unique(np.concatenate((moments, stamps[:1] - length * (seed % 2))))
    scores = rng.choice([-1.0, -0.4, -0.1, 0.0, 0.2, 0.7, 1.0, np.nan], len(moments))
    weights = rng.choice([0.0, 0.3, 0.9, 1.0], len(moments))
    return SentimentSeries(
        known_at=moments,
        scores=scores,
        confidences=np.where(np.isnan(scores), np.nan, weights),
        scorer="random",
    )


def random_series(trader: AgentConfig, seed: int, bars: int) -> BarSeries:
    """Bars on the calendar with holes, jumps, ties, touched levels and dry bars."""
    rng = np.random.default_rng(seed)
    asset_class = trader.instrument.asset_class
    grid = calendar().expected_bars(
        asset_class, trader.timeframe, BEGINS, BEGINS + timedelta(days=SPANS[trader.timeframe])
    )
    start = int(rng.integers(0, max(1, len(grid) - bars)))
    stride = int(rng.choice([1, 1, 3])) if trader.timeframe.is_intraday else 1
    kept = [each for each in grid[start::stride] if rng.random() > 0.08][:bars] or grid[:1]
    count = len(kept)
    price = float(rng.choice([6.0, 20.0, 100.0, 4_000.0]))
    step = max(1, int(price * 100 * 0.002))
    jumps = np.where(rng.random(count) < 0.15, rng.integers(-12, 13, count), 0) * step
    opens, closes = np.empty(count), np.empty(count)
    last = int(price * 100)
    for index in range(count):
        begins = max(last + int(jumps[index]), 600)
        last = max(begins + int(rng.integers(-4, 5)) * step, 600)
        opens[index], closes[index] = begins / 100, last / 100
    tops = rng.choice([0, 0, 1, step, 3 * step], count) / 100
    tails = rng.choice([0, 0, 1, step, 3 * step], count) / 100
    return BarSeries(
        symbol=trader.symbol,
        timeframe=trader.timeframe,
        timestamps=np.array([to_micros(each) for each in kept], dtype=np.int64),
        opens=opens,
        highs=np.round(np.maximum(opens, closes) + tops, 2),
        lows=np.round(np.minimum(opens, closes) - tails, 2),
        closes=closes,
        volumes=rng.choice([0.0, 9.0, 95.0, 1e3, 1e3, 1e6, 1e6], count),
    )
