from datetime import timedelta

import pytest

from tests.unit.risk.builders import DESK, NAN, book, buy, case, conduct, position, sell
from ztrade_core.risk.rules.rule_015_book_reconciled import BookReconciledRule

RULE = BookReconciledRule(max_age_seconds=120.0)


@pytest.mark.parametrize(
    ("seconds", "passed"), [(0.0, True), (120.0, True), (120.000001, False), (-30.0, True)]
)
def test_a_reconciliation_may_be_as_old_as_the_limit(seconds: float, *, passed: bool) -> None:
    desk = conduct(reconciled_at=DESK.at - timedelta(seconds=seconds))
    verdict = RULE.judge(case(buy(), desk=desk))
    assert verdict.passed is passed
    assert (verdict.observed, verdict.limit) == (seconds, 120.0)


def test_an_account_that_was_never_reconciled_denies() -> None:
    verdict = RULE.judge(case(buy(), desk=conduct(reconciled_at=None)))
    assert not verdict.passed
    assert verdict.message == "the account was never reconciled with its broker"


def test_what_stands_against_the_book_denies_and_is_told() -> None:
    verdict = RULE.judge(case(buy(), desk=conduct(unreconciled=("foreign order by-hand",))))
    assert not verdict.passed
    assert verdict.message.startswith("foreign order by-hand (until a person resumes); our book")


def test_a_hold_and_an_exit_report_it() -> None:
    held = book(position("agent_tsla", "TSLA"))
    for candidate in (None, sell()):
        assert not RULE.judge(case(candidate, held, desk=conduct(reconciled_at=None))).passed
        assert RULE.judge(case(candidate, held, desk=conduct())).passed


def test_an_age_limit_that_is_no_number_denies_and_off_passes() -> None:
    assert not BookReconciledRule(max_age_seconds=NAN).judge(case(buy())).passed
    off = BookReconciledRule(max_age_seconds=None)
    verdict = off.judge(case(buy(), desk=conduct(reconciled_at=None, unreconciled=("x",))))
    assert verdict.passed
    assert "off by configuration" in verdict.message
