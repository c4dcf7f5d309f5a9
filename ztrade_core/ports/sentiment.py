"""Where the sentiment of the past comes from, and where scores are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ztrade_core.domain.bars import IntArray
from ztrade_core.domain.sentiment import (
    LatestSentiment,
    ScoredStory,
    SentimentCoverage,
    SentimentSeries,
)
from ztrade_core.ports.scorer import Scored


class SentimentHistory(Protocol):
    """What was known of symbols' sentiment, and when."""

    def series(self, symbol: str, moments: IntArray) -> SentimentSeries | None:
        """Return what was known at each of the moments (microseconds, ascending) and between them.

        None when there is nothing of the symbol at all. Raises UnsoundDataError for readings that no
        run may see, naming the source and each bad row.
        """
        ...

    def coverage(self, symbol: str, moments: IntArray) -> SentimentCoverage:
        """Return how many stories became known from the first to the last moment, scored and not."""
        ...


class BreakingNews(Protocol):
    """Which stories are breaking news, by the configured scorer and limits."""

    def breaking(self, symbol: str, *, since: datetime, until: datetime) -> list[ScoredStory]:
        """Return the breaking stories with `since < known_at <= until`, as `ScoreStore.known` orders."""
        ...


class SentimentDesk(Protocol):
    """Sentiment as a trading desk uses it: brought up to date, then read as of a moment."""

    def refresh(self, symbol: str, as_of: datetime) -> tuple[str, ...]:
        """Fetch and score what was published by `as_of`; return notes on what came and what did not.

        Never raises for a source that failed: a note says so.
        """
        ...

    def unheard(self, symbol: str, as_of: datetime) -> tuple[str, ...]:
        """Return notes on stories that were known by `as_of` and that no score speaks for.

        Nobody is asked and nothing is scored.
        """
        return ()


class ScoreStore(Protocol):
    """Scores of stories, and the cache of texts that were scored before."""

    def put(self, scored: Sequence[ScoredStory]) -> int:
        """Keep the scores of stories, in one transaction; return how many changed something."""
        ...

    def known(self, symbol: str, scorer: str, start: datetime, stop: datetime) -> list[ScoredStory]:
        """Return a scorer's stories with `start <= known_at < stop`, by (known_at, published_at, news_id)."""
        ...

    def unscored(self, symbol: str, scorer: str, start: datetime, stop: datetime) -> int:
        """Return how many stories known in the range have no row of this scorer."""
        ...

    def cached(self, scorer: str, text_hashes: Sequence[str]) -> Mapping[str, Scored | None]:
        """Return what the scorer said of texts before, by hash; None: nothing could be scored."""
        ...

    def remember(self, scorer: str, scores: Mapping[str, Scored | None]) -> None:
        """Keep what a scorer said of texts, by hash."""
        ...

    def put_latest(self, latest: LatestSentiment) -> None:
        """Keep a symbol's newest sentiment, unless a newer one is kept."""
        ...

    def latest(self) -> list[LatestSentiment]:
        """Return the newest sentiment of every symbol, sorted by symbol."""
        ...
