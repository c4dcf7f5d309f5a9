"""A reading of sentiment out of the plain values it was kept as, exactly."""

from collections.abc import Mapping
from typing import Any

from ztrade_core.domain.snapshots import GroupSentiment, SeenHeadline, SentimentReading
from ztrade_core.domain.time import parse_instant


def reading_of(told: Mapping[str, Any]) -> SentimentReading:
    """Return the reading that `domain.canonical.plain` turned into these values."""
    groups = tuple(GroupSentiment(**group) for group in told["groups"])
    headlines = tuple(_headline(each) for each in told["headlines"])
    return SentimentReading(**{**told, "groups": groups, "headlines": headlines})


def _headline(told: Mapping[str, Any]) -> SeenHeadline:
    return SeenHeadline(**{**told, "published_at": parse_instant(told["published_at"])})
