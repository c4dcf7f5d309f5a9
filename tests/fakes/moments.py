"""One moment of an agent on TSLA as its mind sees it: bars, stories and position are invented, and stay the same.

Prices walk by the digits of a hash, so that no version of a library moves them.
"""

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, AgentLimits, Mode, StrategyChoice
from ztrade_core.domain.decisions import SlotKey
from ztrade_core.domain.snapshots import (
    GroupSentiment,
    HeldPosition,
    MarketSnapshot,
    SeenHeadline,
    SentimentReading,
)
from ztrade_core.domain.time import Timeframe, iso_z, to_micros

PERSONALITY = Path(__file__).parents[2] / "config" / "agents" / "agent_tsla.md"
SESSIONS = (date(2022, 12, 22), date(2022, 12, 23), date(2022, 12, 27), date(2022, 12, 28))
BARS_OF_A_SESSION = 78
BARS_TODAY = 36
AS_OF = datetime(2022, 12, 28, 17, 30, 2, tzinfo=UTC)
HELD = HeldPosition(
    position_id="zt1-an-entry",
    quantity=12.0,
    average_price=112.4,
    stop_price=109.03,
    target_price=119.15,
)
STORIES = (
    ("Tesla December deliveries seen above estimate, broker says", "alpaca:benzinga", 0.62, 0.8),
    (
        "Tesla extends reduced production at Shanghai plant into January",
        "alpaca:benzinga",
        -0.55,
        0.85,
    ),
    ("Filing 8-K: Tesla, Inc. reports results of operations", "sec:8-k", 0.1, 0.4),
    ("TSLA calls printing, who else is holding", "reddit:wallstreetbets", 0.5, 0.3),
)


def tsla_agent(**changes: Any) -> AgentConfig:
    """Return the shipped agent of Tesla, as a value."""
    fields: dict[str, Any] = {
        "agent_id": "agent_tsla",
        "description": "Momentum and sentiment on Tesla, 5-minute bars.",
        "symbol": "TSLA",
        "timeframe": Timeframe.M5,
        "mode": Mode.AUTOMATED,
        "strategy": StrategyChoice(name="sentiment_momentum"),
        "allocated_usd": 10_000.0,
        "limits": AgentLimits(
            stop_loss_fraction=0.03,
            take_profit_fraction=0.06,
            position_usd=5_000.0,
            risk_usd=150.0,
            max_daily_trades=5,
            min_confidence=0.65,
            max_consecutive_losses=5,
        ),
        "personality": PERSONALITY.read_text(encoding="utf-8"),
        "owner": "trading-desk",
    }
    return AgentConfig(**fields | changes)


def tsla_bars(count: int | None = None) -> BarSeries:
    """Return 5-minute bars up to 12:25 New York, the last `count` of them."""
    opens = [
        datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC) + timedelta(minutes=5 * number)
        for day in SESSIONS
        for number in range(BARS_TODAY if day == SESSIONS[-1] else BARS_OF_A_SESSION)
    ]
    steps = [_digits(f"close {number}", 121) - 60 for number in range(len(opens))]
    closes = np.round(11_090.0 + np.cumsum(np.array(steps)), 0) / 100.0
    starts = np.concatenate((closes[:1], closes[:-1]))
    wicks = np.array([_digits(f"wick {number}", 25) for number in range(len(opens))]) / 100.0
    volumes = [400_000.0 + _digits(f"volume {number}", 600_000) for number in range(len(opens))]
    bars = BarSeries(
        symbol="TSLA",
        timeframe=Timeframe.M5,
        timestamps=np.array([to_micros(each) for each in opens], dtype=np.int64),
        opens=starts,
        highs=np.round(np.maximum(starts, closes) + wicks, 2),
        lows=np.round(np.minimum(starts, closes) - wicks, 2),
        closes=closes,
        volumes=np.array(volumes),
    )
    return bars if count is None else bars.window(len(bars) - count, len(bars))


def reading(*headlines: str) -> SentimentReading:
    """Return a reading over the stories above, or over these headlines instead."""
    told = [(text, "alpaca:benzinga", 0.5, 0.8) for text in headlines] or list(STORIES)
    return SentimentReading(
        score=0.14,
        confidence=0.71,
        scorer="lexicon@2",
        agreement=0.64,
        groups=(
            GroupSentiment(group="news", score=0.04, confidence=0.82, weight=0.44, stories=2),
            GroupSentiment(group="reddit", score=0.5, confidence=0.3, weight=0.28, stories=1),
            GroupSentiment(group="filings", score=0.1, confidence=0.4, weight=0.28, stories=1),
        ),
        headlines=tuple(
            SeenHeadline(
                news_id=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32],
                published_at=AS_OF - timedelta(minutes=37 + 71 * number),
                source=source,
                headline=text,
                score=score,
                confidence=confidence,
            )
            for number, (text, source, score, confidence) in enumerate(told)
        ),
    )


def tsla_moment(**changes: Any) -> MarketSnapshot:
    """Return the moment; `changes` replace fields of it."""
    bars = changes.pop("bars", None)
    bars = tsla_bars() if bars is None else bars
    slot = iso_z(bars.last_open) if len(bars) else "news:none"
    fields: dict[str, Any] = {
        "key": SlotKey(account="paper", account_epoch=1, agent_id="agent_tsla", slot=slot),
        "symbol": "TSLA",
        "as_of": AS_OF,
        "bars": bars,
        "bar_source": "synthetic",
        "expected_bar": bars.last_open if len(bars) else None,
        "session_open": True,
        "session_note": "",
        "sentiment": reading(),
        "position": None,
        "entry_pending": False,
        "correlations": (),
        "clock_skew_seconds": 0.0,
        "config_digest": "0" * 64,
    }
    return MarketSnapshot(**fields | changes)


def _digits(text: str, below: int) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % below
