"""Which texts a model can say something about, and its answer as a score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ztrade_core.ports.scorer import Scored
from ztrade_core.sentiment.finbert.checks import LABELS, Labels

MAX_TOKENS = 128
MOST_CHARACTERS = 2_000
"""Of a longer text the beginning is read: more than MAX_TOKENS tokens of ordinary words."""


def readable(text: str) -> str | None:
    """Return the text as the tokenizer gets it; None without a letter: a model would answer nonsense."""
    cut = text[:MOST_CHARACTERS]
    if not any(each.isalpha() for each in cut):
        return None
    return cut.encode("utf-8", "replace").decode("utf-8")  # no half of a surrogate pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A model's answer: the most probable label, and the score."""

    label: str
    scored: Scored


def scores_of(judged: Sequence[Judged | None]) -> list[Scored | None]:
    """Return the scores alone."""
    return [None if each is None else each.scored for each in judged]


def says_something(tokens: Sequence[int], unknown: int | None) -> bool:
    """Return whether the model knows a token between the two that frame a text."""
    return any(token != unknown for token in tokens[1:-1])


def judge(logits: NDArray[np.float32], labels: Labels) -> list[Judged]:
    """Turn logits, shape `(n_texts, 3)`, into P(positive) - P(negative) and the largest P, in float64."""
    wide = logits.astype(np.float64)
    powers = np.exp(wide - wide.max(axis=1, keepdims=True))
    parts = powers / powers.sum(axis=1, keepdims=True)
    return [_judged(*(float(row[getattr(labels, label)]) for label in LABELS)) for row in parts]


def _judged(positive: float, negative: float, neutral: float) -> Judged:
    likeliest = max(positive, negative, neutral)
    label = LABELS[(positive, negative, neutral).index(likeliest)]
    return Judged(label=label, scored=Scored(score=positive - negative, confidence=likeliest))
