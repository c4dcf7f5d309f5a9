import pytest

from tests.unit.risk.builders import NAN, book, buy, case, open_entry, position, sell
from ztrade_core.risk.rules.rule_006_gross_exposure import GrossExposureRule

RULE = GrossExposureRule(limit_fraction=0.80)
STANDING = book(
    position("agent_iwm", "IWM", 40000.0),
    position("agent_btc", "BTC/USD", 30000.0),
    open_entries=(open_entry("agent_x", "X", 5000.0),),
)


@pytest.mark.parametrize(
    ("notional", "passed"), [(4999.99, True), (5000.0, True), (5000.01, False), (NAN, False)]
)
def test_everything_together_may_reach_eighty_per_cent_and_not_a_cent_more(
    notional: float, *, passed: bool
) -> None:
    """40,000 + 30,000 + 5,000 stand: 5,000 are left of 80,000."""
    assert RULE.judge(case(buy(notional), STANDING)).passed is passed


@pytest.mark.parametrize("broken", [{"mark": NAN}, {"quantity": NAN}])
def test_a_number_missing_in_another_agents_position_denies(broken: dict[str, float]) -> None:
    assert not RULE.judge(case(buy(), book(position(**broken)))).passed


def test_a_reservation_that_is_not_a_number_denies() -> None:
    pending = book(open_entries=(open_entry("agent_x", "X", NAN),))
    assert not RULE.judge(case(buy(), pending)).passed


def test_missing_capital_denies() -> None:
    assert not RULE.judge(case(buy(), book(equity=None))).passed


def test_a_sell_reduces_nothing_and_a_hold_judges_what_stands() -> None:
    over = book(position("agent_tsla", "TSLA", 80000.01))
    assert not RULE.judge(case(sell(), over)).passed
    assert not RULE.judge(case(None, over)).passed
    assert RULE.judge(case(None, STANDING)).passed


def test_off_passes_and_says_so() -> None:
    verdict = GrossExposureRule(limit_fraction=None).judge(case(buy(), book(equity=None)))
    assert verdict.passed
    assert "off by configuration" in verdict.message
