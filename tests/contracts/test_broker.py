"""The contract of `ztrade_core.ports.broker.Broker`, and that its books may lie anywhere.

One simulated broker on three stores: memory, SQLite, PostgreSQL. A last test plays the same random
bars and orders on each and asks for the same account, to the last bit.
"""

from collections.abc import Iterator
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tests.fakes.desk import DAY_OPENS, at
from tests.unit.brokers.builders import CASH, Floor, Row, broker_on, entry, sell, series_of_rows
from tests.unit.risk.builders import COSTS
from ztrade_core.errors import InputError, LookAheadError, OrderRejectedError, StoreError
from ztrade_core.ports.simulation import SimulationStore
from ztrade_core.store.engine import make_engine
from ztrade_core.store.memory_simulation import MemorySimulationStore
from ztrade_core.store.simulation import SqlSimulationStore

QUIET: tuple[Row, ...] = ((100, 100, 100, 100), (99, 99, 99, 99), (98, 98, 98, 98))
COIN = {"symbol": "BTC/USD", "agent_id": "agent_btc"}


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def books(request: pytest.FixtureRequest) -> Iterator[SimulationStore]:
    """The broker's books: in memory, on SQLite and on PostgreSQL."""
    if request.param == "memory":
        yield MemorySimulationStore()
        return
    engine = make_engine(request.getfixturevalue(f"{request.param}_url"))
    yield SqlSimulationStore(engine)
    engine.dispose()


def place_on(books: SimulationStore, *rows: Row, **account: Any) -> Floor:
    return Floor(broker_on(books, **account), series_of_rows(rows or QUIET))


def test_a_new_account_has_its_cash_and_nothing_else(books: SimulationStore) -> None:
    broker = broker_on(books)
    assert (broker.account, broker.epoch(), broker.account_time()) == ("rehearsal", 1, DAY_OPENS)
    assert (broker.cash(), broker.positions(), broker.open_orders()) == (CASH, {}, ())
    assert broker.fills() == ()
    assert broker.order_by_client_id("zt1-nothing") is None


def test_a_second_submit_of_an_id_answers_with_the_first_order(books: SimulationStore) -> None:
    place = place_on(books)
    place.play(0)
    first = place.broker.submit(entry())
    again = place.broker.submit(entry("99", limit="50"))
    assert again == first
    assert place.broker.open_orders() == (first,)
    place.play(1)
    ended = place.broker.submit(entry())
    assert (ended.status.value, ended.filled_quantity) == ("filled", Decimal(10))
    assert place.broker.positions() == {"TSLA": 10.0}


def test_what_was_submitted_comes_back_unchanged(books: SimulationStore) -> None:
    place = place_on(books)
    order = entry("0.12345678", limit="64123.57", stop="0.00012", **COIN)
    with pytest.raises(OrderRejectedError):
        broker_on(books, cash=1.0).submit(replace(order, client_order_id="zt1-too-much"))
    assert place.broker.submit(order).request == order
    found = place.broker.order_by_client_id("zt1-entry")
    assert found is not None
    assert found.request == order


def test_more_than_there_is_cash_is_refused_and_changes_nothing(books: SimulationStore) -> None:
    broker = broker_on(books, cash=1_000.0)
    with pytest.raises(OrderRejectedError, match=r"insufficient buying power: 1100\.00 of 1000"):
        broker.submit(entry("11"))
    assert broker.order_by_client_id("zt1-entry") is None
    assert broker.submit(entry("10")).status.value == "accepted"


def test_open_buys_reserve_their_cash_fees_included(books: SimulationStore) -> None:
    costs = replace(COSTS, stock_commission_bps=100.0)
    broker = broker_on(books, costs=costs, cash=1_000.0)
    broker.submit(entry("5"))  # 505 USD
    with pytest.raises(OrderRejectedError, match=r"505\.00 of 495\.00"):
        broker.submit(entry("5", order_id="zt1-second"))
    broker.cancel("zt1-entry")
    broker.submit(entry("9", order_id="zt1-third"))


@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_a_quantity_that_is_not_positive_is_refused(books: SimulationStore, quantity: str) -> None:
    with pytest.raises(OrderRejectedError, match="not positive"):
        broker_on(books).submit(entry(quantity))


def test_nothing_is_sold_short(books: SimulationStore) -> None:
    place = place_on(books)
    place.play(0)
    with pytest.raises(OrderRejectedError, match="sell 10 of 0"):
        place.broker.submit(sell(decided=0))
    place.broker.submit(entry())
    place.play(1)
    with pytest.raises(OrderRejectedError, match="sell 11 of 10"):
        place.broker.submit(sell("11", decided=1))


def test_a_cancelled_order_does_not_fill_and_stays_cancelled(books: SimulationStore) -> None:
    place = place_on(books)
    place.play(0)
    place.broker.submit(entry())
    first = place.broker.cancel("zt1-entry")
    assert first.status.value == "canceled"
    assert place.broker.cancel("zt1-entry") == first
    place.play(2)
    assert place.broker.fills() == ()
    with pytest.raises(OrderRejectedError, match="no order"):
        place.broker.cancel("zt1-unknown")


def test_an_order_that_ended_is_returned_by_cancel_as_it_is(books: SimulationStore) -> None:
    place = place_on(books)
    place.play(0)
    place.broker.submit(entry())
    place.play(1)
    assert place.broker.cancel("zt1-entry").status.value == "filled"


def test_the_account_never_runs_backwards(books: SimulationStore) -> None:
    place = place_on(books)
    place.play(1)
    with pytest.raises(InputError, match="never runs backwards"):
        place.play(0)
    place.play(1)
    assert place.broker.account_time() == at(1)


def test_bars_past_the_view_are_not_played(books: SimulationStore) -> None:
    place = place_on(books)
    place.play(0)
    place.broker.submit(entry())
    with pytest.raises(LookAheadError):
        place.broker.advance(place.view(0), at(1))
    assert (place.broker.account_time(), place.broker.fills()) == (at(0), ())


def test_fills_are_told_from_a_moment_on(books: SimulationStore) -> None:
    place = place_on(books, *QUIET, (94, 94, 94, 94))
    place.play(0)
    place.broker.submit(entry())
    place.play(3)
    assert [fill.role.value for fill in place.broker.fills()] == ["entry", "stop"]
    assert [fill.role.value for fill in place.broker.fills(after=at(1))] == ["stop"]
    assert place.broker.fills(after=at(3)) == ()


def test_a_reset_starts_a_new_epoch_with_fresh_cash(books: SimulationStore) -> None:
    place = place_on(books)
    place.play(0)
    place.broker.submit(entry())
    place.play(2)
    assert place.broker.reset(DAY_OPENS) == 2
    assert (place.broker.epoch(), place.broker.cash()) == (2, CASH)
    assert (place.broker.positions(), place.broker.open_orders()) == ({}, ())
    assert (place.broker.fills(), place.broker.order_by_client_id("zt1-entry")) == ((), None)


def test_another_broker_on_the_same_books_sees_the_same_account(books: SimulationStore) -> None:
    place = place_on(books)
    place.play(0)
    place.broker.submit(entry())
    place.play(1)
    other = broker_on(books, cash=5.0)
    assert other.cash() == place.broker.cash()
    assert other.open_orders() == place.broker.open_orders()


def test_a_transaction_within_a_transaction_is_refused(books: SimulationStore) -> None:
    broker = broker_on(books)
    with books.transaction("rehearsal"), pytest.raises(StoreError):
        broker.cash()


def random_rows(seed: int, count: int) -> list[Row]:
    """Bars full of gaps, wicks and bars without volume, from a seed."""
    draw = np.random.default_rng(seed)
    rows, last = [], 100.0
    for _ in range(count):
        start = round(last * (1.0 + draw.normal(0.0, 0.02)), 2)
        end = round(start * (1.0 + draw.normal(0.0, 0.02)), 2)
        high = round(max(start, end) + abs(draw.normal(0.0, 1.0)), 2)
        low = round(min(start, end) - abs(draw.normal(0.0, 1.0)), 2)
        rows.append((start, high, low, end, 0.0 if draw.random() < 0.1 else 1000.0))
        last = end
    return rows


def history(books: SimulationStore, seed: int, count: int) -> list[object]:
    """Trade two symbols on random bars; return everything the broker says after every bar."""
    draw = np.random.default_rng(seed)
    series = [random_rows(seed + offset, count) for offset in (1, 2)]
    place = Floor(
        broker_on(books, costs=replace(COSTS, stock_commission_bps=1.0)),
        series_of_rows(series[0], "TSLA"),
        series_of_rows(series[1], "BTC/USD"),
    )
    told: list[object] = []
    for number in range(count):
        place.play(number)
        for rows, symbol in zip(series, ("TSLA", "BTC/USD"), strict=True):
            act(place, number, symbol, rows[number][3], draw)
        broker = place.broker
        told.append((repr(broker.cash()), broker.positions(), broker.account_time()))
        told.append([asdict(order) for order in broker.open_orders()])
    return [*told, [asdict(fill) for fill in place.broker.fills()]]


def act(place: Floor, number: int, symbol: str, close: float, draw: np.random.Generator) -> None:
    """Buy, sell a part, sell all, or cancel, by chance."""
    chance, held = draw.random(), place.broker.positions().get(symbol, 0.0)
    name = f"zt1-{symbol}-{number}"
    if held == 0.0 and chance < 0.7:
        bracket = {
            "limit": f"{close * 1.002:.2f}",
            "stop": f"{close * 0.97:.2f}",
            "target": f"{close * 1.04:.2f}",
        }
        quantity = "7" if symbol == "TSLA" else "0.33333333"
        place.broker.submit(
            entry(quantity, decided=number, order_id=name, symbol=symbol, **bracket)
        )
    elif held > 0.0 and chance < 0.1:
        half = "3" if symbol == "TSLA" else "0.11111111"
        if float(half) <= held:
            place.broker.submit(sell(half, decided=number, order_id=name, symbol=symbol))
    elif held > 0.0 and chance < 0.15:
        for order in place.broker.open_orders():
            if order.request.symbol == symbol and order.request.limit_price is not None:
                place.broker.cancel(order.request.client_order_id)


def test_every_store_keeps_the_same_account_to_the_last_bit(
    books: SimulationStore,
) -> None:
    expected = history(MemorySimulationStore(), 11, 70)
    fills = expected[-1]
    assert isinstance(fills, list)
    assert {fill["role"] for fill in fills} >= {"entry", "stop", "target", "exit"}
    assert history(books, 11, 70) == expected


def test_it_says_that_it_is_paper_and_where_it_is_without_being_asked(
    books: SimulationStore,
) -> None:
    broker = broker_on(books)
    assert broker.is_paper is True
    assert broker.host is None
