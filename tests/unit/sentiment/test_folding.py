"""Retold headlines count once, and what was told before is all that matters."""

import pytest

from tests.fakes.scored_stories import scored_story
from ztrade_core.sentiment.folding import unfolded, words_of

SOLD = "Tesla recalls two million cars over a fault in its Autopilot system"


def kept(*stories: tuple[float, str]) -> list[float]:
    told = [scored_story(hours, headline=text) for hours, text in stories]
    return [
        hours for (hours, _), story in zip(stories, told, strict=True) if story in [*unfolded(told)]
    ]


@pytest.mark.parametrize(
    "other",
    [
        SOLD,
        f"{SOLD} - Reuters",
        f"UPDATE: {SOLD}",
        SOLD.upper() + "!",
        f"{SOLD} https://t.co/abc",
    ],
)
def test_a_headline_told_again_is_folded(other: str) -> None:
    assert kept((0, SOLD), (2, other)) == [0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Goldman Sachs stock underperforms Monday when compared to competitors despite daily gains",
            "Goldman Sachs stock underperforms Friday when compared to competitors despite daily gains",
        ),
        (
            "Caterpillar Inc. stock outperforms competitors despite losses on the day",
            "Visa Inc. Cl A stock outperforms competitors despite losses on the day",
        ),
        (
            "Dow down nearly 125 points on losses for shares of UnitedHealth, Merck",
            "Dow down nearly 250 points on losses for shares of UnitedHealth, Merck",
        ),
        ("Tesla beats by $0.01", "Tesla misses by $0.01"),
        ("Up", "Down"),
    ],
)
def test_a_template_filled_in_otherwise_is_another_story(one: str, other: str) -> None:
    assert kept((0, one), (2, other)) == [0, 2]


def test_after_three_days_it_is_news_again() -> None:
    assert kept((0, SOLD), (72, SOLD)) == [0]
    assert kept((0, SOLD), (72.01, SOLD)) == [0, 72.01]


def test_a_folded_story_folds_too() -> None:
    """So that memory is finite: the first one is 120 hours gone, the second one is not."""
    assert kept((0, SOLD), (60, SOLD), (120, SOLD)) == [0]


def test_headlines_without_words_are_never_the_same() -> None:
    assert kept((0, "..."), (1, "...")) == [0, 1]


def test_words_have_no_case_links_marks_or_apostrophes() -> None:
    assert words_of("Tesla's “big” day: $4.50 https://x.example/y?z=1 now") == [
        *("teslas", "big", "day", "4", "50", "now")
    ]


def test_what_comes_later_never_changes_what_was_kept() -> None:
    told = [(hours * 7.0, SOLD if hours % 3 else f"{SOLD} {hours}") for hours in range(30)]
    whole = kept(*told)
    for count in range(len(told)):
        cut = [hours for hours in whole if hours < told[count][0]]
        assert kept(*told[:count]) == cut
