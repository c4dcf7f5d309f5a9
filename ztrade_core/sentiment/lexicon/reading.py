"""What has been read of one text so far: the state that the rules change, word by word.

Each thing said for or against is one entry of `parts`; a word that is understood better later on
(`cuts ... costs`) overwrites its own entry. Nothing here outlives the text.
"""

from collections.abc import Callable

NO_PLACE = -1_000
"""A place before any word's."""


class Word:
    """One entry of the word list: the rule that reads it, its weight, and what it says alone."""

    __slots__ = ("alone", "own", "phrases", "rule", "weight")

    def __init__(self, rule: "Rule", weight: float = 0.0, alone: float = 0.0) -> None:
        self.rule = rule
        self.weight = weight
        self.alone = alone
        self.phrases: dict[str, list[Phrase]] = {}
        self.own: Word | None = None


class Reading:
    """The state of reading one text."""

    __slots__ = (
        "base",
        "compared",
        "compared_at",
        "compared_from",
        "compared_with",
        "doubts",
        "given_slot",
        "given_value",
        "moves",
        "negated_until",
        "parts",
        "pending",
        "pending_factor",
        "pending_slot",
        "pending_until",
        "questions",
        "scale",
        "skip_until",
        "thing",
        "thing_at",
        "thing_free",
        "thing_slot",
        "words",
    )

    thing: Word | None
    pending: Word | None
    compared: Word | None
    compared_with: Word | None

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.parts: list[float] = []
        self.scale = self.base = self.pending_factor = 1.0
        self.thing = self.pending = self.compared = self.compared_with = None
        self.thing_at = self.pending_until = self.negated_until = self.skip_until = NO_PLACE
        self.compared_from = self.compared_at = self.given_slot = NO_PLACE
        self.thing_slot = self.pending_slot = self.moves = self.doubts = self.questions = 0
        self.thing_free = False
        self.given_value = 0.0


Phrase = tuple[list[str], Word | None]
"""The words after the first, and what the phrase means; None: nothing."""
Rule = Callable[[Reading, int, Word], None]
