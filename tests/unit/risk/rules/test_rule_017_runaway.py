import pytest

from tests.unit.risk.builders import book, buy, case, halt, position, record, sell
from ztrade_core.risk.rules.rule_008_manual_halt import ManualHaltRule
from ztrade_core.risk.rules.rule_017_runaway import RunawayRule

RULE = RunawayRule(limit=5)


@pytest.mark.parametrize(("failures", "passed"), [(0, True), (4, True), (5, False), (6, False)])
def test_five_failures_in_a_row_stop_the_agent(failures: int, *, passed: bool) -> None:
    verdict = RULE.judge(case(buy(), book(records=(record(failures=failures),))))
    assert verdict.passed is passed
    assert (verdict.observed, verdict.limit) == (float(failures), 5.0)


def test_failures_of_other_agents_do_not_count() -> None:
    assert RULE.judge(case(buy(), book(records=(record("agent_iwm", failures=9),)))).passed


@pytest.mark.parametrize("whom", ["agent_tsla", None])
def test_the_breakers_halt_denies_even_when_the_rule_is_off(whom: str | None) -> None:
    halted = case(buy(), book(halts=(halt("runaway", whom),)))
    for rule in (RULE, RunawayRule(limit=None)):
        verdict = rule.judge(halted)
        assert not verdict.passed
        assert "is halted (runaway) by ada" in verdict.message
    assert ManualHaltRule(required=True).judge(halted).passed


def test_another_agents_halt_and_other_halts_are_other_rules() -> None:
    others = book(halts=(halt("runaway", "agent_iwm"), halt("manual")))
    assert RULE.judge(case(buy(), others)).passed


def test_a_hold_and_an_exit_report_it() -> None:
    failing = book(position("agent_tsla", "TSLA"), records=(record(failures=5),))
    for candidate in (None, sell()):
        assert not RULE.judge(case(candidate, failing)).passed


def test_off_passes_and_says_so() -> None:
    verdict = RunawayRule(limit=None).judge(case(buy(), book(records=(record(failures=9),))))
    assert verdict.passed
    assert "off by configuration" in verdict.message
