"""Scores in memory, with the contract of `ztrade_core.ports.sentiment.ScoreStore`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from tests.fakes.news_store import MemoryNewsStore
from ztrade_core.domain.sentiment import LatestSentiment, ScoredStory
from ztrade_core.domain.time import require_utc
from ztrade_core.ports.news import NewsStore
from ztrade_core.ports.scorer import Scored
from ztrade_core.ports.sentiment import ScoreStore
from ztrade_core.store.sentiment import require_sound


class MemoryScoreStore(ScoreStore):
    """Scores of the stories that a news store holds; without one it holds none."""

    def __init__(self, news: NewsStore | None = None) -> None:
        self._news = MemoryNewsStore() if news is None else news
        self._scored: dict[tuple[str, str, str], ScoredStory] = {}
        self._texts: dict[tuple[str, str], Scored | None] = {}
        self._latest: dict[str, LatestSentiment] = {}

    @override
    def put(self, scored: Sequence[ScoredStory]) -> int:
        for each in scored:
            require_sound(each.score, each.confidence)
        changed = 0
        for each in scored:
            key = (each.symbol, each.scorer, each.news_id)
            changed += self._scored.get(key) != each
            self._scored[key] = each
        return changed

    @override
    def known(self, symbol: str, scorer: str, start: datetime, stop: datetime) -> list[ScoredStory]:
        low, high = require_utc(start), require_utc(stop)
        found = []
        for each in self._scored.values():
            if (each.symbol, each.scorer) != (symbol, scorer) or not low <= each.known_at < high:
                continue
            story = self._news.story(each.news_id, symbol)
            if story is not None:
                moment, headline = story.published_at, story.headline
                found.append(replace(each, published_at=moment, headline=headline))
        return sorted(found, key=lambda one: (one.known_at, one.published_at, one.news_id))

    @override
    def unscored(self, symbol: str, scorer: str, start: datetime, stop: datetime) -> int:
        stories = self._news.known(symbol, start, stop)
        return sum((symbol, scorer, story.news_id) not in self._scored for story in stories)

    @override
    def cached(self, scorer: str, text_hashes: Sequence[str]) -> Mapping[str, Scored | None]:
        keys = [(scorer, each) for each in text_hashes]
        return {key[1]: self._texts[key] for key in keys if key in self._texts}

    @override
    def remember(self, scorer: str, scores: Mapping[str, Scored | None]) -> None:
        for scored in scores.values():
            if scored is not None:
                require_sound(scored.score, scored.confidence)
        self._texts |= {(scorer, each): scored for each, scored in scores.items()}

    @override
    def put_latest(self, latest: LatestSentiment) -> None:
        kept = self._latest.get(latest.symbol)
        if kept is None or kept.as_of <= latest.as_of:
            self._latest[latest.symbol] = latest

    @override
    def latest(self) -> list[LatestSentiment]:
        return [self._latest[symbol] for symbol in sorted(self._latest)]
