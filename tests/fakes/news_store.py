"""Stories in memory, with the contract of `ztrade_core.ports.news.NewsStore`."""

from collections.abc import Callable, Sequence
from datetime import datetime

from typing_extensions import override

from ztrade_core.domain.news import Story
from ztrade_core.domain.time import require_utc
from ztrade_core.ports.news import NewsSeries, NewsStore
from ztrade_core.store.news import require_one_kind


class MemoryNewsStore(NewsStore):
    """Stories by (news_id, symbol); `kept` shows them all in order of arrival."""

    def __init__(self, stories: Sequence[Story] = ()) -> None:
        self._kept: dict[tuple[str, str], Story] = {}
        self.put(stories)

    @property
    def kept(self) -> list[Story]:
        """Every story, in order of arrival."""
        return list(self._kept.values())

    @override
    def put(self, stories: Sequence[Story]) -> int:
        before = len(self._kept)
        new = [each for each in stories if (each.news_id, each.symbol) not in self._kept]
        require_one_kind([*self._kept.values(), *new])
        for story in stories:
            self._kept.setdefault((story.news_id, story.symbol), story)
        return len(self._kept) - before

    @override
    def known(self, symbol: str, start: datetime, stop: datetime) -> list[Story]:
        return self._within(symbol, start, stop, lambda story: story.known_at)

    @override
    def published(self, symbol: str, start: datetime, stop: datetime) -> list[Story]:
        return self._within(symbol, start, stop, lambda story: story.published_at)

    @override
    def story(self, news_id: str, symbol: str) -> Story | None:
        return self._kept.get((news_id, symbol))

    @override
    def series(self) -> list[NewsSeries]:
        symbols = sorted({story.symbol for story in self._kept.values()})
        return [self._series(symbol) for symbol in symbols]

    def _within(
        self, symbol: str, start: datetime, stop: datetime, moment: Callable[[Story], datetime]
    ) -> list[Story]:
        low, high = require_utc(start), require_utc(stop)
        found = [s for s in self._kept.values() if s.symbol == symbol and low <= moment(s) < high]
        return sorted(found, key=lambda story: (moment(story), story.published_at, story.news_id))

    def _series(self, symbol: str) -> NewsSeries:
        found = [story for story in self._kept.values() if story.symbol == symbol]
        sources = [story.source for story in found]
        return NewsSeries(
            symbol=symbol,
            stories=len(found),
            first_published=min(story.published_at for story in found),
            last_published=max(story.published_at for story in found),
            last_ingested=max(story.ingested_at for story in found),
            sources=tuple((source, sources.count(source)) for source in sorted(set(sources))),
        )
