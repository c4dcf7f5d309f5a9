from dataclasses import replace
from math import inf
from typing import Any

import pytest

from tests.unit.risk.builders import (
    BTC,
    COSTS,
    NAN,
    TSLA,
    agent,
    book,
    company,
    open_entry,
    position,
)
from ztrade_core.domain.book import Book
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.risk.sizing import Bound, EntryPlan, Sizing, size_entry

QUIET = book()


def size(
    standing: Book = QUIET,
    who: AgentConfig = TSLA,
    house: Company | None = None,
    **changes: Any,
) -> Sizing:
    plan = replace(EntryPlan(limit_price=100.0, stop_price=97.0, bar_volume=1e6), **changes)
    return size_entry(house or company(), who, standing, plan)


def test_the_agents_position_size_bounds_a_quiet_book() -> None:
    sizing = size()
    assert (sizing.quantity, sizing.notional_usd) == (50.0, 5000.0)
    assert sizing.bound is Bound.POSITION
    assert not sizing.resized


def test_the_risk_at_the_stop_bounds_a_far_stop() -> None:
    """150 at risk, 10 a share: 15 shares."""
    sizing = size(stop_price=90.0)
    assert (sizing.quantity, sizing.bound, sizing.resized) == (15.0, Bound.RISK, False)


def test_without_a_stop_the_whole_notional_is_at_risk() -> None:
    sizing = size(stop_price=None)
    assert (sizing.quantity, sizing.bound) == (1.0, Bound.RISK)


@pytest.mark.parametrize("stop", [100.0, 101.0, 0.0, NAN])
def test_an_invalid_stop_leaves_no_size(stop: float) -> None:
    sizing = size(stop_price=stop)
    assert (sizing.quantity, sizing.bound) == (0.0, Bound.RISK)
    assert sizing.message.startswith("no lot fits")


def test_the_agent_exposure_limit_shrinks() -> None:
    """10 % of 40,000 are 4,000: 40 shares."""
    poor = book(equity=40000.0, day_base_equity=40000.0)
    sizing = size(poor, house=company(max_symbol_fraction=None))
    assert (sizing.quantity, sizing.bound, sizing.resized) == (40.0, Bound.AGENT_EXPOSURE, True)
    assert sizing.message == (
        "resized from 50 to 40: bound by the agent's exposure limit (RULE_001), $4,000.00 of room"
    )


def test_the_symbol_exposure_limit_shrinks() -> None:
    """5 % of 99,000 are 4,950; another agent holds 1,000 of it: 3,950, 39 shares."""
    standing = book(position("agent_x", "TSLA", 1000.0), equity=99000.0)
    sizing = size(standing)
    assert (sizing.quantity, sizing.bound) == (39.0, Bound.SYMBOL_EXPOSURE)


def test_the_gross_exposure_limit_shrinks_with_open_entries_counted() -> None:
    """80,000 less 70,000 held less 8,000 reserved: 2,000, 20 shares."""
    standing = book(
        position(value=70000.0), open_entries=(open_entry("agent_btc", "BTC/USD", 8000.0),)
    )
    sizing = size(standing)
    assert (sizing.quantity, sizing.bound) == (20.0, Bound.GROSS_EXPOSURE)


def test_the_decision_bars_volume_shrinks() -> None:
    sizing = size(bar_volume=123.0)
    assert (sizing.quantity, sizing.bound) == (12.0, Bound.VOLUME)
    assert sizing.message == "resized from 50 to 12: bound by the decision bar's volume"


@pytest.mark.parametrize("volume", [0.0, NAN, -1.0])
def test_a_bar_without_volume_leaves_no_size(volume: float) -> None:
    assert size(bar_volume=volume).quantity == 0.0


@pytest.mark.parametrize(
    ("wanted", "quantity", "resized"),
    [(10.0, 10.0, False), (50.0, 50.0, False), (60.0, 50.0, True), (10.5, 10.0, True)],
)
def test_a_wish_only_shrinks(wanted: float, quantity: float, *, resized: bool) -> None:
    sizing = size(wanted=wanted)
    assert (sizing.quantity, sizing.wanted_quantity) == (quantity, wanted)
    assert sizing.resized is resized


@pytest.mark.parametrize("wanted", [0.0, -5.0, NAN, inf])
def test_a_wish_that_is_none_leaves_no_size(wanted: float) -> None:
    assert size(wanted=wanted).quantity == 0.0


def test_fees_are_reserved() -> None:
    """49 x 100 x 1.0025 = 4,912.25; 50 would cost 5,012.50."""
    house = company(costs=replace(COSTS, stock_commission_bps=25.0))
    sizing = size(house=house)
    assert sizing.quantity == 49.0
    assert sizing.notional_usd == pytest.approx(4912.25)


def test_crypto_is_sized_to_its_lot_with_the_coins_fee_in_the_notional() -> None:
    """4 % away, 150 at risk: 3,750; / (16,000 x 1.0025) = 0.233790523..."""
    sizing = size(who=BTC, limit_price=16000.0, stop_price=15360.0)
    assert (sizing.quantity, sizing.bound) == (0.23379052, Bound.RISK)


@pytest.mark.parametrize("missing", [{"equity": None}, {"day_base_equity": None}, {"equity": NAN}])
def test_missing_capital_leaves_no_size(missing: dict[str, float | None]) -> None:
    sizing = size(book(**missing))
    assert sizing.quantity == 0.0
    assert sizing.wanted_quantity == 50.0
    assert "an unknown amount of room" in sizing.message


def test_limits_that_are_off_do_not_bound() -> None:
    off = company(
        max_agent_exposure_fraction=None,
        max_symbol_fraction=None,
        max_gross_exposure_fraction=None,
    )
    rich = agent(position_usd=1e6, risk_usd=1e6)
    sizing = size(book(equity=None), who=rich, house=off)
    assert (sizing.quantity, sizing.bound) == (10000.0, Bound.POSITION)


@pytest.mark.parametrize("price", [NAN, 0.0, -1.0, inf])
def test_a_price_that_is_none_leaves_no_size(price: float) -> None:
    assert size(limit_price=price).quantity == 0.0
