"""A source of news that tells what it was given, or fails as told, and notes what it was asked."""

from collections.abc import Sequence
from datetime import datetime

from typing_extensions import override

from ztrade_core.domain.news import RawStory
from ztrade_core.errors import DataError
from ztrade_core.ports.news import FetchedNews, NewsProvider


class ToldNews(NewsProvider):
    """`asked` is every question, in order; with `symbols` it offers no other."""

    def __init__(
        self,
        name: str,
        stories: Sequence[RawStory] = (),
        *,
        error: DataError | None = None,
        notes: tuple[str, ...] = (),
        symbols: tuple[str, ...] | None = None,
    ) -> None:
        self._name = name
        self._stories = tuple(stories)
        self._error = error
        self._notes = notes
        self._symbols = symbols
        self.asked: list[tuple[str, datetime, datetime]] = []

    @property
    @override
    def name(self) -> str:
        return self._name

    @override
    def supports(self, symbol: str) -> bool:
        return self._symbols is None or symbol in self._symbols

    @override
    def calls(self, symbol: str, start: datetime, stop: datetime) -> int:
        return 1

    @override
    def fetch(self, symbol: str, start: datetime, stop: datetime) -> FetchedNews:
        self.asked.append((symbol, start, stop))
        if self._error is not None:
            raise self._error
        return FetchedNews(stories=self._stories, notes=self._notes)
