"""The strategy maker: from a frozen snapshot to a proposal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.series import series_of_closes
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.configuration import AgentConfig, AgentLimits, Mode, StrategyChoice
from ztrade_core.domain.decisions import Action, SlotKey
from ztrade_core.domain.snapshots import HeldPosition, MarketSnapshot, SentimentReading
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import ConfigError

START = datetime(2022, 12, 28, 0, 0, tzinfo=UTC)
CROSS = StrategyChoice(name="sma_crossover", parameters=(("fast", 2.0), ("slow", 3.0)))
HELD = HeldPosition(
    position_id="p", quantity=1.0, average_price=9.0, stop_price=8.0, target_price=None
)


def agent(choice: StrategyChoice = CROSS, min_confidence: float = 0.65) -> AgentConfig:
    return AgentConfig(
        agent_id="agent_btc",
        description="",
        symbol="BTC/USD",
        timeframe=Timeframe.H1,
        mode=Mode.STRATEGY,
        strategy=choice,
        allocated_usd=10_000.0,
        limits=AgentLimits(
            stop_loss_fraction=0.04,
            take_profit_fraction=0.08,
            position_usd=5_000.0,
            risk_usd=200.0,
            max_daily_trades=3,
            min_confidence=min_confidence,
            max_consecutive_losses=5,
        ),
        personality="",
        owner="",
    )


def snapshot(*closes: float) -> MarketSnapshot:
    opened = [START + timedelta(hours=hour) for hour in range(len(closes))]
    return MarketSnapshot(
        key=SlotKey(account="paper", account_epoch=1, agent_id="agent_btc", slot="slot"),
        symbol="BTC/USD",
        as_of=opened[-1] + timedelta(hours=1),
        bars=series_of_closes("BTC/USD", Timeframe.H1, opened, closes),
        bar_source="test",
        expected_bar=opened[-1],
        session_open=True,
        session_note="",
        sentiment=None,
        position=None,
        entry_pending=False,
        correlations=(),
        clock_skew_seconds=0.0,
        config_digest="digest",
    )


def test_a_signal_becomes_a_proposal_that_leaves_prices_to_the_bracket() -> None:
    proposal = StrategyMaker().propose(snapshot(10, 9, 8, 11), agent())
    assert proposal.action is Action.BUY
    assert proposal.confidence == 0.75
    assert proposal.maker == "strategy:sma_crossover/1"
    assert (proposal.stop_price, proposal.target_price, proposal.quantity) == (None, None, None)
    assert "sma_gap" in dict(proposal.factors)


def test_too_few_bars_is_a_hold_that_says_so() -> None:
    proposal = StrategyMaker().propose(snapshot(10, 9, 8), agent())
    assert proposal.action is Action.HOLD
    assert proposal.rationale == "needs 4 complete bars, has 3"


def test_lookback_is_the_strategys() -> None:
    assert StrategyMaker().lookback_bars(agent()) == 4
    momentum = agent(StrategyChoice(name="sentiment_momentum"))
    assert StrategyMaker().lookback_bars(momentum) == 200


def test_a_position_is_sold_below_the_average() -> None:
    held = replace(snapshot(11, 10, 9, 8), position=HELD)
    assert StrategyMaker().propose(held, agent()).action is Action.SELL


def test_a_second_entry_waits_for_the_first() -> None:
    pending = replace(snapshot(10, 9, 8, 11), entry_pending=True)
    proposal = StrategyMaker().propose(pending, agent())
    assert proposal.action is Action.HOLD
    assert "already pending" in proposal.rationale


def test_the_agents_minimum_confidence_holds_weaker_signals() -> None:
    weak = StrategyMaker().propose(snapshot(10, 9, 8, 11), agent(min_confidence=0.8))
    assert weak.action is Action.HOLD
    assert weak.confidence == 0.75


def test_sentiment_reaches_the_strategy() -> None:
    choice = StrategyChoice(
        name="sentiment_momentum",
        parameters=(
            *tuple(
                (name, 3.0) for name in ("trend_period", "channel_period", "rsi_period", "sma_fast")
            ),
            ("sma_slow", 4.0),
            ("volume_period", 2.0),
            ("atr_period", 2.0),
        ),
    )
    reading = SentimentReading(score=0.5, confidence=0.8, scorer="test")
    seen = replace(snapshot(10, 9, 8, 11, 12), sentiment=reading)
    factors = dict(StrategyMaker().propose(seen, agent(choice)).factors)
    assert (factors["sentiment_score"], factors["sentiment_confidence"]) == (0.5, 0.8)


def test_an_unknown_strategy_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="astrology"):
        StrategyMaker().lookback_bars(agent(StrategyChoice(name="astrology")))
