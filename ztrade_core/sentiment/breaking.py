"""Which stories are breaking news: strong enough, sure enough, and not told before.

One function for the sensor and for backtests. A story's fate rests on what was known before it alone
(`folding`), so later stories never change it.
"""

from collections.abc import Iterable
from datetime import datetime

from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.domain.sentiment_config import SentimentConfig
from ztrade_core.sentiment.folding import unfolded


def breaking_stories(
    stories: Iterable[ScoredStory], config: SentimentConfig, *, since: datetime
) -> list[ScoredStory]:
    """Return the breaking stories known after `since`, in their order.

    `stories` are one symbol's by one scorer, as `ScoreStore.known` orders them, from three days before `since` on: one that
    retells a story of those days is not breaking. At exactly the configured score or confidence it is.
    """
    return [
        story for story in unfolded(stories) if story.known_at > since and _is_strong(story, config)
    ]


def _is_strong(story: ScoredStory, config: SentimentConfig) -> bool:
    if story.score is None or story.confidence is None:
        return False
    sure = story.confidence >= config.breaking_confidence
    return sure and abs(story.score) >= config.breaking_score
