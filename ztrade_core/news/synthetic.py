"""Invented stories for demonstrations and tests, and marked as such: source `synthetic:demo`.

A story is a pure function of seed, symbol and hour: no state, no clock, any sub-range asked alone gives
the same stories, on every platform. About five a day, some of them echoed within two hours in nearly the
same words, as agencies do. Whether the news is good or bad wanders from week to week. Changing any word or
number here means a new version.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from typing_extensions import override

from ztrade_core.domain.news import RawStory
from ztrade_core.domain.time import EPOCH, require_utc
from ztrade_core.ports.news import FetchedNews, NewsProvider

VERSION = 1
SOURCE = "synthetic:demo"
HOUR = timedelta(hours=1)
ECHO_WITHIN = 2  # hours
STORIES_IN_24 = 5
ECHOED_IN_100 = 18
NEUTRAL_IN_100 = 30
_NAMES = {
    "TSLA": "Tesla",
    "IWM": "Russell 2000 fund",
    "SPY": "S&P 500 fund",
    "AAPL": "Apple",
    "MSFT": "Microsoft",
    "BTC/USD": "Bitcoin",
    "ETH/USD": "Ether",
}
_GOOD = (
    "{name} rises {n} % as demand beats expectations",
    "{name}: analysts raise their price target by {n} %",
    "Profit outlook of {name} improves, shares up {n} %",
    "{name} gains {n} % after strong quarterly figures",
    "Investors return to {name}; inflows grow {n} %",
    "{name} wins a large order and lifts its guidance by {n} %",
)
_BAD = (
    "{name} falls {n} % as demand misses expectations",
    "{name}: analysts cut their price target by {n} %",
    "Profit warning weighs on {name}, shares down {n} %",
    "{name} loses {n} % after weak quarterly figures",
    "Investors leave {name}; outflows grow {n} %",
    "Regulator opens a probe into {name}, which drops {n} %",
)
_NEUTRAL = (
    "{name}: what to watch in the next {n} days",
    "{name} trades little changed before the figures",
    "{name} to present at a conference in {n} days",
    "A look at {name} and {n} of its peers",
)
_ECHOES = ("UPDATE: {headline}", "{headline} - report", "{headline} (correction)", "{headline}!")


class SyntheticNews(NewsProvider):
    """Invents stories from a seed."""

    name = "synthetic"

    def __init__(self, seed: int) -> None:
        self._seed = seed

    @override
    def supports(self, symbol: str) -> bool:
        return True

    @override
    def calls(self, symbol: str, start: datetime, stop: datetime) -> int:
        return 0

    @override
    def fetch(self, symbol: str, start: datetime, stop: datetime) -> FetchedNews:
        first = (require_utc(start) - EPOCH) // HOUR - ECHO_WITHIN
        beyond = (require_utc(stop) - EPOCH) // HOUR + 1
        found = [
            story
            for hour in range(first, beyond)
            for story in self._hour(symbol, hour)
            if start <= story.published_at < stop
        ]
        return FetchedNews(stories=tuple(sorted(found, key=lambda story: story.published_at)))

    def _hour(self, symbol: str, hour: int) -> Iterator[RawStory]:
        """Yield the story that breaks in an hour since the epoch, and its echo; most have none."""
        draw = _Draw(f"{self._seed}|{symbol}|v{VERSION}|{hour}")
        if draw.below("any", 24) >= STORIES_IN_24:
            return
        published = EPOCH + hour * HOUR + timedelta(seconds=draw.below("second", 3600))
        headline = self._headline(symbol, hour, draw)
        name = f"{self._seed}-{symbol}-{hour}"
        yield _story(symbol, name, published, headline)
        if draw.below("echo", 100) < ECHOED_IN_100:
            later = timedelta(seconds=300 + draw.below("later", ECHO_WITHIN * 3600 - 600))
            words = draw.one_of("words", _ECHOES).format(headline=headline)
            yield _story(symbol, f"{name}-echo", published + later, words)

    def _headline(self, symbol: str, hour: int, draw: "_Draw") -> str:
        week = _Draw(f"{self._seed}|{symbol}|v{VERSION}|week|{hour // (24 * 7)}")
        good_in_100 = 25 + week.below("mood", 51)
        if draw.below("neutral", 100) < NEUTRAL_IN_100:
            words: tuple[str, ...] = _NEUTRAL
        else:
            words = _GOOD if draw.below("good", 100) < good_in_100 else _BAD
        number = 2 + draw.below("number", 9)
        return draw.one_of("headline", words).format(name=_NAMES.get(symbol, symbol), n=number)


class _Draw:
    """Hashed draws under names: the same at every call."""

    def __init__(self, stream: str) -> None:
        self._stream = stream

    def below(self, what: str, bound: int) -> int:
        """Return a whole number from 0 to below `bound`."""
        raw = hashlib.sha256(f"{self._stream}|{what}".encode()).digest()
        return int.from_bytes(raw[:8]) % bound

    def one_of(self, what: str, words: tuple[str, ...]) -> str:
        """Return one of the texts."""
        return words[self.below(what, len(words))]


def _story(symbol: str, name: str, published_at: datetime, headline: str) -> RawStory:
    return RawStory(
        external_id=name,
        symbols=(symbol,),
        published_at=published_at,
        changed_at=None,
        source=SOURCE,
        headline=headline,
        body="Invented for a demonstration; nothing of it happened.",
        url="",
    )
