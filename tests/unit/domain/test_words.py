"""One bar, two bars."""

from ztrade_core.domain.waking import WakeConditions
from ztrade_core.domain.words import are, counted


def test_one_has_no_plural_and_its_verb_is_is() -> None:
    assert [counted(number, "bar") for number in (0, 1, 2000)] == ["0 bars", "1 bar", "2,000 bars"]
    assert [are(number) for number in (0, 1, 2)] == ["are", "is", "are"]


def test_a_mind_that_wakes_on_each_bar_says_so() -> None:
    assert WakeConditions(every_bars=1).reason == "asleep: wakes every bar"
