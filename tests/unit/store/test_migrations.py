"""Migrations: one set for both databases, whole or not at all, and the same as the code's tables."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Engine

from tests.fakes.postgres import EmbeddedPostgres
from ztrade_core.domain.orders import Fill, OrderRequest
from ztrade_core.errors import StoreError
from ztrade_core.logs import configure_logging
from ztrade_core.store.engine import make_engine
from ztrade_core.store.migrations import SQL_FOLDER, require_current, status, upgrade
from ztrade_core.store.schema import VERSION_TABLE, metadata
from ztrade_core.store.tables.simulation import SIMULATED_FILLS, SIMULATED_ORDERS
from ztrade_core.store.tables.trading import FILLS, ORDERS


@pytest.fixture
def empty_engine(empty_database_url: str) -> Iterator[Engine]:
    engine = make_engine(empty_database_url)
    yield engine
    engine.dispose()


def test_an_empty_database_is_behind_by_everything(empty_database_url: str) -> None:
    found = status(empty_database_url)
    assert found.current is None
    assert found.pending[0] == "0001"
    assert found.pending[-1] == found.head
    assert not found.newer_than_code


def test_asking_for_the_status_creates_no_file(empty_sqlite_url: str) -> None:
    status(empty_sqlite_url)
    assert not Path(empty_sqlite_url.removeprefix("sqlite:///")).exists()


def test_an_upgrade_brings_it_to_the_head_and_again_changes_nothing(
    empty_database_url: str,
) -> None:
    assert upgrade(empty_database_url).is_current
    assert upgrade(empty_database_url) == status(empty_database_url)
    assert status(empty_database_url).pending == ()


def test_the_tables_of_the_code_and_of_the_migrations_are_the_same(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, metadata()) == []


def test_large_tables_of_sqlite_are_clustered_by_their_key(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        ddl = "SELECT sql FROM sqlite_master WHERE name IN ('market_bars', 'backtest_performance')"
        for statement in connection.exec_driver_sql(ddl).scalars():
            assert statement.rstrip().endswith("WITHOUT ROWID")
    engine.dispose()


@pytest.mark.parametrize(
    ("value", "table"),
    [
        (OrderRequest, ORDERS),
        (OrderRequest, SIMULATED_ORDERS),
        (Fill, FILLS),
        (Fill, SIMULATED_FILLS),
    ],
)
def test_every_field_has_a_column(value: type, table: sa.Table) -> None:
    assert {field.name for field in fields(value)} <= set(table.columns.keys())


def test_migrations_run_down_and_up_again(empty_database_url: str, empty_engine: Engine) -> None:
    upgrade(empty_database_url)
    with empty_engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(SQL_FOLDER))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with empty_engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == [VERSION_TABLE]
    assert upgrade(empty_database_url).is_current


def test_a_migration_that_fails_leaves_nothing(
    empty_database_url: str, empty_engine: Engine
) -> None:
    """A table of the last migrations is in the way: the first ones are taken back too."""
    with empty_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE backtest_runs (id INTEGER)")
    with pytest.raises(StoreError, match="backtest_runs"):
        upgrade(empty_database_url)
    with empty_engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["backtest_runs"]
    assert status(empty_database_url).current is None


def test_a_schema_that_is_behind_names_the_command(empty_engine: Engine) -> None:
    with pytest.raises(StoreError, match=r"its schema is empty.*ztrade db upgrade"):
        require_current(empty_engine)


def test_a_current_schema_is_accepted(engine: Engine) -> None:
    require_current(engine)


def test_a_schema_newer_than_the_code_is_refused(database_url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")  # noqa: S608 - ours
    assert status(database_url).newer_than_code
    with pytest.raises(StoreError, match="9999 is newer than this code"):
        require_current(engine)
    with pytest.raises(StoreError, match="9999 is newer than this code"):
        upgrade(database_url)


@pytest.fixture
def humble_url(postgres_url: str, empty_postgres_url: str) -> Iterator[str]:
    """An empty database owned by a login role that may not create roles; ztrade_app exists."""
    assert postgres_url != empty_postgres_url
    url = sa.make_url(empty_postgres_url)
    admin = make_engine(empty_postgres_url)
    with admin.begin() as connection:
        connection.exec_driver_sql("CREATE ROLE humble LOGIN")
        connection.exec_driver_sql(f"ALTER DATABASE {url.database} OWNER TO humble")
    yield url.set(username="humble").render_as_string(hide_password=False)
    with admin.begin() as connection:
        connection.exec_driver_sql("REASSIGN OWNED BY humble TO postgres")
        connection.exec_driver_sql("DROP OWNED BY humble")
        connection.exec_driver_sql("DROP ROLE humble")
    admin.dispose()


def test_whoever_may_not_create_roles_grants_to_the_one_that_exists(
    humble_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging()  # another test's command may have silenced warnings
    assert upgrade(humble_url).is_current
    assert "ledger_role_missing" not in capsys.readouterr().err
    engine = make_engine(humble_url)
    may = "SELECT has_table_privilege('ztrade_app', 'decisions', %(right)s)"
    with engine.connect() as connection:
        rights = {
            right: connection.exec_driver_sql(may, {"right": right}).scalar()
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        }
    engine.dispose()
    assert [right for right, granted in rights.items() if granted] == ["SELECT", "INSERT"]


def test_a_role_that_cannot_be_created_is_missed_loudly(
    humble_url: str, postgres_server: EmbeddedPostgres, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging()  # another test's command may have silenced warnings
    admin = make_engine(postgres_server.url("postgres"))
    rename = "ALTER ROLE {} RENAME TO {}"
    with admin.begin() as connection:
        connection.exec_driver_sql(rename.format("ztrade_app", "away"))
    try:
        assert upgrade(humble_url).is_current
    finally:
        with admin.begin() as connection:
            connection.exec_driver_sql(rename.format("away", "ztrade_app"))
        admin.dispose()
    said = capsys.readouterr()
    assert "ledger_role_missing" in said.out + said.err
