import pytest

from tests.unit.risk.builders import NAN, book, buy, case, halt, position, record, sell
from ztrade_core.risk.rules.rule_021_agent_limits import AgentLimitsRule

RULE = AgentLimitsRule(required=True)


@pytest.mark.parametrize(
    ("confidence", "passed"),
    [(0.65, True), (0.66, True), (1.0, True), (0.6499, False), (1.01, False), (NAN, False)],
)
def test_confidence_is_at_least_the_agents_and_at_most_one(
    confidence: float, *, passed: bool
) -> None:
    assert RULE.judge(case(buy(confidence=confidence))).passed is passed


def test_a_confidence_just_short_is_seen_in_the_message() -> None:
    verdict = RULE.judge(case(buy(confidence=0.6499)))
    assert verdict.message == ("its confidence is 0.6499; at least 0.6500 and at most 1 is needed")
    assert (verdict.observed, verdict.limit) == (0.6499, 0.65)


@pytest.mark.parametrize(("trades", "passed"), [(4, True), (5, False), (6, False)])
def test_the_fifth_trade_of_a_day_is_allowed_and_the_sixth_is_not(
    trades: int, *, passed: bool
) -> None:
    assert RULE.judge(case(buy(), book(records=(record(trades=trades),)))).passed is passed


@pytest.mark.parametrize(("losses", "passed"), [(4, True), (5, False), (6, False)])
def test_five_losses_in_a_row_pause_the_agent(losses: int, *, passed: bool) -> None:
    assert RULE.judge(case(buy(), book(records=(record(losses=losses),)))).passed is passed


@pytest.mark.parametrize(
    ("notional", "passed"), [(4999.99, True), (5000.0, True), (5000.01, False), (NAN, False)]
)
def test_position_may_reach_the_agents_size_and_not_a_cent_more(
    notional: float, *, passed: bool
) -> None:
    verdict = RULE.judge(case(buy(notional)))
    assert verdict.passed is passed
    if notional == 5000.01:
        assert verdict.message == "its position would be $5,000.01; the limit is $5,000.00"


def test_records_of_other_agents_do_not_count() -> None:
    busy = book(records=(record("agent_iwm", trades=9, losses=9),))
    assert RULE.judge(case(buy(), busy)).passed


@pytest.mark.parametrize("whom", ["agent_tsla", None])
def test_a_standing_pause_denies_even_when_the_rule_is_off(whom: str | None) -> None:
    paused = book(halts=(halt("consecutive_losses", whom),))
    assert not RULE.judge(case(buy(), paused)).passed
    assert not AgentLimitsRule(required=False).judge(case(buy(), paused)).passed


def test_hold_and_exit_judge_the_record_and_ask_no_confidence() -> None:
    done = book(position("agent_tsla", "TSLA"), records=(record(trades=5),))
    assert RULE.judge(case(None, done)).passed
    assert RULE.judge(case(sell(), done)).passed
    lost = book(records=(record(losses=5),))
    assert not RULE.judge(case(None, lost)).passed
    drifted = book(position("agent_tsla", "TSLA", 5000.01))
    assert not RULE.judge(case(sell(), drifted)).passed


def test_off_passes_and_says_so() -> None:
    verdict = AgentLimitsRule(required=False).judge(case(buy(NAN, confidence=0.0)))
    assert verdict.passed
    assert "off by configuration" in verdict.message
