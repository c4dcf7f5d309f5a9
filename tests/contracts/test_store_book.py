"""Orders, fills, positions and trades, in every store."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.fakes.store_rows import ACCOUNT, AGENT, fill, minutes, order, position, request, trade
from ztrade_core.domain.orders import OrderStatus, Role, Side
from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Store


def test_an_order_comes_back_as_it_was_put(store: Store) -> None:
    bare = request(2, limit_price=None, stop_price=None, stop_order_id=None, role=Role.EXIT)
    with store.locked() as unit:
        unit.orders.insert(order())
        unit.orders.insert(order(2, of=bare, decision_id=None, broker_order_id="b-2"))
    with store.reading() as unit:
        assert unit.orders.get("zt1-1") == order()
        assert unit.orders.get("zt1-2") == order(
            2, of=bare, decision_id=None, broker_order_id="b-2"
        )
        assert unit.orders.get("zt1-3") is None


def test_an_order_id_is_used_once(store: Store) -> None:
    with store.locked() as unit:
        unit.orders.insert(order())
        with pytest.raises(StoreError, match="zt1-1 exists already"):
            unit.orders.insert(order())
        unit.orders.insert(order(2))


def test_an_update_replaces_what_is_known(store: Store) -> None:
    filled = order(
        status=OrderStatus.FILLED,
        filled_quantity=Decimal(16),
        reserved_usd=0.0,
        updated_at=minutes(9),
        broker_order_id="b-1",
    )
    with store.locked() as unit:
        unit.orders.insert(order())
        unit.orders.update(filled)
        assert unit.orders.get("zt1-1") == filled
        with pytest.raises(StoreError, match="zt1-2 does not exist"):
            unit.orders.update(order(2))


def test_working_orders_are_those_that_may_still_fill(store: Store) -> None:
    with store.locked() as unit:
        for number, status in enumerate(OrderStatus, start=1):
            unit.orders.insert(order(number, status=status, created_at=minutes(-number)))
        unit.orders.insert(order(20, account_epoch=2))
        working = unit.orders.working(ACCOUNT, 1)
    assert [one.status for one in working] == [
        OrderStatus.PARTIALLY_FILLED,
        OrderStatus.ACCEPTED,
        OrderStatus.UNKNOWN,
        OrderStatus.SUBMITTING,
        OrderStatus.INTENDED,
    ]


def test_an_order_that_ends_is_not_working_any_more(store: Store) -> None:
    with store.locked() as unit:
        unit.orders.insert(order())
        unit.orders.update(order(status=OrderStatus.CANCELED))
        assert unit.orders.working(ACCOUNT, 1) == []


def test_orders_of_a_position_and_of_a_decision_come_oldest_first(store: Store) -> None:
    later = order(1, created_at=minutes(5), decision_id="d")
    first = order(2, created_at=minutes(1), decision_id="d")
    same_time = order(3, created_at=minutes(1), decision_id=None)
    other = order(4, of=request(4, position_id="position-2"))
    with store.locked() as unit:
        for one in (later, first, same_time, other):
            unit.orders.insert(one)
    with store.reading() as unit:
        assert unit.orders.of_position("position-1") == [first, same_time, later]
        assert unit.orders.of_decision("d") == [first, later]
        assert unit.orders.recent(ACCOUNT, 1, limit=2) == [later, other]


def test_entries_since_counts_what_filled_or_may_fill(store: Store) -> None:
    def add(number: int, **changes: object) -> None:
        unit.orders.insert(order(number, **changes))

    with store.locked() as unit:
        add(1, status=OrderStatus.FILLED, created_at=minutes(-1))
        add(2, status=OrderStatus.FILLED, created_at=minutes(0))
        add(3, status=OrderStatus.ACCEPTED)
        add(4, status=OrderStatus.CANCELED, filled_quantity=Decimal("0.00000001"))
        add(5, status=OrderStatus.CANCELED)
        add(6, status=OrderStatus.REJECTED)
        add(7, of=request(7, role=Role.STOP, side=Side.SELL), status=OrderStatus.FILLED)
        add(8, of=request(8, agent_id="agent_btc"), status=OrderStatus.FILLED)
    with store.reading() as unit:
        assert unit.orders.entries_since(ACCOUNT, 1, AGENT, minutes(0)) == 3
        assert unit.orders.entries_since(ACCOUNT, 1, AGENT, minutes(-1)) == 4
        assert unit.orders.entries_since(ACCOUNT, 2, AGENT, minutes(-1)) == 0


def test_a_fill_is_kept_once(store: Store) -> None:
    with store.locked() as unit:
        assert unit.orders.add_fill(ACCOUNT, 1, fill()) is True
        assert unit.orders.add_fill(ACCOUNT, 1, fill(known_at=minutes(8))) is False
        assert unit.orders.add_fill(ACCOUNT, 2, fill()) is True
    with store.reading() as unit:
        assert unit.orders.fills(ACCOUNT, 1) == [fill()]


def test_fills_come_oldest_first_then_as_they_arrived(store: Store) -> None:
    late, early, beside = fill(1, known_at=minutes(5)), fill(2), fill(3, known_at=minutes(2))
    other = fill(4, position_id="position-2")
    with store.locked() as unit:
        assert unit.orders.last_fill_known_at(ACCOUNT, 1) is None
        for one in (late, early, beside, other):
            unit.orders.add_fill(ACCOUNT, 1, one)
    with store.reading() as unit:
        assert unit.orders.fills(ACCOUNT, 1) == [early, beside, other, late]
        assert unit.orders.fills(ACCOUNT, 1, position_id="position-2") == [other]
        assert unit.orders.fills(ACCOUNT, 1, since=minutes(1)) == [early, beside, other, late]
        assert unit.orders.fills(ACCOUNT, 1, since=minutes(2)) == [other, late], "after it only"
        mine = unit.orders.fills(ACCOUNT, 1, position_id="position-1", since=minutes(2))
        assert mine == [late]
        assert unit.orders.fills(ACCOUNT, 1, since=late.known_at) == []
        assert unit.orders.last_fill_known_at(ACCOUNT, 1) == minutes(5)


def test_a_position_is_replaced_and_removed(store: Store) -> None:
    bigger = position(quantity=Decimal("31.00000001"), target_price=Decimal("115.65"))
    with store.locked() as unit:
        unit.positions.put(position())
        unit.positions.put(bigger)
        unit.positions.put(position("agent_btc"))
    with store.locked() as unit:
        assert unit.positions.get(ACCOUNT, 1, AGENT) == bigger
        assert unit.positions.all(ACCOUNT, 1) == [position("agent_btc"), bigger]
        unit.positions.remove(ACCOUNT, 1, AGENT)
        unit.positions.remove(ACCOUNT, 1, "agent_iwm")
        assert unit.positions.get(ACCOUNT, 1, AGENT) is None
        assert unit.positions.all(ACCOUNT, 2) == []


def test_trades_come_in_order_of_closing_and_once(store: Store) -> None:
    first, last = trade(1), trade(9)
    same_moment = trade(2, agent_id="agent_btc", closed_at=first.closed_at)
    with store.locked() as unit:
        for one in (last, first, same_moment, replace(first, pnl_usd=1e6)):
            unit.positions.add_trade(one)
    with store.reading() as unit:
        assert unit.positions.trades(ACCOUNT, 1) == [same_moment, first, last]
        assert unit.positions.trades(ACCOUNT, 1, AGENT) == [first, last]
        assert unit.positions.trades(ACCOUNT, 1, "agent_iwm") == []
