"""Scored stories for tests: of one symbol, by one scorer, at hours from a moment."""

from datetime import UTC, datetime, timedelta

from tests.fakes.news_store import MemoryNewsStore
from tests.fakes.score_store import MemoryScoreStore
from ztrade_core.domain.canonical import sha256_hex
from ztrade_core.domain.news import Story
from ztrade_core.domain.sentiment import ScoredStory

NOON = datetime(2022, 12, 28, 12, tzinfo=UTC)
SCORER = "lexicon@2"


def scored_story(
    hours: float,
    score: float | None = 0.5,
    *,
    headline: str = "",
    source: str = "alpaca:benzinga",
    delay_hours: float = 0.25,
    confidence: float = 0.8,
) -> ScoredStory:
    """A story published so many hours after NOON and known a little later; its id is of both."""
    published = NOON + timedelta(hours=hours)
    text = headline or f"Number {hours} of many things {hours} happened at {hours}"
    told = sha256_hex(f"{hours}|{text}|{source}")[:32]
    return ScoredStory(
        news_id=told,
        symbol="TSLA",
        published_at=published,
        known_at=published + timedelta(hours=delay_hours),
        source=source,
        headline=text,
        scorer=SCORER,
        score=score,
        confidence=None if score is None else confidence,
    )


def story_of(scored: ScoredStory) -> Story:
    """The story that was scored."""
    return Story(
        news_id=scored.news_id,
        symbol=scored.symbol,
        published_at=scored.published_at,
        ingested_at=scored.known_at,
        known_at=scored.known_at,
        source=scored.source,
        headline=scored.headline,
        body="",
        url="",
    )


def score_store(*stories: ScoredStory) -> MemoryScoreStore:
    """A store of these stories with their scores."""
    kept = MemoryScoreStore(MemoryNewsStore([story_of(each) for each in stories]))
    kept.put(stories)
    return kept
