"""Scores for stored stories: those of a window that a scorer has not scored yet, and the newest reading.

A re-run scores nothing twice. What a chunk brought is kept, so a killed run goes on where it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.news import Story
from ztrade_core.domain.sentiment import LatestSentiment, ScoredStory
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.ports.news import NewsStore
from ztrade_core.ports.scorer import Scored, Scorer
from ztrade_core.ports.sentiment import ScoreStore
from ztrade_core.sentiment.stored import StoredSentiment

CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredWindow:
    """What became of a window's `stories`: so many were scored now, so many of them had no words."""

    scorer: str
    stories: int = 0
    scored: int = 0
    without_words: int = 0


def score_stories(
    news: NewsStore,
    scores: ScoreStore,
    scorer: Scorer,
    symbol: str,
    window: tuple[datetime, datetime],
) -> ScoredWindow:
    """Score the stories known in `start <= known_at < stop` that have no row of this scorer."""
    stories = news.known(symbol, *window)
    done = {each.news_id for each in scores.known(symbol, scorer.key, *window)}
    missing = [story for story in stories if story.news_id not in done]
    silent = 0
    for part in _chunks(missing):
        found = scorer.score([story.text for story in part])
        scores.put([_row(*pair, scorer.key) for pair in zip(part, found, strict=True)])
        silent += found.count(None)
    return ScoredWindow(
        scorer=scorer.key, stories=len(stories), scored=len(missing), without_words=silent
    )


def keep_latest(
    sentiment: StoredSentiment, scores: ScoreStore, symbol: str, as_of: datetime
) -> SentimentReading | None:
    """Keep a symbol's reading as of a moment as its newest, and return it."""
    reading = sentiment.reading(symbol, as_of)
    scores.put_latest(LatestSentiment(symbol=symbol, as_of=as_of, reading=reading))
    return reading


def _row(story: Story, found: Scored | None, scorer: str) -> ScoredStory:
    return ScoredStory(
        news_id=story.news_id,
        symbol=story.symbol,
        published_at=story.published_at,
        known_at=story.known_at,
        source=story.source,
        headline=story.headline,
        scorer=scorer,
        score=None if found is None else found.score,
        confidence=None if found is None else found.confidence,
    )


def _chunks(stories: Sequence[Story]) -> Iterator[Sequence[Story]]:
    for start in range(0, len(stories), CHUNK):
        yield stories[start : start + CHUNK]
