"""Stories to try stores and providers with."""

from datetime import UTC, datetime, timedelta

from ztrade_core.domain.news import RawStory, Story
from ztrade_core.domain.sentiment import ScoredStory

MORNING = datetime(2025, 3, 3, 14, 30, tzinfo=UTC)


def story(number: int = 1, *, symbol: str = "TSLA", source: str = "alpaca:benzinga") -> Story:
    """Return a story published `number` hours after MORNING and known a minute later."""
    published = MORNING + timedelta(hours=number)
    return Story(
        news_id=f"{number:032x}",
        symbol=symbol,
        published_at=published,
        ingested_at=published + timedelta(minutes=1),
        known_at=published + timedelta(minutes=1),
        source=source,
        headline=f"Deliveries rose {number} %, “naïve” guess beaten",
        body="",
        url=f"https://example.com/{number}",
    )


def raw(headline: str = "Deliveries rose", *, published_at: datetime = MORNING) -> RawStory:
    """Return a story about TSLA as a source told it."""
    return RawStory(
        external_id="7",
        symbols=("TSLA",),
        published_at=published_at,
        changed_at=None,
        source="alpaca:benzinga",
        headline=headline,
        body="",
        url="https://example.com/7",
    )


def scored(
    told: Story, score: float | None = 0.5, *, scorer: str = "lexicon@1", confidence: float = 0.75
) -> ScoredStory:
    """Return a story with a score; None: nothing in it could be scored."""
    return ScoredStory(
        news_id=told.news_id,
        symbol=told.symbol,
        published_at=told.published_at,
        known_at=told.known_at,
        source=told.source,
        headline=told.headline,
        scorer=scorer,
        score=score,
        confidence=None if score is None else confidence,
    )
