from dataclasses import replace

import pytest

from tests.unit.risk.builders import NAN, TSLA, agent, book, buy, case, facts, position, sell
from ztrade_core.risk.rules.rule_014_fat_finger import FatFingerRule

RULE = FatFingerRule(max_usd=10000.0, position_multiple=1.5, volume_multiple=0.5)
IN_USD = replace(RULE, position_multiple=None)
RICH = agent(position_usd=1e9)


@pytest.mark.parametrize(
    ("notional", "passed"), [(10000.0, True), (10000.01, False), (9999.99, True), (NAN, False)]
)
def test_an_order_may_be_worth_the_cap_and_not_a_cent_more(
    notional: float, *, passed: bool
) -> None:
    verdict = RULE.judge(case(buy(notional), agent=RICH))
    assert verdict.passed is passed
    if notional == 10000.01:
        assert verdict.message == "the order is worth $10,000.01; the limit is $10,000.00"


@pytest.mark.parametrize(("notional", "passed"), [(7500.0, True), (7500.01, False)])
def test_it_may_be_one_and_a_half_times_the_agents_size(notional: float, *, passed: bool) -> None:
    verdict = RULE.judge(case(buy(notional), agent=TSLA))
    assert verdict.passed is passed
    if not passed:
        assert verdict.message == (
            "the order is worth $7,500.01; 1.5 x the position size is $7,500.00"
        )


@pytest.mark.parametrize(
    ("volume", "passed"),
    [(20.0, True), (19.99, False), (1e6, True), (0.0, False), (NAN, False)],
)
def test_its_quantity_may_be_half_of_the_bars_volume(volume: float, *, passed: bool) -> None:
    assert RULE.judge(case(buy(), market=facts(volume=volume))).passed is passed


@pytest.mark.parametrize("quantity", [NAN, float("inf")])
def test_a_quantity_that_is_no_number_denies(quantity: float) -> None:
    assert not RULE.judge(case(buy(quantity=quantity))).passed


def test_each_limit_may_be_off() -> None:
    fat = case(buy(20000.0), market=facts(volume=1.0))
    only = {
        "max_usd": (20000.0, 10000.0),
        "position_multiple": (20000.0, 7500.0),
        "volume_multiple": (10.0, 0.5),
    }
    for name, numbers in only.items():
        others = {each: None for each in only if each != name}
        verdict = replace(RULE, **others).judge(fat)
        assert (verdict.passed, verdict.observed, verdict.limit) == (False, *numbers)
    off = FatFingerRule(max_usd=None, position_multiple=None, volume_multiple=None).judge(fat)
    assert off.passed
    assert "off by configuration" in off.message


def test_holds_and_exits_pass() -> None:
    held = book(position("agent_tsla", "TSLA", 50000.0))
    for candidate in (None, sell(quantity=10.0, price=5000.0)):
        assert RULE.judge(case(candidate, held, market=facts(volume=0.0))).passed
