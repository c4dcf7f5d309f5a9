"""A snapshot as plain values for a program that answers: figures as numbers, strangers' texts as data.

The figures are those that strategies use, from the same functions; what there are too few bars for is null.
Headlines are cleaned, cut and counted as they are for a model. What does not belong here: files, prompts.
"""

import math
from collections.abc import Callable
from typing import Any

from ztrade_core.decision_makers.automated.told_stories import (
    MOST_HEADLINE,
    MOST_SOURCE,
    MOST_STORIES,
)
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.canonical import plain
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.snapshots import MarketSnapshot, SentimentReading
from ztrade_core.domain.time import from_micros, iso_z
from ztrade_core.indicators.atr import atr, atr_lookback
from ztrade_core.indicators.rsi import rsi, rsi_lookback
from ztrade_core.indicators.sma import sma
from ztrade_core.indicators.support_resistance import resistance, support
from ztrade_core.indicators.ticks import to_ticks
from ztrade_core.indicators.trend import trend
from ztrade_core.indicators.volume_ratio import volume_ratio, volume_ratio_lookback
from ztrade_core.indicators.z_score import z_score

MOST_BARS = 300
MOST_NOTE = 300
_BAR = ("opened", "open", "high", "low", "close", "volume")
_FIGURES: tuple[tuple[str, int, Callable[[BarSeries], float]], ...] = (
    ("return_1", 2, lambda bars: _change(bars, 1)),
    ("return_12", 13, lambda bars: _change(bars, 12)),
    ("return_78", 79, lambda bars: _change(bars, 78)),
    ("sma_20", 20, lambda bars: sma(to_ticks(bars.closes), 20)),
    ("sma_50", 50, lambda bars: sma(to_ticks(bars.closes), 50)),
    ("sma_200", 200, lambda bars: sma(to_ticks(bars.closes), 200)),
    ("rsi_14", rsi_lookback(14), lambda bars: rsi(to_ticks(bars.closes), 14)),
    ("atr_14", atr_lookback(14), lambda bars: _atr(bars, 14)),
    ("z_score_20", 20, lambda bars: z_score(to_ticks(bars.closes), 20)),
    ("trend_100", 100, lambda bars: trend(to_ticks(bars.closes), 100)),
    ("volume_ratio_20", volume_ratio_lookback(20), lambda bars: volume_ratio(bars.volumes, 20)),
    ("support_50", 50, lambda bars: support(bars.lows, 50)),
    ("resistance_50", 50, lambda bars: resistance(bars.highs, 50)),
)


def snapshot_facts(snapshot: MarketSnapshot) -> dict[str, Any]:
    """Return everything of a snapshot that an answerer may want, as JSON types."""
    position, reading = snapshot.position, snapshot.sentiment
    return {
        "bars": _bars(snapshot),
        "technicals": technicals(snapshot.bars),
        "position": None if position is None else plain(position),
        "entry_pending": snapshot.entry_pending,
        "session_open": snapshot.session_open,
        "session_note": _line(snapshot.session_note, MOST_NOTE),
        "is_fresh": snapshot.is_fresh,
        "issues": [_line(issue, MOST_NOTE) for issue in snapshot.issues],
        "sentiment": None if reading is None else _sentiment(reading),
        "content_hash": snapshot.content_hash(),
    }


def agent_facts(agent: AgentConfig) -> dict[str, Any]:
    """Return who is asked: the agent's words and its own limits."""
    return {
        "agent_id": agent.agent_id,
        "description": agent.description,
        "personality": agent.personality,
        "limits": plain(agent.limits),
    }


def technicals(bars: BarSeries) -> dict[str, float | None]:
    """Return each indicator's value at the last bar; null where it cannot be known."""
    return {name: _number(of(bars)) if len(bars) >= needs else None for name, needs, of in _FIGURES}


def _bars(snapshot: MarketSnapshot) -> dict[str, Any]:
    bars = snapshot.bars
    shown = bars.window(max(0, len(bars) - MOST_BARS), len(bars))
    rows = []
    for index in range(len(shown)):
        bar = shown.bar(index)
        opened = iso_z(from_micros(bar.timestamp))
        rows.append([opened, bar.open, bar.high, bar.low, bar.close, bar.volume])
    return {"source": snapshot.bar_source, "columns": list(_BAR), "rows": rows, "of": len(bars)}


def _sentiment(reading: SentimentReading) -> dict[str, Any]:
    return {
        "score": _number(reading.score),
        "confidence": _number(reading.confidence),
        "agreement": None if reading.agreement is None else _number(reading.agreement),
        "scorer": _line(reading.scorer, MOST_SOURCE),
        "groups": [plain(group) for group in reading.groups],
        "headlines_written_by_strangers": [
            {
                "published": iso_z(each.published_at),
                "source": _line(each.source, MOST_SOURCE),
                "headline": _line(each.headline, MOST_HEADLINE),
                "score": _number(each.score),
                "confidence": _number(each.confidence),
            }
            for each in reading.headlines[:MOST_STORIES]
        ],
        "headlines_of": len(reading.headlines),
    }


def _change(bars: BarSeries, back: int) -> float:
    return float(bars.closes[-1]) / float(bars.closes[-1 - back]) - 1.0


def _atr(bars: BarSeries, period: int) -> float:
    return atr(to_ticks(bars.highs), to_ticks(bars.lows), to_ticks(bars.closes), period)


def _line(text: str, most: int) -> str:
    return visible_line(text, most)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
