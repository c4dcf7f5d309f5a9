"""Near duplicates: the same headline about a symbol, told again within days, counts once.

A story is folded when a story known before it, by at most `MEMORY`, has the same or nearly the same
headline, be that one folded itself or not. So a story's fate rests on what was known before it alone, and
on the last three days of that: later stories never change it. Of those that became known together, as a
night's do at the open, the one published first was told first.

Headlines are compared by their pairs of neighbouring words (Broder, 1997, "On the resemblance and
containment of documents": shingles and their Jaccard resemblance). In real headlines templates about other
things ("... underperforms Monday when compared to ...") resemble each other up to 0.69, retellings more;
and those with other numbers tell something else.
"""

import re
import unicodedata
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.domain.time import MICROSECOND, to_micros

MEMORY = timedelta(hours=72)
RESEMBLANCE = 0.7
MEMORY_MICROS = MEMORY // MICROSECOND
_LINK = re.compile(r"https?://\S+")
_WORD = re.compile(r"\w+")
_APOSTROPHES = str.maketrans("", "", "'`\N{RIGHT SINGLE QUOTATION MARK}")

Pair = tuple[str, str]


class _Told(NamedTuple):
    """A headline that was seen: when, its pairs of words, its numbers."""

    known_at: int
    pairs: frozenset[Pair]
    numbers: tuple[str, ...]


class Folder:
    """Tells of one symbol's stories, in the order of `ScoreStore.known`, which ones are retold."""

    def __init__(self) -> None:
        self._told: dict[int, _Told] = {}
        self._order: deque[int] = deque()
        self._by_pair: dict[Pair, set[int]] = {}
        self._next = 0

    def is_retold(self, known_at: int, headline: str) -> bool:
        """Return whether it was told before, and remember it; `known_at` in microseconds, ascending."""
        self._forget(known_at - MEMORY_MICROS)
        words = words_of(headline)
        if not words:
            return False
        numbers = tuple(word for word in words if word[0].isdigit())
        new = _Told(known_at, _pairs(words), numbers)
        found = self._resembles(new)
        self._remember(new)
        return found

    def _resembles(self, new: _Told) -> bool:
        shared = Counter(number for pair in new.pairs for number in self._by_pair.get(pair, ()))
        for number, count in shared.items():
            old = self._told[number]
            if old.numbers != new.numbers:
                continue
            if count >= RESEMBLANCE * (len(old.pairs) + len(new.pairs) - count):
                return True
        return False

    def _remember(self, new: _Told) -> None:
        number, self._next = self._next, self._next + 1
        self._told[number] = new
        self._order.append(number)
        for pair in new.pairs:
            self._by_pair.setdefault(pair, set()).add(number)

    def _forget(self, before: int) -> None:
        while self._order and self._told[self._order[0]].known_at < before:
            number = self._order.popleft()
            for pair in self._told.pop(number).pairs:
                left = self._by_pair[pair]
                left.discard(number)
                if not left:
                    del self._by_pair[pair]


def unfolded(stories: Iterable[ScoredStory]) -> Iterator[ScoredStory]:
    """Yield one symbol's stories that are not retold, given in the order of `ScoreStore.known`."""
    folder = Folder()
    for story in stories:
        if not folder.is_retold(to_micros(story.known_at), story.headline):
            yield story


def words_of(headline: str) -> list[str]:
    """Return the words of a headline as they are compared: no case, links, apostrophes, marks."""
    text = unicodedata.normalize("NFKC", headline).casefold().translate(_APOSTROPHES)
    return _WORD.findall(_LINK.sub(" ", text))


def _pairs(words: list[str]) -> frozenset[Pair]:
    if len(words) == 1:
        return frozenset({(words[0], "")})
    return frozenset(pairwise(words))
