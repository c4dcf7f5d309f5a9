from dataclasses import replace

import pytest

from tests.unit.risk.builders import NAN, book, buy, case, conduct, facts, position, sell
from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.rules.rule_011_price_collar import PriceCollarRule

RULE = PriceCollarRule(max_gap_bps=50.0, min_stop_fraction=0.005, max_stop_fraction=0.20)


def judged(
    limit_price: float = 100.0,
    close: float = 100.0,
    mark: float = 100.0,
    rule: PriceCollarRule = RULE,
    **changes: float | None,
) -> Verdict:
    order = buy(limit_price=limit_price, **{"stop_price": limit_price * 0.97, **changes})
    order = replace(order, target_price=changes.get("target_price", limit_price * 1.06))
    return rule.judge(case(order, market=facts(close=close), desk=conduct(mark=mark)))


@pytest.mark.parametrize(
    ("limit_price", "passed"),
    [
        (100.5, True),  # 50 bps
        (100.51, False),
        (99.5, True),
        (99.49, False),
        (100.0, True),
        (NAN, False),
        (0.0, False),
        (float("inf"), False),
    ],
)
def test_the_limit_price_is_at_most_so_far_from_the_close_either_way(
    limit_price: float, *, passed: bool
) -> None:
    assert judged(limit_price).passed is passed


@pytest.mark.parametrize(
    ("mark", "passed"),
    [(100.0, True), (99.6, True), (99.5, False), (NAN, False), (0.0, False), (-100.0, False)],
)
def test_it_is_at_most_so_far_from_the_latest_mark_too(mark: float, *, passed: bool) -> None:
    assert judged(mark=mark).passed is passed


def test_a_gap_is_told_with_both_prices() -> None:
    verdict = judged(100.51)
    assert verdict.message.startswith(
        "the limit price $100.51 is 51.00 bps from the decision bar's close $100.00;"
        " the limit is 50.00"
    )
    assert verdict.limit == 50.0
    assert verdict.observed == pytest.approx(51.0)


@pytest.mark.parametrize(
    ("stop", "passed"),
    [
        (99.5, True),  # 0.5 %
        (99.51, False),
        (80.0, True),  # 20 %
        (79.99, False),
        (97.0, True),
        (100.0, False),
        (101.0, False),
        (NAN, False),
    ],
)
def test_the_stop_is_half_a_per_cent_to_twenty_away(stop: float, *, passed: bool) -> None:
    assert judged(stop_price=stop).passed is passed


def test_a_missing_stop_is_another_rules_and_a_missing_target_is_none() -> None:
    assert judged(stop_price=None).passed
    assert judged(target_price=None).passed


@pytest.mark.parametrize(
    ("target", "passed"), [(100.01, True), (100.0, False), (99.0, False), (NAN, False)]
)
def test_a_target_lies_beyond_the_limit_price(target: float, *, passed: bool) -> None:
    assert judged(target_price=target).passed is passed


def test_each_limit_may_be_off_and_the_targets_side_may_not() -> None:
    off = PriceCollarRule(max_gap_bps=None, min_stop_fraction=None, max_stop_fraction=None)
    assert judged(100.0, close=50.0, mark=NAN, rule=off, stop_price=99.99).passed
    assert not judged(rule=off, target_price=99.0).passed
    assert not judged(rule=replace(RULE, min_stop_fraction=None), stop_price=79.0).passed
    assert not judged(rule=replace(RULE, max_stop_fraction=None), stop_price=99.9).passed


def test_holds_and_exits_pass() -> None:
    held = book(position("agent_tsla", "TSLA"))
    for candidate in (None, sell(price=1.0)):
        assert RULE.judge(case(candidate, held, market=facts(close=100.0))).passed
