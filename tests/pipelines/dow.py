"""Ten agents on the daily bars of ten Dow stocks, as a user would write them into a folder of his own."""

import shutil
from pathlib import Path

SYMBOLS = ("AAPL", "AMZN", "BA", "CAT", "GS", "IBM", "JPM", "MSFT", "UNH", "V")
AGENTS = tuple(f"agent_{symbol.lower()}" for symbol in SYMBOLS)

_AGENT = """\
agent_id: {agent_id}
description: Momentum and sentiment on {symbol}, daily bars.
owner: trading-desk
symbol: {symbol}
timeframe: 1d
mode: strategy
breaking_news: off
strategy:
  name: sentiment_momentum
  parameters:
    sentiment_weight: 0.6
    rsi_overbought: 75
    sma_fast: 5
    sma_slow: 15
    trend_period: 10
    channel_period: 15
    volume_period: 10
allocated_usd: 10000
limits:
  stop_loss_fraction: 0.05
  take_profit_fraction: 0.10
  position_usd: 4000
  risk_usd: 250
  max_daily_trades: 1
  min_confidence: 0.60
  max_consecutive_losses: 5
"""
_CHARACTER = (
    "# {agent_id}\n\nYou trade {symbol}, long only, once a session. Hold is the usual answer.\n"
)


def write_dow_config(shipped: Path, folder: Path) -> Path:
    """Copy the shipped configuration into a folder, with these ten agents in place of its own."""
    made = Path(shutil.copytree(shipped, folder))
    for name in ("agents", "studies"):
        shutil.rmtree(made / name)
        (made / name).mkdir()
    for symbol, agent_id in zip(SYMBOLS, AGENTS, strict=True):
        for text, suffix in ((_AGENT, "yaml"), (_CHARACTER, "md")):
            path = made / "agents" / f"{agent_id}.{suffix}"
            path.write_text(text.format(agent_id=agent_id, symbol=symbol))
    return made
