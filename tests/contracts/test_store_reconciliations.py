"""Reconciliations and the entries of the throttle, in every store."""

from dataclasses import replace

import pytest

from tests.fakes.store_rows import ACCOUNT, AGENT, NOON, minutes, order, request
from ztrade_core.domain.accounts import Reconciliation, ReconciliationReport
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.ports.store import Store


def quiet(minute: float = 0.0, **changes: object) -> Reconciliation:
    report = ReconciliationReport(
        account=ACCOUNT, at=minutes(minute), fills_added=0, orders_updated=0
    )
    return replace(Reconciliation(account_epoch=1, report=report), **changes)  # type: ignore[arg-type]


def eventful(minute: float) -> Reconciliation:
    report = replace(
        quiet(minute).report,
        fills_added=2,
        orders_updated=1,
        adopted=("zt1-lost",),
        foreign=("by-hand", "über"),
        mismatches=("TSLA: our book 0.0, the broker 3.0",),
        rebased=("re-based TSLA 3:1: 46 to 138 shares",),
    )
    return quiet(
        report=report,
        foreign=("by-hand",),
        mismatches=report.mismatches,
        accepted=("über",),
    )


def test_a_reconciliation_comes_back_as_it_was_put(store: Store) -> None:
    cleared = quiet(
        3, accepted=("über", "by-hand"), cleared_by="anna", cleared_why="mine", cleared_at=NOON
    )
    with store.locked() as unit:
        assert unit.reconciliations.last(ACCOUNT, 1) is None
        for one in (quiet(), eventful(1), cleared):
            unit.reconciliations.put(one)
    with store.reading() as unit:
        assert unit.reconciliations.last(ACCOUNT, 1) == cleared
        assert unit.reconciliations.recent(ACCOUNT, 1) == [cleared, eventful(1), quiet()]
        assert unit.reconciliations.recent(ACCOUNT, 1, 2) == [cleared, eventful(1)]


def test_a_quiet_one_takes_the_place_of_a_quiet_one_only(store: Store) -> None:
    with store.locked() as unit:
        for one in (quiet(0), quiet(1), eventful(2), quiet(3), quiet(4)):
            unit.reconciliations.put(one)
        assert unit.reconciliations.recent(ACCOUNT, 1) == [quiet(4), eventful(2), quiet(1)]


def test_the_last_one_is_the_one_that_was_put_last(store: Store) -> None:
    """A run of an earlier moment may write later: what it found counts."""
    with store.locked() as unit:
        unit.reconciliations.put(quiet(5))
        unit.reconciliations.put(eventful(1))
        assert unit.reconciliations.last(ACCOUNT, 1) == eventful(1)


def test_accounts_and_epochs_are_apart(store: Store) -> None:
    with store.locked() as unit:
        unit.reconciliations.put(eventful(1))
        assert unit.reconciliations.last(ACCOUNT, 2) is None
        assert unit.reconciliations.last("paper", 1) is None
        unit.reconciliations.put(quiet(2, account_epoch=2))
        assert unit.reconciliations.last(ACCOUNT, 1) == eventful(1)


def test_what_fails_is_taken_back(store: Store) -> None:
    with store.locked() as unit:
        unit.reconciliations.put(quiet(0))
    for one in (quiet(1), eventful(1)):
        with pytest.raises(RuntimeError, match="cut"), store.locked() as unit:  # noqa: PT012
            unit.reconciliations.put(one)
            raise RuntimeError("cut")
        with store.reading() as unit:
            assert unit.reconciliations.recent(ACCOUNT, 1) == [quiet(0)]


def test_entries_of_every_agent_since_a_moment_come_oldest_first(store: Store) -> None:
    ours = [order(number, status=OrderStatus.REJECTED) for number in (1, 2, 3)]
    other = order(4, of=request(4, agent_id="agent_iwm"), created_at=minutes(2.5))
    stop = order(5, of=request(5, role=Role.STOP))
    with store.locked() as unit:
        for one in (ours[2], other, ours[1], ours[0], stop, order(6, account_epoch=2)):
            unit.orders.insert(one)
        assert unit.orders.entries(ACCOUNT, 1, since=minutes(2)) == [ours[1], other, ours[2]]
        assert unit.orders.entries(ACCOUNT, 1, since=minutes(3.1)) == []
        assert unit.orders.entries("paper", 1, since=NOON) == []


def test_an_agents_newest_entries_come_newest_first(store: Store) -> None:
    ours = [order(number) for number in (1, 2, 3)]
    other = order(4, of=request(4, agent_id="agent_iwm"))
    stop = order(5, of=request(5, role=Role.STOP))
    with store.locked() as unit:
        for one in (*ours, other, stop):
            unit.orders.insert(one)
        assert unit.orders.newest_entries(ACCOUNT, 1, AGENT, 2) == [ours[2], ours[1]]
        assert unit.orders.newest_entries(ACCOUNT, 1, "agent_btc", 2) == []
        assert unit.orders.newest_entries(ACCOUNT, 2, AGENT, 2) == []
