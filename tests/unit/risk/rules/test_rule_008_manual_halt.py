import pytest

from tests.unit.risk.builders import book, buy, case, halt, sell
from ztrade_core.risk.rules.rule_008_manual_halt import ManualHaltRule

RULE = ManualHaltRule(required=True)


@pytest.mark.parametrize("who", [None, "agent_tsla"])
def test_a_halt_of_the_company_or_the_agent_denies_and_says_who_and_why(who: str | None) -> None:
    verdict = RULE.judge(case(buy(), book(halts=(halt("manual", who),))))
    assert not verdict.passed
    assert "by ada since 2022-12-28 17:00:00Z: a test" in verdict.message


def test_a_halt_of_another_agent_does_not() -> None:
    assert RULE.judge(case(buy(), book(halts=(halt("manual", "agent_iwm"),)))).passed


def test_a_halt_of_an_unknown_kind_denies() -> None:
    assert not RULE.judge(case(buy(), book(halts=(halt("who knows"),)))).passed


@pytest.mark.parametrize("kind", ["daily_loss", "drawdown", "consecutive_losses"])
def test_halts_of_breakers_are_other_rules_business(kind: str) -> None:
    assert RULE.judge(case(buy(), book(halts=(halt(kind),)))).passed


@pytest.mark.parametrize("text", ["fire drill\n", ""])
def test_the_file_denies_even_when_it_is_empty(text: str) -> None:
    verdict = RULE.judge(case(buy(), halt_file=text))
    assert not verdict.passed
    assert (text.strip() or "gives no reason") in verdict.message


def test_exit_and_hold_report_the_halt() -> None:
    halted = book(halts=(halt("manual"),))
    assert not RULE.judge(case(None, halted)).passed
    assert not RULE.judge(case(sell(), halted)).passed


def test_off_passes_and_says_so() -> None:
    verdict = ManualHaltRule(required=False).judge(case(buy(), halt_file="x"))
    assert verdict.passed
    assert "off by configuration" in verdict.message
