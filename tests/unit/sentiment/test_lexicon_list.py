"""The word list and its version: no word stands twice, and another score is another version."""

import hashlib

from tests.unit.sentiment.lexicon_cases import CASES
from tests.unit.sentiment.lexicon_reports import REPORTS
from ztrade_core.sentiment.lexicon.scorer import VERSION, LexiconScorer, label_of
from ztrade_core.sentiment.lexicon.table import build_table
from ztrade_core.sentiment.lexicon.tokens import words_of

ALL_CASES = (*CASES, *REPORTS)
LABELS = ("positive", "negative", "neutral")
DIGESTS = {2: "36fdd7646c397b04"}
"""Version: digest of the scores of every case. A change of a score wants a new version, and its line here."""


def digest_of_scores() -> str:
    found = LexiconScorer().score([text for text, _ in ALL_CASES])
    lines = ["none" if one is None else f"{one.score:.9f} {one.confidence:.9f}" for one in found]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def test_the_scores_are_those_of_this_version() -> None:
    assert digest_of_scores() == DIGESTS[VERSION], "scores changed: raise VERSION, tell the guide"


def test_the_key_names_the_version() -> None:
    assert LexiconScorer().key == f"lexicon@{VERSION}"


def test_nearly_every_case_of_our_own_gets_its_label() -> None:
    """The list was built on these, so this says that it does what it was meant to, not how good it is."""
    found = LexiconScorer().score([text for text, _ in ALL_CASES])
    right = [
        one is not None and label_of(one.score) == label
        for one, (_, label) in zip(found, ALL_CASES, strict=True)
    ]
    assert sum(right) >= 0.95 * len(right)


def test_the_cases_are_many_and_cover_the_three_labels() -> None:
    labels = [label for _, label in ALL_CASES]
    assert len({text for text, _ in ALL_CASES}) == len(ALL_CASES) >= 150
    assert all(labels.count(label) >= 50 for label in LABELS)


def test_every_word_of_the_list_can_be_met_in_a_text() -> None:
    """A word that the reader of texts would split or change could never be found."""
    for spelled in build_table():
        assert words_of(f"x {spelled} x") == ["x", spelled, "x"]


def test_every_weight_is_within_bounds() -> None:
    for spelled, word in build_table().items():
        assert -1.0 <= word.weight <= 1.0, spelled
        assert -1.0 <= word.alone <= 1.0, spelled
