import pytest

from tests.unit.risk.builders import NAN, book, buy, case, open_entry, position, sell
from ztrade_core.risk.rules.rule_005_symbol_exposure import SymbolExposureRule

RULE = SymbolExposureRule(limit_fraction=0.05)


@pytest.mark.parametrize(
    ("notional", "passed"), [(4999.99, True), (5000.0, True), (5000.01, False), (NAN, False)]
)
def test_a_symbol_may_reach_five_per_cent_and_not_a_cent_more(
    notional: float, *, passed: bool
) -> None:
    assert RULE.judge(case(buy(notional))).passed is passed


@pytest.mark.parametrize(("notional", "passed"), [(1500.0, True), (1500.01, False)])
def test_the_symbol_counts_over_all_agents_and_other_symbols_do_not(
    notional: float, *, passed: bool
) -> None:
    standing = book(
        position("agent_other", "TSLA", 2000.0),
        position("agent_iwm", "IWM", 60000.0),
        open_entries=(open_entry("agent_third", "TSLA", 1500.0),),
    )
    assert RULE.judge(case(buy(notional), standing)).passed is passed


def test_missing_capital_denies() -> None:
    verdict = RULE.judge(case(buy(), book(day_base_equity=None)))
    assert not verdict.passed
    assert "total capital is missing" in verdict.message


def test_drift_above_the_limit_is_reported_on_hold_and_exit() -> None:
    drifted = book(position("agent_tsla", "TSLA", 5000.01))
    assert not RULE.judge(case(None, drifted)).passed
    verdict = RULE.judge(case(sell(), drifted))
    assert not verdict.passed
    assert "the company holds in TSLA $5,000.01, 5.00001 %" in verdict.message


def test_off_passes_and_says_so() -> None:
    verdict = SymbolExposureRule(limit_fraction=None).judge(case(buy(99999.0)))
    assert verdict.passed
    assert "off by configuration" in verdict.message
