"""A scorer that asks the store first, and never scores a text twice.

What was scored is kept chunk by chunk: a killed run goes on where it was.
"""

import hashlib
from collections.abc import Mapping, Sequence

from typing_extensions import override

from ztrade_core.ports.scorer import Scored, Scorer
from ztrade_core.ports.sentiment import ScoreStore

CHUNK = 512


def text_hash(text: str) -> str:
    """Return the name under which a text's score is kept: SHA-256, hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class CachedScorer(Scorer):
    """Another scorer over a store of scores, under that scorer's key: model, revision and backend."""

    def __init__(self, scorer: Scorer, store: ScoreStore, *, chunk: int = CHUNK) -> None:
        self._scorer = scorer
        self._store = store
        self._chunk = chunk
        self._scored = 0
        self._from_cache = 0

    @property
    @override
    def key(self) -> str:
        return self._scorer.key

    @property
    def scored(self) -> int:
        """How many texts were scored so far."""
        return self._scored

    @property
    def from_cache(self) -> int:
        """How many texts needed no scoring so far: known before, or asked twice."""
        return self._from_cache

    @override
    def score(self, texts: Sequence[str]) -> list[Scored | None]:
        hashes = [text_hash(text) for text in texts]
        distinct = dict(zip(hashes, texts, strict=True))
        known: dict[str, Scored | None] = {}
        for part in _chunks(list(distinct), self._chunk):
            known.update(self._store.cached(self.key, part))
        missing = [each for each in distinct if each not in known]
        for part in _chunks(missing, self._chunk):
            known.update(self._score_and_keep({each: distinct[each] for each in part}))
        self._scored += len(missing)
        self._from_cache += len(texts) - len(missing)
        return [known[each] for each in hashes]

    def _score_and_keep(self, texts: Mapping[str, str]) -> dict[str, Scored | None]:
        found = dict(zip(texts, self._scorer.score(list(texts.values())), strict=True))
        self._store.remember(self.key, found)
        return found


def _chunks(items: list[str], size: int) -> list[list[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
