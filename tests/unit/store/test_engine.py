"""Engines: which URLs, which settings, and how a driver's errors come out."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ztrade_core.errors import ConfigError, StoreError
from ztrade_core.store.engine import database_url, make_engine
from ztrade_core.store.sql_store import SqlStore
from ztrade_core.store.transactions import LEDGER_LOCK, lock_key, reading, writing


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///data/ztrade.db", "sqlite"),
        ("sqlite+pysqlite:///data/ztrade.db", "sqlite"),
        ("postgres://anna@host/ztrade", "postgresql+psycopg"),
        ("postgresql://anna@host/ztrade", "postgresql+psycopg"),
        ("postgresql+psycopg://anna@host/ztrade", "postgresql+psycopg"),
    ],
)
def test_urls_name_their_driver(url: str, driver: str) -> None:
    assert database_url(url).drivername == driver


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://host/x",
        "postgresql+asyncpg:///x",
    ],
)
def test_other_urls_are_refused_by_name(url: str) -> None:
    with pytest.raises(ConfigError, match="DATABASE_URL"):
        make_engine(url)


def test_sqlite_is_durable_and_strict(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "recursive_triggers",
                "busy_timeout",
            )
        }
    engine.dispose()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": 30_000,
    }


def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'new' / 'folder' / 'ztrade.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    engine.dispose()


def test_no_message_shows_the_password() -> None:
    engine = make_engine("postgresql://anna:geheim@127.0.0.1:1/ztrade")
    with pytest.raises(StoreError, match=r"anna:\*\*\*@127") as caught, reading(engine):
        pass
    assert "geheim" not in str(caught.value)


def test_a_missing_schema_names_the_command(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    with writing(engine) as connection, pytest.raises(StoreError, match="ztrade db upgrade"):
        connection.execute(sa.text("SELECT * FROM decisions"))
    engine.dispose()


def test_a_database_held_too_long_says_so(database_url: str) -> None:
    holder = make_engine(database_url)
    waiter = make_engine(database_url, patience_seconds=0.05)
    with ThreadPoolExecutor(1) as pool:
        with SqlStore(holder).locked(), pytest.raises(StoreError, match="held the database too"):
            pool.submit(lock_once, waiter).result()
        pool.submit(lock_once, waiter).result()
    holder.dispose()
    waiter.dispose()


def lock_once(engine: Engine) -> None:
    with SqlStore(engine).locked():
        pass


def test_a_writer_inside_a_writer_raises_at_once(engine: Engine) -> None:
    already = pytest.raises(StoreError, match="open in this thread already")
    with writing(engine), already, writing(engine):
        pass
    with writing(engine):
        pass


def test_a_row_that_breaks_a_key_is_a_store_error_without_its_values(engine: Engine) -> None:
    insert = "INSERT INTO splits (symbol, ex_date, ratio) VALUES ('SECRET', '2022-08-25', 3)"
    with writing(engine) as connection:
        connection.exec_driver_sql(insert)
    with pytest.raises(StoreError) as caught, writing(engine) as connection:
        connection.execute(
            sa.text("INSERT INTO splits (symbol, ex_date, ratio) VALUES (:s, '2022-08-25', 3)"),
            {"s": "SECRET"},
        )
    assert "SECRET" not in str(caught.value)


def test_a_killed_connection_is_a_store_error_and_the_next_one_works(postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    kill = "SELECT pg_terminate_backend(pg_backend_pid())"
    with pytest.raises(StoreError, match="connection"), writing(engine) as connection:
        connection.exec_driver_sql(kill)
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    engine.dispose()


def test_a_lock_has_one_number_in_every_process() -> None:
    assert lock_key(LEDGER_LOCK) == 6006506707205250779
    assert -(2**63) <= min(lock_key(str(n)) for n in range(100)) < 0
