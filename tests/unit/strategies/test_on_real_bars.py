"""The strategies trade on the real files, neither never nor always."""

from datetime import UTC, datetime

import pytest

from tests.fakes.real_bars import real_bars
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.decisions import Action
from ztrade_core.market_data.files import read_bar_file
from ztrade_core.strategies.protocol import StrategyInput
from ztrade_core.strategies.registry import strategy_named, validate_strategy

KNOWN_AT = datetime(2026, 6, 1, tzinfo=UTC)


def buys_and_sells(name: str, bars: BarSeries, min_confidence: float) -> tuple[int, int]:
    """Walk the bars with the position that the answers make (no stops, no limits)."""
    strategy, parameters = strategy_named(name), validate_strategy(name, {})
    needed = strategy.lookback_bars(parameters)
    counts = {Action.BUY: 0, Action.SELL: 0, Action.HOLD: 0}
    in_position = False
    for end in range(needed, len(bars) + 1):
        given = StrategyInput(
            bars=bars.window(end - needed, end),
            in_position=in_position,
            min_confidence=min_confidence,
        )
        action = strategy.decide(given, parameters).action
        counts[action] += 1
        in_position = action is Action.BUY or (in_position and action is not Action.SELL)
    return counts[Action.BUY], counts[Action.SELL]


@pytest.mark.parametrize(
    ("file", "min_confidence", "least", "most"),
    [
        ("TSLA_5m_2022.csv", 0.65, 100, 500),
        ("IWM_15m_2025.csv", 0.70, 10, 60),
        ("BTC-USD_1h_coinbase_2018_2019.csv", 0.65, 80, 400),
    ],
)
def test_sentiment_momentum_trades_without_sentiment(
    file: str, min_confidence: float, least: int, most: int
) -> None:
    path = real_bars(file)
    bars = read_bar_file(path, ExchangeSessions(), KNOWN_AT).series[0]
    buys, sells = buys_and_sells("sentiment_momentum", bars, min_confidence)
    assert least <= buys <= most
    assert buys - 1 <= sells <= buys


@pytest.mark.parametrize("name", ["sma_crossover", "mean_reversion"])
def test_the_others_trade_too(name: str) -> None:
    path = real_bars("IWM_15m_2025.csv")
    bars = read_bar_file(path, ExchangeSessions(), KNOWN_AT).series[0]
    buys, sells = buys_and_sells(name, bars, 0.70)
    assert 5 <= buys <= 80
    assert buys - 1 <= sells <= buys
