"""Splits that were applied, in every store: kept once each, as they were, for good."""

from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.fakes.rebasing_rows import rebasing
from tests.fakes.store_rows import ACCOUNT, NOON, order
from ztrade_core.domain.simulation import SimulatedAccount
from ztrade_core.errors import StoreError
from ztrade_core.ports.simulation import SimulationStore
from ztrade_core.ports.store import Store
from ztrade_core.store.engine import make_engine
from ztrade_core.store.memory_simulation import MemorySimulationStore
from ztrade_core.store.simulation import SqlSimulationStore
from ztrade_core.store.sql_rebasings import SqlRebasings

EARLIER = date(2021, 3, 1)


def test_they_come_back_as_they_were_put_oldest_first(store: Store) -> None:
    with store.locked() as unit:
        assert unit.rebasings.add(rebasing(2))
        assert unit.rebasings.add(rebasing(1))
        assert unit.rebasings.add(rebasing(1, ex_date=EARLIER, orders=(), stop_before=None))
    with store.reading() as unit:
        first = rebasing(1, ex_date=EARLIER, orders=(), stop_before=None)
        assert unit.rebasings.of_position(ACCOUNT, 1, "position-1") == [first, rebasing(1)]
        assert unit.rebasings.all(ACCOUNT, 1) == [first, rebasing(1), rebasing(2)]
        assert unit.rebasings.all(ACCOUNT, 2) == []


def test_a_positions_split_is_kept_once(store: Store) -> None:
    with store.locked() as unit:
        assert unit.rebasings.add(rebasing())
        assert not unit.rebasings.add(rebasing(ratio=2.0))
    with store.reading() as unit:
        assert unit.rebasings.all(ACCOUNT, 1) == [rebasing()]


def test_a_block_that_raises_leaves_none(store: Store) -> None:
    with pytest.raises(StoreError, match="does not exist"), store.locked() as unit:
        assert unit.rebasings.add(rebasing()) is not unit.orders.update(order(1))
    with store.reading() as unit:
        assert unit.rebasings.all(ACCOUNT, 1) == []


@pytest.mark.parametrize("statement", ["DELETE FROM rebasings", "UPDATE rebasings SET ratio = 2"])
def test_the_database_refuses_to_change_them(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        SqlRebasings(connection).add(rebasing())
    with pytest.raises(StoreError, match="append-only"), engine.begin() as connection:
        connection.execute(sa.text(statement))


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def books(request: pytest.FixtureRequest) -> Iterator[SimulationStore]:
    if request.param == "memory":
        yield MemorySimulationStore()
        return
    engine = make_engine(request.getfixturevalue(f"{request.param}_url"))
    yield SqlSimulationStore(engine)
    engine.dispose()


def test_a_simulated_account_keeps_its_own_by_epoch(books: SimulationStore) -> None:
    with books.transaction(ACCOUNT) as transaction:
        transaction.open_epoch(_account(1))
        transaction.add_rebasing(rebasing(2))
        transaction.add_rebasing(rebasing(1))
        with pytest.raises(StoreError, match="has the split of 2022-12-29 already"):
            transaction.add_rebasing(rebasing(1))
    with books.transaction(ACCOUNT) as transaction:
        assert transaction.rebasings() == [rebasing(1), rebasing(2)]
        assert transaction.rebasings("position-2") == [rebasing(2)]
        transaction.open_epoch(_account(2))
        assert transaction.rebasings() == []


def _account(epoch: int) -> SimulatedAccount:
    return SimulatedAccount(
        account=ACCOUNT,
        account_epoch=epoch,
        opened_at=NOON,
        initial_cash=1.0,
        cash=1.0,
        advanced_to=NOON,
    )
