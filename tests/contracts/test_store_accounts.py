"""Marks, leases and halts, in every store."""

from datetime import timedelta

import pytest

from tests.fakes.store_rows import ACCOUNT, AGENT, NOON, halt, mark, minutes
from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Store


def test_marks_come_in_order_of_time_and_are_replaced(store: Store) -> None:
    base = mark(minutes(0), "day_base")
    with store.locked() as unit:
        for one in (mark(minutes(5), equity=1.0), base, mark(minutes(5), equity=2.0 / 3.0)):
            unit.accounts.add_snapshot(one)
    with store.reading() as unit:
        newest = mark(minutes(5), equity=2.0 / 3.0)
        assert unit.accounts.snapshots(ACCOUNT, 1) == [base, newest]
        assert unit.accounts.snapshots(ACCOUNT, 1, kind="day_base") == [base]
        assert unit.accounts.snapshots(ACCOUNT, 1, since=minutes(5)) == [newest]
        assert unit.accounts.snapshots(ACCOUNT, 1, since=minutes(5.1)) == []
        assert unit.accounts.last_snapshot(ACCOUNT, 1) == newest
        assert unit.accounts.last_snapshot(ACCOUNT, 1, kind="day_base") == base
        assert unit.accounts.last_snapshot(ACCOUNT, 2) is None


def test_a_lease_is_one_holders_until_it_expires(store: Store) -> None:
    def acquire(holder: str, minute: float) -> int | None:
        lease = unit.accounts.acquire_lease(
            ACCOUNT, AGENT, holder, now=minutes(minute), seconds=120
        )
        return None if lease is None else lease.token

    with store.locked() as unit:
        assert acquire("run-1", 0) == 1
        assert acquire("run-2", 1) is None
        assert acquire("run-1", 1) == 1
        assert acquire("run-2", 2.9) is None
        assert acquire("run-2", 3) == 2
        standing = unit.accounts.lease(ACCOUNT, AGENT)
        assert standing is not None
        assert (standing.holder, standing.token) == ("run-2", 2)
        assert standing.expires_at == minutes(3) + timedelta(seconds=120)


def test_a_returned_lease_is_nobodys_and_its_token_is_never_used_again(store: Store) -> None:
    with store.locked() as unit:
        unit.accounts.acquire_lease(ACCOUNT, AGENT, "run-1", now=NOON, seconds=60)
        unit.accounts.release_lease(ACCOUNT, AGENT, "run-2")
        assert unit.accounts.lease(ACCOUNT, AGENT) is not None
        unit.accounts.release_lease(ACCOUNT, AGENT, "run-1")
        assert unit.accounts.lease(ACCOUNT, AGENT) is None
        lease = unit.accounts.acquire_lease(ACCOUNT, AGENT, "run-1", now=NOON, seconds=60)
        assert lease is not None
        assert lease.token == 2


def test_a_halt_stands_until_it_is_lifted_and_stays_in_history(store: Store) -> None:
    with store.locked() as unit:
        unit.halts.add(ACCOUNT, halt(2, agent_id=AGENT, kind="losing_streak"))
        unit.halts.add(ACCOUNT, halt(1))
        assert unit.halts.standing("paper") == []
    with store.locked() as unit:
        standing = [halt(1), halt(2, agent_id=AGENT, kind="losing_streak")]
        assert unit.halts.standing(ACCOUNT) == standing
        unit.halts.lift(ACCOUNT, "halt-1", who="bob", why="over", at=minutes(9))
        unit.halts.lift(ACCOUNT, "halt-1", who="eve", why="again", at=minutes(10))
        assert unit.halts.standing(ACCOUNT) == standing[1:]
        assert unit.halts.history(ACCOUNT) == [
            (standing[0], minutes(9), "bob", "over"),
            (standing[1], None, "", ""),
        ]


def test_the_same_halt_is_not_added_twice_but_may_come_again(store: Store) -> None:
    with store.locked() as unit:
        unit.halts.add(ACCOUNT, halt(1))
        unit.halts.add(ACCOUNT, halt(2))
        assert unit.halts.standing(ACCOUNT) == [halt(1)]
        unit.halts.lift(ACCOUNT, "halt-1", who="bob", why="over", at=minutes(9))
        unit.halts.add(ACCOUNT, halt(2))
        assert unit.halts.standing(ACCOUNT) == [halt(2)]


def test_a_halt_that_does_not_exist_cannot_be_lifted(store: Store) -> None:
    with store.locked() as unit, pytest.raises(StoreError, match="no halt halt-7"):
        unit.halts.lift(ACCOUNT, "halt-7", who="bob", why="over", at=NOON)


def test_a_lifted_halts_id_is_not_used_again(store: Store) -> None:
    with store.locked() as unit:
        unit.halts.add(ACCOUNT, halt(1))
        unit.halts.lift(ACCOUNT, "halt-1", who="bob", why="over", at=NOON)
        with pytest.raises(StoreError, match="give it a new id"):
            unit.halts.add(ACCOUNT, halt(1))
