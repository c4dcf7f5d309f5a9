from dataclasses import replace

import pytest

from tests.unit.risk.builders import book, buy, case, conduct, past, position, sell
from ztrade_core.risk.rules.rule_010_throttle import ThrottleRule

RULE = ThrottleRule(per_minute=3, agent_per_hour=4)


@pytest.mark.parametrize(("others", "passed"), [(0, True), (2, True), (3, False), (9, False)])
def test_the_third_entry_of_a_minute_is_allowed_and_the_fourth_is_not(
    others: int, *, passed: bool
) -> None:
    crowd = conduct(entries=(past(30.0, agent_id="agent_iwm"),) * others)
    verdict = RULE.judge(case(buy(), desk=crowd))
    assert verdict.passed is passed
    assert (verdict.observed, verdict.limit) == (others + 1.0, 3.0)


@pytest.mark.parametrize(("own", "passed"), [(3, True), (4, False)])
def test_the_fourth_entry_of_an_agents_hour_is_allowed_and_the_fifth_is_not(
    own: int, *, passed: bool
) -> None:
    verdict = RULE.judge(case(buy(), desk=conduct(entries=(past(3599.0),) * own)))
    assert verdict.passed is passed
    if not passed:
        assert verdict.message == (
            "agent_tsla's entries of the last hour, this order included: 5; the limit is 4"
        )


@pytest.mark.parametrize(("seconds", "passed"), [(60.0, True), (59.999999, False), (-1.0, False)])
def test_an_entry_is_out_of_its_minute_at_sixty_seconds(seconds: float, *, passed: bool) -> None:
    crowd = conduct(entries=(past(seconds, agent_id="agent_iwm"),) * 3)
    assert RULE.judge(case(buy(), desk=crowd)).passed is passed


@pytest.mark.parametrize(("seconds", "passed"), [(3600.0, True), (3599.999999, False)])
def test_an_entry_is_out_of_its_hour_at_3600_seconds(seconds: float, *, passed: bool) -> None:
    assert RULE.judge(case(buy(), desk=conduct(entries=(past(seconds),) * 4))).passed is passed


def test_other_agents_entries_do_not_fill_the_agents_hour() -> None:
    crowd = conduct(entries=(past(600.0, agent_id="agent_iwm"),) * 50)
    assert RULE.judge(case(buy(), desk=crowd)).passed


def test_holds_and_exits_report_what_was_made_without_themselves() -> None:
    held = book(position("agent_tsla", "TSLA"))
    for candidate in (None, sell()):
        three = conduct(entries=(past(30.0),) * 3)
        assert RULE.judge(case(candidate, held, desk=three)).passed
        four = conduct(entries=(past(30.0),) * 4)
        assert not RULE.judge(case(candidate, held, desk=four)).passed


def test_each_limit_may_be_off() -> None:
    crowd = case(buy(), desk=conduct(entries=(past(30.0),) * 20))
    by_hour = replace(RULE, per_minute=None).judge(crowd)
    assert (by_hour.passed, by_hour.limit) == (False, 4.0)
    by_minute = replace(RULE, agent_per_hour=None).judge(crowd)
    assert (by_minute.passed, by_minute.limit) == (False, 3.0)
    off = ThrottleRule(per_minute=None, agent_per_hour=None).judge(crowd)
    assert off.passed
    assert "off by configuration" in off.message
