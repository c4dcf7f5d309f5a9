"""A snapshot as plain values for a program that answers: figures as numbers, strangers' texts as data.

The figures are those that strategies use, from the same functions; what there are too few bars for is null.
Headlines are cleaned, cut and counted as they are for a model. What does not belong here: files, prompts.
"""

import math
from typing import Any

from ztrade_core.decision_makers.automated.told_stories import (
    MOST_HEADLINE,
    MOST_SOURCE,
    MOST_STORIES,
)
from ztrade_core.decision_makers.technicals import TECHNICALS, ticks_of
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.canonical import plain
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.snapshots import MarketSnapshot, SentimentReading
from ztrade_core.domain.time import from_micros, iso_z

MOST_BARS = 300
MOST_NOTE = 300
_BAR = ("opened", "open", "high", "low", "close", "volume")


def snapshot_facts(snapshot: MarketSnapshot) -> dict[str, Any]:
    """Return everything of a snapshot that an answerer may want, as JSON types."""
    position, reading = snapshot.position, snapshot.sentiment
    return {
        "bars": _bars(snapshot),
        "technicals": technicals(snapshot.bars),
        "position": None if position is None else plain(position),
        "open_orders": [plain(order) for order in snapshot.open_orders],
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
    if len(bars) == 0:
        return dict.fromkeys(figure.name for figure in TECHNICALS)
    ticks = ticks_of(bars)
    return {
        figure.name: _number(figure.of(ticks)) if len(bars) >= figure.needs else None
        for figure in TECHNICALS
    }


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


def _line(text: str, most: int) -> str:
    return visible_line(text, most)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
