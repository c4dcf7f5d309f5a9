"""From a proposal to an order: rounding, sizing and what cannot be an order, by hand."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes.desk_makers import proposal
from tests.fakes.store_rows import series, slot_key
from tests.fakes.store_rows import snapshot as any_snapshot
from tests.unit.risk.builders import BTC, COSTS, TSLA, book, company, position
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.orders import OrderRequest, OrderType, Role, Side
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.trading.admission import Draft, draft_of, request_of

HOUSE = company(TSLA, BTC)
NAN = float("nan")


def snapshot_at(close: float, volume: float = 1e6) -> MarketSnapshot:
    bars = series(1)
    bars.closes[-1], bars.volumes[-1] = close, volume
    return replace(any_snapshot(bars=bars), key=slot_key())


def draft(
    answer: Proposal, close: float = 100.0, agent: AgentConfig = TSLA, **changes: Any
) -> Draft:
    house = replace(HOUSE, broker=replace(HOUSE.broker, costs=changes.pop("costs", COSTS)))
    standing = changes.pop("standing", book())
    return draft_of(house, agent, standing, snapshot_at(close, **changes), answer)


def order(made: Draft, agent: AgentConfig = TSLA) -> OrderRequest:
    assert made.candidate is not None
    return request_of(made, made.candidate, agent, book(), snapshot_at(100.0), "zt1-order")


def test_the_limit_is_rounded_down_stop_and_target_up() -> None:
    made = draft(proposal("buy"), close=123.456)
    assert made.candidate is not None
    assert made.limit_price == 123.70  # 123.456 x 1.002 = 123.702912
    assert made.candidate.stop_price == 119.76  # 123.456 x 0.97 = 119.75232
    assert made.candidate.target_price == 130.87  # 123.456 x 1.06 = 130.86336


def test_a_price_that_is_on_the_grid_stays_where_it_is() -> None:
    made = draft(proposal("buy", stop_price=97.13, target_price=104.29))
    assert made.candidate is not None
    assert (made.candidate.stop_price, made.candidate.target_price) == (97.13, 104.29)


def test_below_a_dollar_the_grid_is_a_hundredth_of_a_cent() -> None:
    made = draft(proposal("buy"), close=0.54321, agent=BTC)
    assert made.candidate is not None
    assert made.limit_price == 0.5442  # 0.54429642
    assert made.candidate.stop_price == 0.527  # 0.5269137


def test_the_size_comes_from_the_stop_distance_and_the_position() -> None:
    made = draft(proposal("buy"))
    assert made.sizing is not None
    assert made.sizing.quantity == 46.0  # 150 / (100.20 - 97.00) = 46.875, under 5,000 / 100.20
    assert order(made).quantity == Decimal(46)


def test_a_wish_is_only_ever_shrunk_and_the_message_says_by_what() -> None:
    small, large = draft(proposal("buy", quantity=7.9)), draft(proposal("buy", quantity=1000.0))
    assert small.sizing is not None
    assert large.sizing is not None
    assert small.sizing.quantity == 7.0
    assert large.sizing.quantity == 46.0
    assert large.reason.startswith("resized from 1,000 to 46: bound by the agent's risk")


def test_the_volume_of_the_decision_bar_bounds_the_order() -> None:
    made = draft(proposal("buy"), volume=55.0)
    assert made.sizing is not None
    assert made.sizing.quantity == 5.0
    assert "the decision bar's volume" in made.reason


def test_where_no_lot_fits_one_lot_is_judged_and_none_is_sized() -> None:
    made = draft(proposal("buy"), volume=0.0)
    assert made.sizing is not None
    assert made.candidate is not None
    assert (made.sizing.quantity, made.candidate.quantity) == (0.0, 1.0)
    assert made.reason.startswith("no lot fits")


def test_without_a_collar_an_entry_is_a_market_order_judged_at_the_close() -> None:
    made = draft(proposal("buy"), costs=replace(COSTS, collar_bps=None))
    assert made.candidate is not None
    assert (made.limit_price, made.candidate.limit_price) == (None, 100.0)
    request = order(made)
    assert (request.type, request.limit_price) == (OrderType.MARKET, None)
    assert request.reference_price == Decimal("100.0")


def test_an_entry_names_its_legs_and_lives_for_one_bar() -> None:
    request = order(draft(proposal("buy")))
    assert (request.role, request.side, request.type) == (Role.ENTRY, Side.BUY, OrderType.LIMIT)
    assert request.good_for_bars == 1
    assert request.position_id == request.client_order_id == "zt1-order"
    assert request.stop_order_id is not None
    assert request.target_order_id is not None
    assert request.decided_bar == datetime(2022, 12, 28, 12, 0, 0, 123456, tzinfo=UTC)


def test_a_crypto_entry_has_no_resting_target() -> None:
    request = order(draft(proposal("buy"), agent=BTC), BTC)
    assert request.stop_order_id is not None
    assert request.target_order_id is None
    assert request.target_price == Decimal("106.0")


@pytest.mark.parametrize("bad", [NAN, float("inf")])
def test_a_stop_that_is_no_price_is_left_for_the_rules_to_deny(bad: float) -> None:
    made = draft(proposal("buy", stop_price=bad))
    assert made.candidate is not None
    assert made.sizing is not None
    assert made.sizing.quantity == 0.0
    assert order(made).stop_price is None


def test_a_sell_is_never_more_than_is_held() -> None:
    standing = book(position("agent_tsla", "TSLA"))
    for wanted, given in ((None, 10.0), (4.0, 4.0), (99.0, 10.0)):
        wish = {} if wanted is None else {"quantity": wanted}
        made = draft(proposal("sell", **wish), standing=standing)
        assert made.candidate is not None
        assert (made.candidate.side, made.candidate.quantity) == (Side.SELL, given)


def test_a_sell_of_less_than_a_lot_is_no_order() -> None:
    standing = book(position("agent_tsla", "TSLA"))
    made = draft(proposal("sell", quantity=0.4), standing=standing)
    assert made.candidate is None
    assert made.reason == "nothing to sell: 0.4 is less than one lot"


def test_a_sell_while_flat_is_no_order() -> None:
    made = draft(proposal("sell"))
    assert (made.candidate, made.reason) == (None, "nothing to sell: the agent is flat")


def test_a_hold_is_no_order() -> None:
    assert draft(proposal("hold")).candidate is None


def test_without_bars_there_is_no_order() -> None:
    empty = replace(any_snapshot(bars=series(1).window(0, 0)), key=slot_key())
    made = draft_of(HOUSE, TSLA, book(), empty, proposal("buy"))
    assert (made.candidate, made.reason) == (None, "there are no bars to price an order from")
