"""Decisions in the form that any database returns unchanged."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.store_rows import decision, proposal, verdict
from ztrade_core.domain.storable import storable_decision, storable_text, storable_verdicts


def test_a_sound_decision_is_left_as_it_is() -> None:
    sound = decision()
    assert storable_decision(sound) is sound
    assert storable_verdicts((verdict(),)) == (verdict(),)


def test_numbers_become_floats_and_minus_zero_zero() -> None:
    odd = storable_decision(
        decision(
            quantity=np.float64(2.5),
            wanted_quantity=3,
            limit_price=np.float32(0.5),
            stop_price=-0.0,
        )
    )
    assert [type(n) for n in (odd.quantity, odd.wanted_quantity, odd.limit_price)] == [float] * 3
    assert math.copysign(1.0, odd.stop_price or 0.0) == 1.0
    assert type(storable_verdicts((verdict(passed=np.True_),))[0].passed) is bool


def test_factors_become_plain() -> None:
    odd = replace(proposal(), factors=(("rsi", np.float64(1.5)), ("a\x00", "b\x00"), ("n", 3)))
    assert storable_decision(decision(proposal=odd)).proposal.factors == (
        ("rsi", 1.5),
        ("a\ufffd", "b\ufffd"),
        ("n", 3),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("ünï 😀", "ünï 😀"),
        ("a\x00b", "a\ufffdb"),
        ("\ud800x", "\ufffdx"),
        ("\ud83d\ude00", "😀"),
    ],
)
def test_texts_lose_what_no_database_keeps(text: str, expected: str) -> None:
    assert storable_text(text) == expected


@given(st.text(st.characters()))
def test_any_text_can_be_encoded(text: str) -> None:
    clean = storable_text(text)
    assert "\x00" not in clean
    clean.encode()
    assert storable_text(clean) == clean
