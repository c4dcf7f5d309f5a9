from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.risk.builders import (
    NAN,
    NOON,
    book,
    buy,
    case,
    conduct,
    open_entry,
    past,
    position,
    sell,
)
from ztrade_core.domain.orders import Side
from ztrade_core.risk.rules.rule_009_duplicate import DuplicateRule

RULE = DuplicateRule(window_seconds=60.0)


def test_a_first_entry_is_no_duplicate() -> None:
    verdict = RULE.judge(case(buy(), desk=conduct()))
    assert verdict.passed
    assert (verdict.observed, verdict.limit) == (None, 60.0)


@pytest.mark.parametrize(
    ("seconds", "passed"),
    [(60.0, True), (59.999999, False), (60.000001, True), (0.0, False), (-5.0, False)],
)
def test_exactly_the_window_after_the_last_one_is_allowed(seconds: float, *, passed: bool) -> None:
    verdict = RULE.judge(case(buy(), desk=conduct(entries=(past(7200.0), past(seconds)))))
    assert verdict.passed is passed
    assert verdict.observed == seconds


def test_an_entry_of_another_agent_symbol_or_side_is_no_duplicate() -> None:
    others = (
        past(1.0, agent_id="agent_iwm"),
        past(1.0, symbol="IWM"),
        past(1.0, side=Side.SELL),
    )
    assert RULE.judge(case(buy(), desk=conduct(entries=others))).passed


def test_an_open_or_unknown_entry_denies_whatever_its_age() -> None:
    pending = book(open_entries=(open_entry("agent_tsla", "TSLA", 500.0),))
    verdict = RULE.judge(case(buy(), pending, desk=conduct()))
    assert not verdict.passed
    assert verdict.message == "entry zt1-agent_tsla-TSLA is open or unknown"
    elsewhere = book(open_entries=(open_entry("agent_iwm", "IWM", 500.0),))
    assert RULE.judge(case(buy(), elsewhere, desk=conduct())).passed


def test_a_second_entry_on_the_same_bar_denies_after_the_window_too() -> None:
    same = conduct(entries=(past(250.0, bar=NOON),))
    verdict = RULE.judge(case(buy(), desk=same))
    assert not verdict.passed
    assert verdict.message == "an entry was decided on the same bar (2022-12-28T17:00:00Z)"
    other = conduct(entries=(past(250.0, bar=NOON - timedelta(minutes=5)),))
    assert RULE.judge(case(buy(), desk=other)).passed


def test_the_same_bar_of_another_epoch_is_another_intent() -> None:
    again = book(account_epoch=2)
    assert RULE.judge(case(buy(), again, desk=conduct(entries=(past(250.0, bar=NOON),)))).passed


def test_holds_and_exits_pass() -> None:
    crowd = conduct(entries=(past(1.0, bar=NOON),))
    held = book(position("agent_tsla", "TSLA"))
    for candidate in (None, sell()):
        verdict = RULE.judge(case(candidate, held, desk=crowd))
        assert verdict.passed
        assert verdict.message == "no entry is asked for"


def test_a_window_that_is_no_number_denies_and_off_passes() -> None:
    made = case(buy(), desk=conduct(entries=(past(600.0),)))
    assert not replace(RULE, window_seconds=NAN).judge(made).passed
    off = replace(RULE, window_seconds=None).judge(made)
    assert off.passed
    assert "off by configuration" in off.message
