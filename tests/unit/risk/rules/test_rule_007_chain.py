from tests.unit.risk.builders import buy, case
from ztrade_core.domain.chain import ChainFault
from ztrade_core.risk.case import ChainStatus
from ztrade_core.risk.rules.rule_007_chain import ChainRule

RULE = ChainRule(required=True)
BROKEN = ChainStatus(
    verified=True, fault=ChainFault(sequence=17, decision_id="d17", problem="edited")
)


def test_a_verified_chain_passes() -> None:
    assert RULE.judge(case(buy())).passed


def test_a_fault_denies_and_names_the_row() -> None:
    verdict = RULE.judge(case(buy(), chain=BROKEN))
    assert not verdict.passed
    assert "row 17" in verdict.message
    assert "edited" in verdict.message


def test_a_chain_that_was_not_verified_denies() -> None:
    unverified = ChainStatus(verified=False, fault=None)
    assert not RULE.judge(case(buy(), chain=unverified)).passed


def test_a_hold_reports_the_fault() -> None:
    assert not RULE.judge(case(None, chain=BROKEN)).passed


def test_off_passes_and_says_so() -> None:
    verdict = ChainRule(required=False).judge(case(buy(), chain=BROKEN))
    assert verdict.passed
    assert "off by configuration" in verdict.message
