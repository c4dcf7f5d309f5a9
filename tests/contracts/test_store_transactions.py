"""Units of work: alone, whole or not at all, and never nested."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.context import BaseContext

import pytest

from tests.fakes.store_rooms import everything, write_everything
from tests.fakes.store_rows import (
    ACCOUNT,
    AGENT,
    NOON,
    decision,
    mark,
)
from ztrade_core.domain.chain import EMPTY_HEAD, first_fault
from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Store
from ztrade_core.store.engine import make_engine
from ztrade_core.store.sql_store import SqlStore

PROCESSES = 4


class StormError(Exception):
    """What a test raises inside a block."""


def write_and_raise(store: Store) -> None:
    """Write and take away in every room, then fail."""
    with store.locked() as unit:
        write_everything(unit, 2)
        unit.positions.remove(ACCOUNT, 1, AGENT)
        unit.halts.lift(ACCOUNT, "halt-2", who="bob", why="over", at=NOON)
        unit.accounts.release_lease(ACCOUNT, AGENT, "run-2")
        raise StormError


@pytest.mark.parametrize("prepared", [False, True])
def test_a_block_that_raises_leaves_no_trace(store: Store, prepared: bool) -> None:  # noqa: FBT001
    if prepared:
        with store.locked() as unit:
            write_everything(unit, 1)
    with store.reading() as unit:
        before = everything(unit)
    with pytest.raises(StormError):
        write_and_raise(store)
    with store.reading() as unit:
        assert everything(unit) == before
    with store.locked() as unit:
        write_everything(unit, 2)


def test_units_of_work_do_not_nest(store: Store) -> None:
    def open_again(how: Callable[[], object]) -> None:
        with pytest.raises(StoreError, match="do not nest"), how():  # type: ignore[attr-defined]
            pass

    with store.locked():
        open_again(store.locked)
        open_again(store.reading)
    with store.reading():
        open_again(store.locked)
    with store.locked() as unit:
        assert unit.ledger.head() == EMPTY_HEAD


def test_reading_only_reads(store: Store) -> None:
    with store.reading() as unit, pytest.raises(StoreError):
        unit.accounts.add_snapshot(mark())
    with store.locked() as unit:
        assert unit.accounts.last_snapshot(ACCOUNT, 1) is None
        unit.accounts.add_snapshot(mark())


def test_a_reader_sees_one_unchanging_moment(database_url: str) -> None:
    engine, other = make_engine(database_url), make_engine(database_url)
    with SqlStore(engine).reading() as unit:
        assert unit.ledger.head() == EMPTY_HEAD
        with SqlStore(other).locked() as writer:
            writer.ledger.append(decision(), (), "")
        assert unit.ledger.head() == EMPTY_HEAD
    with SqlStore(engine).reading() as unit:
        assert unit.ledger.head().sequence == 1
    engine.dispose()
    other.dispose()


def count_up(url: str, worker: int, rounds: int) -> None:
    """Read, think, write, `rounds` times, in a process of its own."""
    engine = make_engine(url)
    for number in range(rounds):
        with SqlStore(engine).locked() as unit:
            last = unit.accounts.last_snapshot(ACCOUNT, 1)
            equity = 0.0 if last is None else last.equity
            unit.accounts.add_snapshot(mark(equity=equity + 1.0))
            unit.ledger.append(decision(1000 * worker + number), (), "")
    engine.dispose()


def race(url: str, method: str, rounds: int) -> None:
    """Let processes count up together; check that none was lost and the chain holds."""
    context: BaseContext = multiprocessing.get_context(method)
    engine = make_engine(url)
    store = SqlStore(engine)
    with store.reading() as unit:
        assert unit.ledger.head() == EMPTY_HEAD
    workers = [
        context.Process(target=count_up, args=(url, worker, rounds))  # type: ignore[attr-defined]
        for worker in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    with store.reading() as unit:
        last = unit.accounts.last_snapshot(ACCOUNT, 1)
        rows = list(unit.ledger.rows())
    engine.dispose()
    assert last is not None
    assert last.equity == float(PROCESSES * rounds)
    assert len(rows) == PROCESSES * rounds
    assert first_fault(rows, after=EMPTY_HEAD) is None


def test_processes_count_without_losing_one(
    database_url: str, campaign: Callable[[int], int]
) -> None:
    """The parent's idle connection is closed before the fork: no child inherits it."""
    race(database_url, "fork", campaign(200))


def test_fresh_processes_count_without_losing_one(
    sqlite_url: str, campaign: Callable[[int], int]
) -> None:
    race(sqlite_url, "spawn", campaign(200))
