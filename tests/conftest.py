"""Fixtures that every test may use: databases, stores, how long a campaign is, the exam's table."""

import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import Engine

from tests.fakes.postgres import EmbeddedPostgres, PostgresMissingError
from tests.faults.exam_table import FORM, FORMS, IS_FULL, PROPERTY, Exam, amiss, rows_of, table
from ztrade_core.ports.store import Store
from ztrade_core.store.engine import make_engine
from ztrade_core.store.memory import MemoryStore
from ztrade_core.store.migrations import upgrade
from ztrade_core.store.sql_store import SqlStore

STARTED = pytest.StashKey[float]()
# Whoever loads the shipped configuration asks no vendor, in processes of its own neither.
os.environ["ZTRADE_MARKET_DATA"] = "files"  # noqa: TID251 - set, not read
TEMPLATE = "ztrade_template"

settings.register_profile(
    "quick", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "full", max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("full" if IS_FULL else "quick")


@pytest.fixture(scope="session")
def campaign() -> Callable[[int], int]:
    """How many rounds to run of a campaign that is `full` rounds long: all, or a tenth."""
    return lambda full: full if IS_FULL else max(1, full // 10)


@pytest.fixture
def exam(record_property: Callable[[str, object], None]) -> Exam:
    """Where a test records what it tried and found, for the exam's table."""
    return Exam(record_property)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server of this session (with xdist: of this worker)."""
    try:
        server = EmbeddedPostgres()
    except PostgresMissingError as error:
        pytest.skip(f"NOT TESTED ON POSTGRESQL: {error}")
    with server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: EmbeddedPostgres) -> str:
    """The name of a migrated database, to be copied."""
    postgres_server.create_database(name=TEMPLATE)
    upgrade(postgres_server.url(TEMPLATE))
    return TEMPLATE


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh migrated SQLite database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'ztrade.db')}"


@pytest.fixture
def postgres_url(postgres_server: EmbeddedPostgres, postgres_template: str) -> Iterator[str]:
    """A fresh migrated PostgreSQL database."""
    name = postgres_server.create_database(template=postgres_template)
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """A SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def empty_postgres_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A PostgreSQL database without a table."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database, on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """A database without a schema, on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"empty_{request.param}_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh migrated database, on SQLite and on PostgreSQL."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def shared_engines(
    sqlite_template: Path,
    postgres_server: EmbeddedPostgres,
    postgres_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Engine]]:
    """Engines by kind on databases that tests with many small examples share."""
    folder = tmp_path_factory.mktemp("shared")
    name = postgres_server.create_database(template=postgres_template)
    engines = {
        "sqlite": make_engine(f"sqlite:///{shutil.copy(sqlite_template, folder / 'shared.db')}"),
        "postgres": make_engine(postgres_server.url(name)),
    }
    yield engines
    for engine in engines.values():
        engine.dispose()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store: in memory, on SQLite and on PostgreSQL."""
    if request.param == "memory":
        yield MemoryStore()
        return
    engine = make_engine(request.getfixturevalue(f"{request.param}_url"))
    yield SqlStore(engine)
    engine.dispose()


def pytest_configure(config: pytest.Config) -> None:
    """Learn the marker, and when the run began; refuse an exam of another form."""
    config.addinivalue_line("markers", "exam(area): counts as a case of an area of the exam")
    config.stash[STARTED] = time.perf_counter()
    if FORM not in FORMS:
        raise pytest.UsageError(f"EXAM={FORM}: write EXAM=full or EXAM=quick, or leave it out")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note the area that a test is marked with, whatever becomes of the test."""
    for marker in item.iter_markers("exam"):
        item.user_properties.append((PROPERTY, {"area": str(marker.args[0])}))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail an exam in which an area is missing, or something was found."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    is_worker = hasattr(session.config, "workerinput")
    if is_worker or reporter is None or session.config.option.collectonly:
        return
    if (
        amiss(rows_of(reporter.stats), whole=bool(FORM))
        and session.exitstatus == pytest.ExitCode.OK
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the exam's table, when anything was recorded or an exam is held."""
    rows, stats = rows_of(terminalreporter.stats), terminalreporter.stats
    if not (rows or FORM) or config.option.collectonly:
        return
    for line in table(rows, whole=bool(FORM)):
        terminalreporter.write_line(line)
    tests = sum(len(stats.get(outcome, ())) for outcome in ("passed", "failed"))
    minutes, seconds = divmod(round(time.perf_counter() - config.stash[STARTED]), 60)
    terminalreporter.write_line(
        f"exam {FORM or 'quick, in part'}: {tests:,} tests, {minutes} min {seconds} s,"
        f" Python {platform.python_version()}, {platform.system()}"
    )
    for text in amiss(rows, whole=bool(FORM)):
        terminalreporter.write_line(f"exam: {text}")
