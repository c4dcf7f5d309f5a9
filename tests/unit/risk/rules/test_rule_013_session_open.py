from tests.unit.risk.builders import book, buy, case, facts, position, sell
from ztrade_core.risk.rules.rule_013_session_open import SessionOpenRule

RULE = SessionOpenRule(required=True)
CLOSED = facts(session_open=False, session_note="last bar of the session")


def test_an_entry_in_an_open_session_passes() -> None:
    assert RULE.judge(case(buy())).passed


def test_an_entry_in_a_closed_session_is_denied_with_the_note() -> None:
    verdict = RULE.judge(case(buy(), market=CLOSED))
    assert not verdict.passed
    assert verdict.message == "the session is closed to entries (last bar of the session)"


def test_holds_and_exits_are_no_fault_of_a_closed_session() -> None:
    held = book(position("agent_tsla", "TSLA"))
    assert RULE.judge(case(None, market=CLOSED)).passed
    assert RULE.judge(case(sell(), held, market=CLOSED)).passed


def test_off_passes_and_says_so() -> None:
    verdict = SessionOpenRule(required=False).judge(case(buy(), market=CLOSED))
    assert verdict.passed
    assert "off by configuration" in verdict.message
