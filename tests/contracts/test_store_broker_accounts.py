"""Which account at a broker an epoch is: given once, in order, for good, whoever asks first."""

import multiprocessing
import threading
from multiprocessing.queues import SimpleQueue
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Engine

from tests.fakes.store_rows import ACCOUNT, NOON, halt, minutes
from ztrade_core.domain.broker_accounts import BrokerAccount
from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Store
from ztrade_core.store.engine import is_sqlite, make_engine
from ztrade_core.store.migrations import SQL_FOLDER, status, upgrade
from ztrade_core.store.sql_store import SqlStore
from ztrade_core.store.transactions import SCHEMA_LOCK, writing

BROKER = "alpaca"
WORKERS = 4


def epoch_of(store: Store, number: str, *, minute: float = 0, account: str = ACCOUNT) -> int:
    with store.locked() as unit:
        return unit.accounts.epoch_of(account, BROKER, number, minutes(minute))


def test_epochs_begin_at_two_and_a_known_number_keeps_its_own(store: Store) -> None:
    asked = ["PA1", "PA2", "PA1", "PA3", "PA2"]
    found = [epoch_of(store, number, minute=at) for at, number in enumerate(asked)]
    assert found == [2, 3, 2, 4, 3]


def test_each_account_of_ours_counts_for_itself(store: Store) -> None:
    assert [epoch_of(store, "PA1"), epoch_of(store, "PA1", account="other")] == [2, 2]
    with store.locked() as unit:
        assert unit.accounts.epoch_of(ACCOUNT, "another broker", "PA1", NOON) == 3


def test_an_epoch_tells_its_account_and_when_it_was_first_seen(store: Store) -> None:
    epoch_of(store, "PA1", minute=1)
    epoch_of(store, "PA1", minute=9)
    with store.reading() as unit:
        assert unit.accounts.broker_account(ACCOUNT, 2) == BrokerAccount(
            account=ACCOUNT,
            account_epoch=2,
            broker=BROKER,
            account_number="PA1",
            first_seen_at=minutes(1),
        )
        assert unit.accounts.broker_account(ACCOUNT, 1) is None


def test_a_new_number_needs_the_locked_transaction(store: Store) -> None:
    with store.reading() as unit, pytest.raises(StoreError):
        unit.accounts.epoch_of(ACCOUNT, BROKER, "PA1", NOON)
    assert epoch_of(store, "PA1") == 2


def test_threads_that_race_for_a_new_number_get_one_epoch(store: Store) -> None:
    found: list[tuple[str, int]] = []
    start = threading.Barrier(2 * WORKERS)

    def ask(number: str) -> None:
        start.wait()
        found.append((number, epoch_of(store, number)))

    threads = [threading.Thread(target=ask, args=(f"PA{n % 2}",)) for n in range(2 * WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2 * WORKERS
    assert len(set(found)) == 2
    assert {epoch for _, epoch in found} == {2, 3}


def ask_often(url: str, told: "SimpleQueue[Any]") -> None:
    """Ask for ten numbers in a process of its own."""
    engine = make_engine(url)
    store = SqlStore(engine)
    told.put([(f"PA{number}", epoch_of(store, f"PA{number}")) for number in range(10)])
    engine.dispose()


def test_processes_that_race_agree_on_every_epoch(database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    told: SimpleQueue[Any] = context.SimpleQueue()
    workers = [context.Process(target=ask_often, args=(database_url, told)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    answers = [dict(told.get()) for _ in workers]
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * WORKERS
    assert answers == [answers[0]] * WORKERS
    assert sorted(answers[0].values()) == list(range(2, 12))


def test_the_database_refuses_to_change_an_epoch(engine: Engine) -> None:
    epoch_of(SqlStore(engine), "PA1")
    statements = [
        "UPDATE broker_accounts SET account_number = 'PA9'",
        "DELETE FROM broker_accounts",
        "INSERT OR REPLACE INTO broker_accounts SELECT * FROM broker_accounts"
        if is_sqlite(engine)
        else "TRUNCATE broker_accounts",
    ]
    for statement in statements:
        with engine.connect() as connection, pytest.raises(StoreError, match="append-only"):
            connection.exec_driver_sql(statement)
    assert epoch_of(SqlStore(engine), "PA1") == 2


def test_the_application_role_may_add_an_epoch_and_no_more(postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    may = "SELECT has_table_privilege('ztrade_app', 'broker_accounts', %(right)s)"
    with engine.connect() as connection:
        rights = [
            right
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
            if connection.exec_driver_sql(may, {"right": right}).scalar()
        ]
    engine.dispose()
    assert rights == ["SELECT", "INSERT"]


def test_a_database_of_the_schema_before_keeps_its_book(database_url: str, engine: Engine) -> None:
    """Down to 0007 and up again: what was stored stays, and the table comes back empty."""
    store = SqlStore(engine)
    with store.locked() as unit:
        unit.halts.add(ACCOUNT, halt(1))
        unit.accounts.epoch_of(ACCOUNT, BROKER, "PA1", NOON)
    with writing(engine, SCHEMA_LOCK) as connection:
        config = Config()
        config.set_main_option("script_location", str(SQL_FOLDER))
        config.attributes["connection"] = connection
        command.downgrade(config, "0007")
    assert status(database_url).pending[0] == "0008"
    with engine.connect() as connection:
        assert not sa.inspect(connection).has_table("broker_accounts")
    assert upgrade(database_url).is_current
    with store.reading() as unit:
        assert [each.halt_id for each in unit.halts.standing(ACCOUNT)] == ["halt-1"]
        assert unit.accounts.broker_account(ACCOUNT, 2) is None
    assert epoch_of(store, "PA2") == 2
