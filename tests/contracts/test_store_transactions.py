"""Units of work: alone, whole or not at all, and never nested."""

import multiprocessing
from collections.abc import Callable
from decimal import Decimal
from multiprocessing.context import BaseContext

import pytest

from tests.fakes.store_rows import (
    ACCOUNT,
    AGENT,
    NOON,
    decision,
    fill,
    halt,
    mark,
    order,
    position,
    snapshot,
    tape,
    trade,
)
from ztrade_core.domain.chain import EMPTY_HEAD, Anchor, first_fault
from ztrade_core.domain.orders import OrderStatus
from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Store, UnitOfWork
from ztrade_core.store.engine import make_engine
from ztrade_core.store.sql_store import SqlStore

PROCESSES = 4


class StormError(Exception):
    """What a test raises inside a block."""


def write_everything(unit: UnitOfWork, number: int) -> None:
    """Write in every room."""
    unit.ledger.append(decision(number), (), "")
    unit.ledger.put_anchor(Anchor(sequence=number, digest="d", anchored_at=NOON, place="here"))
    unit.ledger.put_snapshot(snapshot(number))
    unit.tapes.put_first(tape(number))
    unit.tapes.put_proposal(tape(number), (), "held")
    unit.orders.insert(order(number))
    unit.orders.update(order(number, status=OrderStatus.FILLED))
    unit.orders.add_fill(ACCOUNT, 1, fill(number))
    unit.positions.put(position(quantity=Decimal(number)))
    unit.positions.add_trade(trade(number))
    unit.accounts.add_snapshot(mark(equity=float(number)))
    unit.accounts.acquire_lease(ACCOUNT, AGENT, f"run-{number}", now=NOON, seconds=0)
    unit.halts.add(ACCOUNT, halt(number, kind=f"kind-{number}"))


def everything(unit: UnitOfWork) -> list[object]:
    """Read from every room."""
    return [
        unit.ledger.head(),
        [row.digest for row in unit.ledger.rows()],
        unit.ledger.last_anchor(),
        unit.ledger.snapshot(snapshot(2).content_hash()) is None,
        unit.tapes.get(tape(2).key),
        unit.orders.recent(ACCOUNT, 1),
        unit.orders.working(ACCOUNT, 1),
        unit.orders.of_position("position-1"),
        unit.orders.entries_since(ACCOUNT, 1, AGENT, NOON),
        unit.orders.fills(ACCOUNT, 1),
        unit.orders.fills(ACCOUNT, 1, position_id="position-1"),
        unit.positions.all(ACCOUNT, 1),
        unit.positions.trades(ACCOUNT, 1),
        unit.positions.trades(ACCOUNT, 1, AGENT),
        unit.accounts.snapshots(ACCOUNT, 1),
        unit.accounts.last_snapshot(ACCOUNT, 1, kind="mark"),
        unit.accounts.lease(ACCOUNT, AGENT),
        unit.halts.standing(ACCOUNT),
        unit.halts.history(ACCOUNT),
    ]


@pytest.mark.parametrize("prepared", [False, True])
def test_a_block_that_raises_leaves_no_trace(store: Store, prepared: bool) -> None:  # noqa: FBT001
    if prepared:
        with store.locked() as unit:
            write_everything(unit, 1)
    with store.reading() as unit:
        before = everything(unit)
    with pytest.raises(StormError), store.locked() as unit:
        write_everything(unit, 2)
        unit.positions.remove(ACCOUNT, 1, AGENT)
        unit.halts.lift(ACCOUNT, "halt-2", who="bob", why="over", at=NOON)
        unit.accounts.release_lease(ACCOUNT, AGENT, "run-2")
        raise StormError
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


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_count_without_losing_one(
    database_url: str, method: str, campaign: Callable[[int], int]
) -> None:
    rounds = campaign(200)
    context: BaseContext = multiprocessing.get_context(method)
    engine = make_engine(database_url)
    store = SqlStore(engine)
    with store.reading() as unit:
        assert unit.ledger.head() == EMPTY_HEAD
    workers = [
        context.Process(target=count_up, args=(database_url, worker, rounds))  # type: ignore[attr-defined]
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
