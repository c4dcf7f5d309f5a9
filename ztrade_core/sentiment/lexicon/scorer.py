"""The lexicon scorer: finance headlines read by rules, without a model and without dependencies.

Each text is read alone, word by word (`rules`), from a word list of this project (`words_*`). The same
text gives the same score on every machine and whatever it is asked together with. A text is data:
what it tells the reader to do are words like any other.

A change of any score is a new VERSION: `docs/guides/sentiment-lexicon.md` tells what each one is.
"""

from collections.abc import Sequence
from math import fsum
from typing import Literal

from typing_extensions import override

from ztrade_core.ports.scorer import Scored, Scorer
from ztrade_core.sentiment.lexicon.figures import read_comparison, read_signs
from ztrade_core.sentiment.lexicon.reading import Reading
from ztrade_core.sentiment.lexicon.table import build_table
from ztrade_core.sentiment.lexicon.tokens import words_of

VERSION = 2
LABEL_THRESHOLD = 0.2
"""From this score on a text is positive, from its negative on negative; between them neutral."""

HALF_SCORE = 0.5
"""So much said one way gives a score of one half."""
UNKNOWN_CONFIDENCE = 0.3
"""How sure the scorer is of a text in which no word tells anything."""
NOTHING_SAID = Scored(score=0.0, confidence=UNKNOWN_CONFIDENCE)
QUESTION_SCALE = 0.3
DOUBT_SCALE = 0.7

Label = Literal["positive", "negative", "neutral"]


def label_of(score: float) -> Label:
    """Return the label of a score."""
    if score >= LABEL_THRESHOLD:
        return "positive"
    return "negative" if score <= -LABEL_THRESHOLD else "neutral"


class LexiconScorer(Scorer):
    """Scores English finance headlines by rules; None for a text without a word in Latin letters."""

    def __init__(self) -> None:
        self._find = build_table().get

    @property
    @override
    def key(self) -> str:
        return f"lexicon@{VERSION}"

    @override
    def score(self, texts: Sequence[str]) -> list[Scored | None]:
        return [self._scored(text) for text in texts]

    def _scored(self, text: str) -> Scored | None:
        """Read one text."""
        words = words_of(text)
        reading = Reading(words)
        for place, word in enumerate(map(self._find, words)):
            if word is not None and place > reading.skip_until:
                word.rule(reading, place, word)
        if not reading.moves:
            if "%" in text:
                read_signs(reading)
            if reading.compared_at >= 0:
                read_comparison(reading)
        if not reading.parts and not any(spelled[0].isalpha() for spelled in words):
            return None
        return _weighed(reading)


def _weighed(reading: Reading) -> Scored:
    """Turn all that was said into a score and how sure it is."""
    parts = reading.parts
    said = fsum(parts) if parts else 0.0
    if not said:
        return NOTHING_SAID
    asked = reading.questions > 0
    if asked:
        said *= QUESTION_SCALE
    size = abs(said)
    agreement = size / fsum(map(abs, parts)) if len(parts) > 1 or asked else 1.0
    confidence = UNKNOWN_CONFIDENCE + (1.0 - UNKNOWN_CONFIDENCE) * agreement * size / (
        size + HALF_SCORE
    )
    if reading.doubts or asked:
        confidence *= DOUBT_SCALE
    return Scored(score=said / (size + HALF_SCORE), confidence=confidence)
