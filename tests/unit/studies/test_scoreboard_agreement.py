"""Agreement, kappa and repeatability, by hand."""

import pytest

from tests.fakes.desk import at, bar
from tests.unit.studies.scoreboard_cases import said
from ztrade_core.domain.decisions import UNASKED
from ztrade_core.domain.time import iso_z
from ztrade_core.studies.scoreboard_agreement import agreement, repeatability
from ztrade_core.studies.scoreboard_answers import Answer, answer_of

WORDS = {"b": "buy", "s": "sell", "h": "hold"}


def answers(text: str, *, first: int = 0, confidence: float = 0.9) -> dict[str, Answer]:
    """Answers by letters, one a bar; `-` is no answer, `u` one that nobody was asked for."""
    found = {}
    for number, letter in enumerate(text, first):
        if letter == "-":
            continue
        factors = ((UNASKED, "no key"),) if letter == "u" else ()
        proposal = said(WORDS.get(letter, "hold"), confidence=confidence, factors=factors)
        slot = iso_z(bar(number))
        found[slot] = answer_of(slot, at(number), proposal)
    return found


def test_agreement_is_the_share_of_equal_actions_on_common_moments() -> None:
    """bbhh and bhhs: 2 of 4 agree; by chance (2 x 1 + 2 x 2 + 0 x 1) / 16 = 6/16."""
    found = agreement(answers("bbhh"), answers("bhhs"))
    assert (found.moments, found.share) == (4, 0.5)
    assert found.kappa == (0.5 - 6 / 16) / (1 - 6 / 16)


def test_moments_that_one_did_not_answer_are_left_out() -> None:
    found = agreement(answers("bs-uh"), answers("bsbhb"))
    assert (found.moments, found.share) == (3, 2 / 3)


def test_a_mind_agrees_with_itself() -> None:
    found = agreement(answers("bsh"), answers("bsh"))
    assert (found.moments, found.share, found.kappa) == (3, 1.0, 1.0)


def test_kappa_of_two_that_always_hold_does_not_exist() -> None:
    found = agreement(answers("hhh"), answers("hhh"))
    assert (found.share, found.kappa) == (1.0, None)


def test_agreement_on_nothing_does_not_exist() -> None:
    found = agreement(answers("bb"), answers("bb", first=9))
    assert (found.moments, found.share, found.kappa) == (0, None, None)


def test_repeatability_is_the_mean_share_of_equal_pairs() -> None:
    """Moment 0: b b s, 1 of 3 pairs; moment 1: h h h, 3 of 3; moment 2 was answered once."""
    samples = {
        1: answers("bhs", confidence=0.9),
        2: answers("bh-", confidence=0.5),
        3: answers("shu", confidence=0.6),
    }
    found = repeatability(samples)
    assert found.moments == 2
    assert found.share == pytest.approx((1 / 3 + 1.0) / 2)
    assert found.spread == pytest.approx(0.4)  # 0.9 less 0.5, at both


def test_one_sample_says_nothing_of_repeatability() -> None:
    found = repeatability({1: answers("bhs")})
    assert (found.moments, found.share, found.spread) == (0, None, None)
