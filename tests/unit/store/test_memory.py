"""What only the memory store promises."""

import threading

import pytest

from tests.fakes.store_rows import ACCOUNT, mark, order, slot_key, snapshot, tape
from ztrade_core.errors import StoreError
from ztrade_core.store.memory import MemoryStore


def test_a_backtest_may_keep_hashes_only() -> None:
    store = MemoryStore(keep_snapshots=False)
    with store.locked() as unit:
        snapshot_hash = unit.ledger.put_snapshot(snapshot())
        assert snapshot_hash == snapshot().content_hash()
        assert unit.ledger.snapshot(snapshot_hash) is None


def test_threads_take_turns() -> None:
    store = MemoryStore()

    def count_up() -> None:
        for _ in range(200):
            with store.locked() as unit:
                last = unit.accounts.last_snapshot(ACCOUNT, 1)
                unit.accounts.add_snapshot(mark(equity=1.0 if last is None else last.equity + 1.0))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as unit:
        last = unit.accounts.last_snapshot(ACCOUNT, 1)
    assert last is not None
    assert last.equity == 800.0


def test_a_unit_of_work_kept_after_its_block_does_not_write() -> None:
    store = MemoryStore()
    with store.locked() as unit:
        unit.orders.insert(order(1))
    with pytest.raises(StoreError, match="outside locked"):
        unit.orders.insert(order(2))
    assert unit.orders.get("zt1-2") is None


def test_dry_runs_can_be_looked_at() -> None:
    store = MemoryStore()
    with store.locked() as unit:
        unit.tapes.put_proposal(tape(), (), "held")
        assert [one.key for one, _, _ in unit.tapes.proposals] == [slot_key()]
