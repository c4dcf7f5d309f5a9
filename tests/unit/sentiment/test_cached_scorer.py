"""A text is scored once: by hash, under its scorer's key, kept chunk by chunk."""

from collections.abc import Sequence

import pytest
from typing_extensions import override

from tests.fakes.score_store import MemoryScoreStore
from ztrade_core.ports.scorer import Scored, Scorer
from ztrade_core.sentiment.cached import CachedScorer, text_hash


class PowerCutError(Exception):
    """The end of a process, as a test sees it."""


class LengthScorer(Scorer):
    """Scores a text by its length, None for an empty one; dies after `survives` calls."""

    def __init__(self, key: str = "length@1", survives: int = 1_000) -> None:
        self._key = key
        self._survives = survives
        self.calls: list[list[str]] = []

    @property
    @override
    def key(self) -> str:
        return self._key

    @override
    def score(self, texts: Sequence[str]) -> list[Scored | None]:
        if len(self.calls) >= self._survives:
            raise PowerCutError
        self.calls.append(list(texts))
        return [Scored(score=1 / len(each), confidence=0.5) if each else None for each in texts]

    @property
    def asked(self) -> list[str]:
        return [text for call in self.calls for text in call]


TEXTS = ["a", "bb", "", "ccc", "a", "dddd", ""]


def test_each_text_is_scored_once_and_answered_in_order() -> None:
    scorer = LengthScorer()
    cached = CachedScorer(scorer, MemoryScoreStore())
    found = cached.score(TEXTS)
    assert [None if each is None else each.score for each in found] == [
        *(1.0, 1 / 2, None, 1 / 3, 1.0, 1 / 4, None),
    ]
    assert scorer.asked == ["a", "bb", "", "ccc", "dddd"]
    assert (cached.scored, cached.from_cache) == (5, 2)
    assert cached.key == "length@1"


def test_a_second_run_scores_nothing_not_even_what_could_not_be_scored() -> None:
    store = MemoryScoreStore()
    first = CachedScorer(LengthScorer(), store).score(TEXTS)
    again = LengthScorer()
    cached = CachedScorer(again, store)
    assert cached.score(TEXTS) == first
    assert again.calls == []
    assert (cached.scored, cached.from_cache) == (0, len(TEXTS))


def test_another_revision_is_another_scorer() -> None:
    store = MemoryScoreStore()
    CachedScorer(LengthScorer(), store).score(TEXTS)
    other = LengthScorer("length@2")
    assert CachedScorer(other, store).score(["a"]) == [Scored(score=1.0, confidence=0.5)]
    assert other.asked == ["a"]


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_killed_run_keeps_the_chunks_it_had(chunks: int) -> None:
    store = MemoryScoreStore()
    with pytest.raises(PowerCutError):
        CachedScorer(LengthScorer(survives=chunks), store, chunk=2).score(TEXTS)
    after = LengthScorer()
    CachedScorer(after, store, chunk=2).score(TEXTS)
    assert after.asked == ["a", "bb", "", "ccc", "dddd"][2 * chunks :]


def test_nothing_is_asked_of_nothing() -> None:
    scorer = LengthScorer()
    assert CachedScorer(scorer, MemoryScoreStore()).score([]) == []
    assert scorer.calls == []


def test_a_text_is_known_by_its_sha_256() -> None:
    """The first is `printf 'abc' | sha256sum`; half a pair has a name too."""
    assert text_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(text_hash("\ud83d")) == 64
