from math import inf

import pytest

from tests.unit.risk.builders import (
    BTC,
    NAN,
    TSLA,
    agent,
    book,
    buy,
    case,
    company,
    open_entry,
    position,
    sell,
)
from ztrade_core.risk.rules.rule_020_universe import UniverseRule

RULE = UniverseRule(required=True, min_stock_price_usd=5.0)
HELD = position("agent_tsla", "TSLA")


@pytest.mark.parametrize(
    ("price", "passed"),
    [(5.0, True), (5.01, True), (4.99, False), (NAN, False), (inf, False), (0.0, False)],
)
def test_a_stock_costs_at_least_five_dollars(price: float, *, passed: bool) -> None:
    assert RULE.judge(case(buy(limit_price=price))).passed is passed


def test_crypto_may_cost_less() -> None:
    cheap = buy(agent_id="agent_btc", symbol="BTC/USD", limit_price=0.01)
    verdict = RULE.judge(case(cheap, agent=BTC))
    assert verdict.passed
    assert verdict.observed is None


def test_only_the_agents_own_symbol_and_only_its_own_order() -> None:
    assert not RULE.judge(case(buy(symbol="IWM"))).passed
    assert not RULE.judge(case(buy(agent_id="agent_iwm"))).passed


def test_one_agent_a_symbol_in_configuration_positions_and_open_entries() -> None:
    double = company(TSLA, agent("agent_twin", "TSLA"))
    foreign = book(position("agent_gone", "TSLA"))
    pending = book(open_entries=(open_entry("agent_gone", "TSLA", 1.0),))
    assert not RULE.judge(case(buy(), company=double)).passed
    assert not RULE.judge(case(buy(), foreign)).passed
    verdict = RULE.judge(case(buy(), pending))
    assert not verdict.passed
    assert verdict.message == "TSLA is also traded by agent_gone"


def test_no_adds_to_a_position_or_an_open_entry() -> None:
    pending = book(open_entries=(open_entry("agent_tsla", "TSLA", 1.0),))
    assert "holds a position already" in RULE.judge(case(buy(), book(HELD))).message
    assert not RULE.judge(case(buy(), book(HELD))).passed
    assert not RULE.judge(case(buy(), pending)).passed
    assert RULE.judge(case(None, book(HELD))).passed


@pytest.mark.parametrize("quantity", [0.0, -1.0, NAN, inf])
def test_a_quantity_that_is_none_denies(quantity: float) -> None:
    assert not RULE.judge(case(buy(quantity=quantity))).passed


@pytest.mark.parametrize(("quantity", "passed"), [(10.0, True), (1.0, True), (11.0, False)])
def test_a_sell_beyond_the_position_is_reported_as_short(quantity: float, *, passed: bool) -> None:
    each = case(sell(quantity), book(HELD))
    assert RULE.judge(each).passed is passed
    assert not each.is_entry


def test_a_sell_of_an_agent_that_is_flat_is_an_entry_and_denied() -> None:
    short = case(sell())
    assert short.is_entry
    verdict = RULE.judge(short)
    assert not verdict.passed
    assert "would go short: 0 is held" in verdict.message


def test_a_hold_reports_a_short_or_a_foreign_symbol() -> None:
    short = book(position("agent_tsla", "TSLA", quantity=-1.0))
    foreign = book(position("agent_tsla", "AAPL"))
    assert not RULE.judge(case(None, short)).passed
    assert not RULE.judge(case(None, foreign)).passed


def test_off_passes_and_says_so() -> None:
    verdict = UniverseRule(required=False, min_stock_price_usd=5.0).judge(
        case(buy(symbol="IWM"), book(HELD))
    )
    assert verdict.passed
    assert "off by configuration" in verdict.message
