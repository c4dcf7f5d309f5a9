"""News: where stories come from, and where they are kept.

Vendor exceptions are translated in the adapter, as a provider of bars does (`ports.providers`):
TransientDataError, RateLimitedError, VendorRefusedError, UnsoundDataError. No news is an empty answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ztrade_core.domain.news import RawStory, Story

StoryTimes = Callable[[str, str], datetime | None]
"""When a story (its id) about a symbol became known; None: there is no such story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedNews:
    """What a source delivered. `notes` say what was left out, and why."""

    stories: tuple[RawStory, ...]
    notes: tuple[str, ...] = ()


class NewsProvider(Protocol):
    """One place that stories come from."""

    @property
    def name(self) -> str:
        """The provider's name in `config/sentiment.yaml`."""
        ...

    def supports(self, symbol: str) -> bool:
        """Return whether this source has stories about the symbol at all."""
        ...

    def calls(self, symbol: str, start: datetime, stop: datetime) -> int:
        """Return about how many requests `fetch` would send; 0: it sends none."""
        ...

    def fetch(self, symbol: str, start: datetime, stop: datetime) -> FetchedNews:
        """Return the stories about `symbol` with `start <= published_at < stop`, in any order.

        Raises a DataError (see the module).
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsSeries:
    """A symbol's stories at a glance; `sources` are (source, stories)."""

    symbol: str
    stories: int
    first_published: datetime | None
    last_published: datetime | None
    last_ingested: datetime | None
    sources: tuple[tuple[str, int], ...]


class NewsStore(Protocol):
    """Stories by (news_id, symbol). What is stored stands: a second arrival changes nothing."""

    def put(self, stories: Sequence[Story]) -> int:
        """Keep stories in one transaction; return how many were new."""
        ...

    def known(self, symbol: str, start: datetime, stop: datetime) -> list[Story]:
        """Return the stories with `start <= known_at < stop`, by (known_at, published_at, news_id)."""
        ...

    def published(self, symbol: str, start: datetime, stop: datetime) -> list[Story]:
        """Return the stories with `start <= published_at < stop`, ordered by (published_at, news_id)."""
        ...

    def story(self, news_id: str, symbol: str) -> Story | None:
        """Return one story; None when there is none."""
        ...

    def series(self) -> list[NewsSeries]:
        """Return every symbol that has stories, sorted by symbol."""
        ...
