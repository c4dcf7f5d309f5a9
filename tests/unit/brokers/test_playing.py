"""Bars played on a simulated account: what fills, where, and in which order. By hand."""

from dataclasses import replace

import pytest

from tests.fakes.desk import at, bar
from tests.unit.brokers.builders import (
    CASH,
    Floor,
    Row,
    broker_on,
    entry,
    floor,
    sell,
    series_of_rows,
)
from tests.unit.risk.builders import COSTS
from ztrade_core.domain.configuration import Costs, StopReference
from ztrade_core.domain.orders import OrderRequest

FREE = replace(COSTS, slippage_bps=0.0, crypto_commission_bps=0.0)
DECIDED = (100, 100, 100, 100)


def played(*rows: Row, order: OrderRequest | None = None, costs: Costs = FREE) -> Floor:
    """Decide on bar 0, submit, and play the rest."""
    place = floor(DECIDED, *rows, costs=costs)
    place.play(0)
    place.broker.submit(order or entry())
    place.play(len(rows))
    return place


def test_an_order_decided_on_a_bar_never_fills_in_that_bar() -> None:
    place = floor(DECIDED, (99, 99, 99, 99), costs=FREE)
    place.broker.submit(entry())
    place.play(0)
    assert place.story() == []
    place.play(1)
    assert place.story() == [("entry", 10.0, 99.0)]


def test_an_entry_pays_slippage_up_to_its_limit() -> None:
    place = played((99, 101, 98, 100), costs=replace(FREE, slippage_bps=10.0))
    assert place.story() == [("entry", 10.0, 99.0 * 1.001)]
    assert place.broker.cash() == CASH - 10.0 * (99.0 * 1.001)


def test_the_stop_is_live_in_the_entry_bar() -> None:
    place = played((99, 101, 94, 96))
    assert place.story() == [("entry", 10.0, 99.0), ("stop", 10.0, 95.0)]
    assert place.broker.cash() == CASH - 990.0 + 950.0
    assert place.broker.positions() == {}


def test_a_lot_that_is_all_fee_is_paid_for_and_never_held() -> None:
    """One lot at $800,000 costs $0.008; 25 bps in the coin leave less than a lot: nothing to stop."""
    dear = (800_000, 800_000, 800_000, 800_000)
    prices = {"limit": "800000", "stop": "700000", "target": "900000", "reference": "800000"}
    order = entry("0.00000001", symbol="BTC/USD", **prices)
    fee = replace(FREE, crypto_commission_bps=25.0)
    place = floor(dear, dear, (700_000, 700_000, 600_000, 600_000), symbol="BTC/USD", costs=fee)
    place.play(0)
    place.broker.submit(order)
    place.play(2)
    assert place.story() == [("entry", 1e-8, 800_000.0)]
    assert place.broker.cash() == CASH - 1e-8 * 800_000.0
    assert place.broker.positions() == {}
    assert place.broker.open_orders() == ()


def test_the_stop_is_live_in_a_bar_entered_inside() -> None:
    place = played((101, 102, 94, 96))
    assert place.story() == [("entry", 10.0, 100.0), ("stop", 10.0, 95.0)]


def test_a_target_fills_in_a_bar_entered_at_its_open() -> None:
    assert played((99, 110.01, 98, 100)).story()[1] == ("target", 10.0, 110.0)


def test_a_target_does_not_fill_in_a_bar_entered_inside() -> None:
    place = played((101, 111, 99, 105), (106, 110.01, 105, 109))
    assert place.story() == [("entry", 10.0, 100.0), ("target", 10.0, 110.0)]
    fills = place.broker.fills()
    assert (fills[0].filled_at, fills[0].known_at) == (at(1), at(1))
    assert (fills[1].filled_at, fills[1].known_at) == (at(2), at(2))


def test_where_stop_and_target_are_both_touched_the_stop_wins() -> None:
    assert played((99, 115, 94, 100)).story()[1] == ("stop", 10.0, 95.0)


def test_a_stop_gapped_through_sells_at_the_open() -> None:
    place = played((99, 99, 99, 99), (90, 92, 89, 91))
    assert place.story()[1] == ("stop", 10.0, 90.0)
    assert place.broker.fills()[1].filled_at == bar(2)


def test_a_target_gapped_over_sells_at_the_open() -> None:
    place = played((99, 99, 99, 99), (112, 113, 111, 112))
    assert place.story()[1] == ("target", 10.0, 112.0)


def test_a_leg_that_fills_cancels_the_other() -> None:
    place = played((99, 101, 94, 96))
    assert place.ending("zt1-entry-target") == ("canceled", "the position was closed")
    assert place.broker.open_orders() == ()


def test_an_entry_lives_for_one_bar() -> None:
    place = played((101, 102, 100.5, 101), (98, 98, 98, 98))
    assert place.story() == []
    assert place.ending("zt1-entry") == ("expired", "not filled within its bar")


def test_an_open_at_the_stop_cancels_the_entry() -> None:
    place = played((95, 99, 94, 98))
    assert place.ending("zt1-entry") == ("canceled", "the bar opened at or below the stop")
    assert place.broker.cash() == CASH


def test_an_entry_expires_in_a_bar_without_volume() -> None:
    assert played((99, 99, 99, 99, 0)).ending("zt1-entry")[0] == "expired"


def test_exits_and_stops_wait_through_a_bar_without_volume() -> None:
    place = floor(DECIDED, (99, 99, 99, 99), (80, 80, 80, 80, 0), (85, 86, 84, 85), costs=FREE)
    place.play(0)
    place.broker.submit(entry())
    place.play(1)
    place.broker.submit(sell(decided=1))
    place.play(2)
    assert len(place.story()) == 1
    place.play(3)
    assert place.story()[1] == ("exit", 10.0, 85.0)


def test_an_exit_fills_at_the_open_before_a_stop_in_the_same_bar() -> None:
    place = floor(DECIDED, (99, 99, 99, 99), (97, 98, 90, 91), costs=replace(FREE, slippage_bps=10))
    place.play(0)
    place.broker.submit(entry())
    place.play(1)
    place.broker.submit(sell(decided=1))
    place.play(2)
    assert place.story()[1:] == [("exit", 10.0, 97.0 * 0.999)]
    assert place.ending("zt1-entry-stop")[0] == "canceled"


def test_exits_come_before_entries() -> None:
    place = floor(DECIDED, (99, 99, 99, 99), (98, 98, 98, 98), costs=FREE)
    place.play(0)
    place.broker.submit(entry())
    place.play(1)
    place.broker.submit(entry("5", decided=1, order_id="zt1-again"))
    place.broker.submit(sell(decided=1))
    place.play(2)
    assert place.story()[1:] == [("exit", 10.0, 98.0), ("entry", 5.0, 98.0)]
    assert place.broker.positions() == {"TSLA": 5.0}


def test_a_partial_exit_shrinks_the_legs_to_what_is_left() -> None:
    place = floor(DECIDED, (99, 99, 99, 99), (98, 98, 98, 98), (94, 94, 94, 94), costs=FREE)
    place.play(0)
    place.broker.submit(entry())
    place.play(1)
    place.broker.submit(sell("4", decided=1))
    place.play(2)
    assert place.broker.positions() == {"TSLA": 6.0}
    assert {float(order.request.quantity) for order in place.broker.open_orders()} == {6.0}
    place.play(3)
    assert place.story()[2] == ("stop", 6.0, 94.0)
    assert place.broker.positions() == {}


def test_commission_is_paid_in_cash_on_both_sides() -> None:
    place = played(
        (99, 99, 99, 99), (94, 94, 94, 94), costs=replace(FREE, stock_commission_bps=100.0)
    )
    assert [float(fill.fee_usd) for fill in place.broker.fills()] == [9.9, 9.4]
    assert place.broker.cash() == CASH - 990.0 - 9.9 + 940.0 - 9.4


def test_a_stop_measured_from_the_fill_keeps_its_distance() -> None:
    costs = replace(FREE, stop_reference=StopReference.FILL)
    place = played((90, 91, 89, 90), order=entry(stop="80"), costs=costs)
    stop = next(o for o in place.broker.open_orders() if o.request.stop_price is not None)
    target = next(o for o in place.broker.open_orders() if o.request.limit_price is not None)
    assert float(stop.request.stop_price) == 72.0  # 90 x 80 / 100
    assert float(target.request.limit_price) == 99.0  # 90 x 110 / 100


COIN = {"symbol": "BTC/USD", "agent_id": "agent_btc"}


def test_crypto_fees_are_taken_in_the_coin_and_floored_to_the_lot() -> None:
    place = floor(DECIDED, (99, 99, 99, 99), symbol="BTC/USD", costs=replace(COSTS, slippage_bps=0))
    place.play(0)
    place.broker.submit(entry("0.12345678", **COIN))
    place.play(1)
    # 0.12345678 x 25 bps = 0.00030864195; 0.12314813805 is kept, 0.12314813 in whole lots
    assert place.broker.positions() == {"BTC/USD": 0.12314813}
    fill = place.broker.fills()[0]
    assert (str(fill.quantity), str(fill.fee_quantity)) == ("0.12345678", "0.00030865")
    assert float(fill.fee_usd) == 0.0
    assert place.broker.cash() == CASH - 0.12345678 * 99.0


def test_a_crypto_entry_brings_a_stop_for_what_was_kept_and_no_target() -> None:
    place = floor(DECIDED, (99, 120, 99, 99), symbol="BTC/USD")
    place.play(0)
    place.broker.submit(entry("1", **COIN))
    place.play(1)
    (stop,) = place.broker.open_orders()
    assert (stop.request.role.value, float(stop.request.quantity)) == ("stop", 0.9975)
    assert len(place.story()) == 1


def test_a_crypto_sell_pays_its_fee_in_cash() -> None:
    place = floor(DECIDED, (99, 99, 99, 99), (90, 90, 90, 90), symbol="BTC/USD", costs=COSTS)
    place.play(0)
    place.broker.submit(entry("1", **COIN))
    place.play(1)
    before = place.broker.cash()
    place.play(2)
    assert place.broker.cash() == before + 0.9975 * 90.0 - 0.9975 * 90.0 * 25.0 / 10000.0


def test_several_agents_are_played_by_time_then_by_agent() -> None:
    rows = (DECIDED, (99, 99, 99, 99), (98, 98, 98, 98))
    place = Floor(broker_on(costs=FREE), series_of_rows(rows), series_of_rows(rows, "IWM"))
    place.play(0)
    place.broker.submit(entry(order_id="zt1-tsla"))
    place.broker.submit(entry(order_id="zt1-iwm", symbol="IWM", agent_id="agent_iwm"))
    place.play(2)
    assert [fill.agent_id for fill in place.broker.fills()] == ["agent_iwm", "agent_tsla"]


def test_playing_bar_by_bar_or_all_at_once_is_the_same() -> None:
    rows = (DECIDED, (101, 102, 99, 100), (100, 105, 99, 104), (104, 110.5, 103, 110))
    stepped, at_once = floor(*rows), floor(*rows)
    for place in (stepped, at_once):
        place.play(0)
        place.broker.submit(entry())
    for number in (1, 2, 3):
        stepped.play(number)
    at_once.play(3)
    assert stepped.broker.fills() == at_once.broker.fills()
    assert stepped.broker.cash() == at_once.broker.cash()


def test_a_second_entry_adds_to_the_position_where_rules_allow_it() -> None:
    place = floor(DECIDED, (99, 99, 99, 99), (97, 97, 97, 97), costs=FREE)
    place.play(0)
    place.broker.submit(entry())
    place.play(1)
    place.broker.submit(entry("5", decided=1, order_id="zt1-more"))
    place.play(2)
    assert place.broker.positions() == {"TSLA": 15.0}
    assert place.broker.cash() == CASH - 990.0 - 485.0


def test_a_market_order_that_gaps_beyond_the_cash_is_rejected() -> None:
    place = floor(DECIDED, (150, 151, 149, 150), costs=FREE, cash=1_200.0)
    place.play(0)
    place.broker.submit(entry(limit=None, target="200"))
    place.play(1)
    assert place.story() == []
    assert place.broker.cash() == 1_200.0
    assert place.ending("zt1-entry") == (
        "rejected",
        "the fill would cost more than there is cash",
    )


@pytest.mark.parametrize("limit", ["100", None])
def test_an_entry_without_a_stop_can_fill_at_any_price(limit: str | None) -> None:
    place = played((0.5, 0.6, 0.4, 0.5), order=entry(limit=limit, stop=None, target=None))
    assert place.story() == [("entry", 10.0, 0.5)]
