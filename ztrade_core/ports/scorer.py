"""Scorers of text: what a headline says for or against its symbol."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A text's score, -1 (bad) to 1 (good), and how sure the scorer is, 0 to 1."""

    score: float
    confidence: float


class Scorer(Protocol):
    """Scores texts, each on its own: a score never depends on what it is asked together with."""

    @property
    def key(self) -> str:
        """Name, backend and revision, e.g. `lexicon@1`: scores of one key may be compared, others not."""
        ...

    def score(self, texts: Sequence[str]) -> list[Scored | None]:
        """Return a score for each text, in order; None: nothing in it can be scored (no words)."""
        ...
