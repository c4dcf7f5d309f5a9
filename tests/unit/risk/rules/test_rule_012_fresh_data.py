from datetime import timedelta

import pytest

from tests.unit.risk.builders import NAN, NOON, buy, case, facts
from ztrade_core.risk.rules.rule_012_fresh_data import FreshDataRule

RULE = FreshDataRule(required=True, max_clock_skew_seconds=5.0)


def test_fresh_sound_inputs_pass() -> None:
    assert RULE.judge(case(buy())).passed


def test_a_stale_bar_denies_and_both_bars_are_named() -> None:
    stale = facts(fresh=False, last_bar=NOON - timedelta(minutes=5))
    verdict = RULE.judge(case(buy(), market=stale))
    assert not verdict.passed
    assert "the bar of 2022-12-28T17:00:00Z is missing" in verdict.message
    assert "the last one is 2022-12-28T16:55:00Z" in verdict.message


def test_no_expected_bar_and_no_bar_deny() -> None:
    none = facts(fresh=False, expected_bar=None, last_bar=None)
    verdict = RULE.judge(case(buy(), market=none))
    assert not verdict.passed
    assert "expects no bar now; the last one is none" in verdict.message


@pytest.mark.parametrize(
    ("skew", "passed"),
    [(5.0, True), (-5.0, True), (4.99, True), (5.01, False), (-5.01, False), (NAN, False)],
)
def test_a_skewed_clock_denies_in_either_direction(skew: float, *, passed: bool) -> None:
    verdict = RULE.judge(case(buy(), market=facts(clock_skew_seconds=skew)))
    assert verdict.passed is passed


def test_an_issue_of_the_inputs_denies_and_is_told() -> None:
    verdict = RULE.judge(case(buy(), market=facts(issues=("a gap of 3 bars",))))
    assert not verdict.passed
    assert "a gap of 3 bars" in verdict.message


def test_a_hold_reports_stale_data() -> None:
    assert not RULE.judge(case(None, market=facts(fresh=False))).passed


def test_off_asks_no_fresh_bar_but_a_right_clock_and_sound_inputs() -> None:
    off = FreshDataRule(required=False, max_clock_skew_seconds=5.0)
    verdict = off.judge(case(buy(), market=facts(fresh=False)))
    assert verdict.passed
    assert "off by configuration" in verdict.message
    assert not off.judge(case(buy(), market=facts(clock_skew_seconds=6.0))).passed
    assert not off.judge(case(buy(), market=facts(issues=("NaN close",)))).passed
