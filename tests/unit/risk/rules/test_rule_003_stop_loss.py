from math import inf, nextafter

import pytest

from tests.unit.risk.builders import NAN, book, buy, case, position, sell
from ztrade_core.risk.rules.rule_003_stop_loss import StopLossRule

RULE = StopLossRule(required=True)


@pytest.mark.parametrize(
    ("stop", "passed"),
    [
        (99.99, True),
        (nextafter(100.0, 0.0), True),
        (0.01, True),
        (100.0, False),
        (100.01, False),
        (0.0, False),
        (-1.0, False),
        (NAN, False),
        (inf, False),
        (-inf, False),
        (None, False),
    ],
)
def test_stop_must_be_a_price_below_the_entry(stop: float | None, *, passed: bool) -> None:
    assert RULE.judge(case(buy(1000.0, stop_price=stop))).passed is passed


@pytest.mark.parametrize("limit", [NAN, inf, 0.0])
def test_an_entry_price_that_is_no_price_denies(limit: float) -> None:
    assert not RULE.judge(case(buy(limit_price=limit, stop_price=1.0))).passed


@pytest.mark.parametrize(
    ("target", "passed"),
    [(None, True), (100.01, True), (100.0, False), (99.0, False), (NAN, False), (inf, False)],
)
def test_target_where_there_is_one_must_be_above_the_entry(
    target: float | None, *, passed: bool
) -> None:
    assert RULE.judge(case(buy(1000.0, target_price=target))).passed is passed


@pytest.mark.parametrize(
    ("protected", "passed"),
    [(10.0, True), (11.0, True), (9.5, True), (9.49, False), (0.0, False), (NAN, False)],
)
def test_every_open_stock_position_is_covered_to_half_a_share(
    protected: float, *, passed: bool
) -> None:
    standing = book(position(protected_quantity=protected))
    assert RULE.judge(case(buy(), standing)).passed is passed
    assert RULE.judge(case(None, standing)).passed is passed


@pytest.mark.parametrize(
    ("protected", "passed"), [(0.49999999, True), (0.499999996, True), (0.49999998, False)]
)
def test_crypto_is_covered_to_half_of_a_hundred_millionth(
    protected: float, *, passed: bool
) -> None:
    """0.499999995 held: 5e-9 too little is half a lot, 1.5e-8 is one and a half."""
    held = position("agent_btc", "BTC/USD", quantity=0.499999995, protected_quantity=protected)
    assert RULE.judge(case(None, book(held))).passed is passed


def test_uncovered_position_is_named_with_numbers() -> None:
    verdict = RULE.judge(case(None, book(position(protected_quantity=4.0))))
    assert verdict.message == "stops at the broker cover 4 of 10 in agent_iwm's IWM"


@pytest.mark.parametrize("stop", [0.0, NAN, -1.0, inf])
def test_a_standing_stop_at_no_price_fails(stop: float) -> None:
    assert not RULE.judge(case(None, book(position(stop_price=stop)))).passed


def test_a_quantity_that_is_not_a_number_is_not_covered() -> None:
    assert not RULE.judge(case(buy(), book(position(quantity=NAN)))).passed


def test_an_exit_needs_no_stop_of_its_own() -> None:
    assert RULE.judge(case(sell(), book(position("agent_tsla", "TSLA")))).passed


def test_off_passes_and_says_so() -> None:
    verdict = StopLossRule(required=False).judge(case(buy(stop_price=None)))
    assert verdict.passed
    assert "off by configuration" in verdict.message
