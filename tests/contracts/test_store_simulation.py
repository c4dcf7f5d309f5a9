"""The simulated broker's books, in memory and on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from tests.fakes.store_rows import ACCOUNT, NOON, fill, minutes, request
from ztrade_core.domain.orders import BrokerOrder, OrderStatus
from ztrade_core.domain.simulation import SimulatedAccount, SimulatedPosition
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import StoreError
from ztrade_core.ports.simulation import SimulationStore
from ztrade_core.store.engine import make_engine
from ztrade_core.store.memory_simulation import MemorySimulationStore
from ztrade_core.store.simulation import SqlSimulationStore


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def books(request: pytest.FixtureRequest) -> Iterator[SimulationStore]:
    if request.param == "memory":
        yield MemorySimulationStore()
        return
    engine = make_engine(request.getfixturevalue(f"{request.param}_url"))
    yield SqlSimulationStore(engine)
    engine.dispose()


def account(epoch: int = 1, cash: float = 100_000.0) -> SimulatedAccount:
    return SimulatedAccount(
        account=ACCOUNT,
        account_epoch=epoch,
        opened_at=NOON,
        initial_cash=cash,
        cash=cash,
        advanced_to=NOON,
    )


def broker_order(number: int, status: OrderStatus = OrderStatus.ACCEPTED) -> BrokerOrder:
    return BrokerOrder(
        broker_order_id=f"sim-{number}",
        request=request(number),
        status=status,
        filled_quantity=Decimal("0.1"),
        updated_at=minutes(number),
        reason="because",
    )


def held(symbol: str = "TSLA") -> SimulatedPosition:
    return SimulatedPosition(
        symbol=symbol,
        agent_id="agent_tsla",
        position_id="position-1",
        timeframe=Timeframe.M5,
        quantity=1.0 / 3.0,
        average_price=109.1,
        entered_bar=NOON,
    )


def load(books: SimulationStore) -> SimulatedAccount | None:
    with books.transaction(ACCOUNT) as transaction:
        return transaction.load()


def test_an_account_that_was_never_opened_is_none(books: SimulationStore) -> None:
    with books.transaction(ACCOUNT) as transaction:
        assert transaction.load() is None
        assert transaction.fills(after=None) == []
        assert transaction.find_order("zt1-1") is None
        with pytest.raises(StoreError):
            transaction.save(account())


def test_an_account_comes_back_as_it_was_saved(books: SimulationStore) -> None:
    saved = account(cash=2.0 / 3.0)
    saved.positions = {"TSLA": held(), "BTC/USD": held("BTC/USD")}
    saved.orders = {f"zt1-{n}": broker_order(n) for n in (3, 1, 2)}
    with books.transaction(ACCOUNT) as transaction:
        transaction.open_epoch(account())
        transaction.save(saved)
    loaded = load(books)
    assert loaded == saved
    assert loaded is not None
    assert list(loaded.orders) == ["zt1-3", "zt1-1", "zt1-2"]


def test_what_is_gone_from_the_account_is_gone(books: SimulationStore) -> None:
    with books.transaction(ACCOUNT) as transaction:
        transaction.open_epoch(account())
        full = account()
        full.positions = {"TSLA": held()}
        full.orders = {"zt1-1": broker_order(1), "zt1-2": broker_order(2)}
        transaction.save(full)
        del full.orders["zt1-1"]
        full.positions.clear()
        transaction.close_order(broker_order(1, OrderStatus.FILLED))
        transaction.save(full)
    assert load(books) == full
    with books.transaction(ACCOUNT) as transaction:
        assert transaction.find_order("zt1-1") == broker_order(1, OrderStatus.FILLED)
        assert transaction.find_order("zt1-2") == broker_order(2)
        assert transaction.find_order("zt1-3") is None


def test_changing_a_loaded_account_changes_nothing_until_it_is_saved(
    books: SimulationStore,
) -> None:
    with books.transaction(ACCOUNT) as transaction:
        opened = account()
        opened.positions = {"TSLA": held()}
        transaction.open_epoch(opened)
        opened.cash = 0.0
        loaded = transaction.load()
        assert loaded is not None
        loaded.cash = 1.0
        loaded.positions["TSLA"].quantity = 7.0
        again = transaction.load()
    assert again is not None
    assert again.cash == 100_000.0
    assert again.positions["TSLA"] == held()


def test_an_epoch_begins_empty_and_follows_the_one_before(books: SimulationStore) -> None:
    with books.transaction(ACCOUNT) as transaction:
        with pytest.raises(StoreError, match="epoch 2"):
            transaction.open_epoch(account(2))
        first = account()
        first.orders = {"zt1-1": broker_order(1)}
        transaction.open_epoch(first)
        transaction.add_fill(fill())
        transaction.open_epoch(account(2))
        assert transaction.fills(after=None) == []
        assert transaction.find_order("zt1-1") is None
        with pytest.raises(StoreError, match="epoch 1"):
            transaction.save(account(1))
    assert load(books) == account(2)


def test_fills_are_those_known_after_a_moment_oldest_first(books: SimulationStore) -> None:
    def ids(after: datetime | None) -> list[str]:
        return [one.fill_id for one in transaction.fills(after=after)]

    with books.transaction(ACCOUNT) as transaction:
        transaction.open_epoch(account())
        for number in (3, 1, 2):
            transaction.add_fill(fill(number))
        transaction.add_fill(fill(4, known_at=minutes(2)))
        assert ids(None) == ["fill-1", "fill-2", "fill-4", "fill-3"]
        assert ids(minutes(2)) == ["fill-3"]
        assert ids(minutes(1.99)) == ["fill-2", "fill-4", "fill-3"]
        with pytest.raises(StoreError, match="exists already"):
            transaction.add_fill(fill(1))


def test_a_block_that_raises_leaves_no_trace(books: SimulationStore) -> None:
    with books.transaction(ACCOUNT) as transaction:
        first = account()
        first.orders = {"zt1-1": broker_order(1)}
        transaction.open_epoch(first)
        transaction.add_fill(fill(1))
    with pytest.raises(ZeroDivisionError):
        change_and_raise(books)
    assert load(books) == first
    with books.transaction(ACCOUNT) as transaction:
        assert transaction.find_order("zt1-1") == broker_order(1)
        assert transaction.fills(after=None) == [fill(1)]
        transaction.add_fill(fill(2))


def change_and_raise(books: SimulationStore) -> None:
    with books.transaction(ACCOUNT) as transaction:
        transaction.close_order(broker_order(1, OrderStatus.FILLED))
        transaction.save(replace(account(), cash=1.0))
        transaction.add_fill(fill(2))
        transaction.open_epoch(account(2))
        raise ZeroDivisionError


def test_accounts_do_not_see_each_other(books: SimulationStore) -> None:
    with books.transaction(ACCOUNT) as transaction:
        transaction.open_epoch(account())
    with books.transaction("demo") as transaction:
        assert transaction.load() is None


def test_transactions_do_not_nest(books: SimulationStore) -> None:
    with books.transaction(ACCOUNT), pytest.raises(StoreError), books.transaction(ACCOUNT):
        pass
