"""The one way of stories into the store: cleaned, identified, dated, kept once.

A refused story is counted and named; it hides no other.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ztrade_core.domain.news import RawStory, Story
from ztrade_core.news.cleaning import Fetch, Refusal, clean
from ztrade_core.ports.news import NewsStore

MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What came of some stories: rows new and known before (one a symbol), and refused ones."""

    new: int = 0
    known_before: int = 0
    refused: tuple[Refusal, ...] = ()

    def __add__(self, other: "TakenIn") -> "TakenIn":
        return TakenIn(
            new=self.new + other.new,
            known_before=self.known_before + other.known_before,
            refused=self.refused + other.refused,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Why stories were refused: one line a reason, the first few stories named."""
        stories: dict[str, list[str]] = {}
        for refusal in self.refused:
            stories.setdefault(refusal.reason, []).append(refusal.story)
        return tuple(f"{_some(names)}: {reason}" for reason, names in stories.items())


def take_in(
    stories: Iterable[RawStory], store: NewsStore, fetch: Fetch, *, only: str | None = None
) -> TakenIn:
    """Clean and keep stories, in one transaction; `only`: keep what is about this symbol.

    Raises what the store raises; then nothing was kept.
    """
    kept: dict[tuple[str, str], Story] = {}
    counted = 0
    refused: list[Refusal] = []
    for raw in stories:
        made = clean(raw, fetch)
        if isinstance(made, Refusal):
            refused.append(made)
            continue
        for story in made:
            if only in (None, story.symbol):
                counted += 1
                kept.setdefault((story.news_id, story.symbol), story)
    new = store.put(list(kept.values()))
    return TakenIn(new=new, known_before=counted - new, refused=tuple(refused))


def _some(names: list[str]) -> str:
    counts = Counter(names)
    listed = ", ".join(list(counts)[:MOST_NAMED])
    rest = len(names) - min(len(counts), MOST_NAMED)
    return f"{listed} and {rest} more" if rest else listed
