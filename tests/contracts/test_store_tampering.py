"""Tampering with the ledger: the database refuses, and where it is made to obey, the chain shows it."""

# ruff: noqa: S608 - vandals write SQL as they please

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.fakes.answer_rows import answer, question
from tests.fakes.desk import at, bar, kit_on
from tests.fakes.desk_makers import proposal
from tests.fakes.postgres import EmbeddedPostgres
from tests.fakes.store_rooms import everything, write_everything
from tests.fakes.store_rows import decision, minutes, snapshot, verdict
from ztrade_core.domain.chain import EMPTY_HEAD, Anchor, ChainFault, ChainHead, first_fault
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import LedgerBrokenError, StoreError
from ztrade_core.store.engine import is_sqlite, make_engine
from ztrade_core.store.schema import APPEND_ONLY
from ztrade_core.store.sql_store import SqlStore

LEDGER = [table.name for table in APPEND_ONLY]
ROWS = 5
COLUMN = {
    "decisions": "reason",
    "risk_verdicts": "message",
    "decision_inputs": "symbol",
    "model_questions": "run_id",
    "model_answers": "raw",
}


@pytest.fixture
def ledger(engine: Engine) -> SqlStore:
    """A ledger of five decisions with their verdicts, inputs and an anchor."""
    store = SqlStore(engine)
    with store.locked() as unit:
        for number in range(1, ROWS + 1):
            unit.ledger.append(decision(number), (verdict(), verdict("RULE_002")), "")
        unit.ledger.put_snapshot(snapshot())
        unit.answers.reserve(question())
        unit.answers.put(answer())
        head = unit.ledger.head()
        unit.ledger.put_anchor(
            Anchor(
                sequence=head.sequence, digest=head.digest, anchored_at=minutes(0), place="dagster"
            )
        )
    return store


def as_a_vandal(engine: Engine, *statements: str) -> None:
    """Run SQL with the ledger's triggers out of the way."""
    with engine.begin() as connection:
        if is_sqlite(engine):
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for name in connection.exec_driver_sql(triggers).scalars().all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement)


def fault(store: SqlStore, until: ChainHead | None = None) -> ChainFault | None:
    with store.reading() as unit:
        return first_fault(unit.ledger.rows(), after=EMPTY_HEAD, until=until)


def head(store: SqlStore) -> ChainHead:
    with store.reading() as unit:
        return unit.ledger.head()


@pytest.mark.parametrize("table", LEDGER)
def test_the_database_refuses_to_change_the_ledger(
    ledger: SqlStore, engine: Engine, table: str
) -> None:
    statements = [
        f"UPDATE {table} SET {COLUMN.get(table, 'digest')} = 'x'",
        f"DELETE FROM {table}",
    ]
    if is_sqlite(engine):
        statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    else:
        statements.append(f"TRUNCATE {table}")
    for statement in statements:
        with engine.connect() as connection, pytest.raises(StoreError, match="append-only"):
            connection.exec_driver_sql(statement)
    assert fault(ledger, head(ledger)) is None


def test_an_untouched_chain_verifies(ledger: SqlStore) -> None:
    assert fault(ledger, head(ledger)) is None


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE decisions SET quantity = 99 WHERE sequence = 3", "edited"),
        ("UPDATE decisions SET decided_at = as_of, as_of = {early} WHERE sequence = 3", "edited"),
        ("UPDATE decisions SET factors = '[]' WHERE sequence = 3", "edited"),
        ("UPDATE decisions SET book = '' WHERE sequence = 3", "edited"),
        ("UPDATE risk_verdicts SET observed = NULL WHERE decision_id = 'decision-3'", "edited"),
        ("DELETE FROM risk_verdicts WHERE decision_id = 'decision-3' AND position = 1", "edited"),
        ("UPDATE decisions SET digest = 'f' WHERE sequence = 3", "edited"),
    ],
)
def test_an_edited_row_is_named(
    ledger: SqlStore, engine: Engine, statement: str, problem: str
) -> None:
    early = "0" if is_sqlite(engine) else "'1999-01-01T00:00:00Z'"
    as_a_vandal(engine, statement.format(early=early))
    found = fault(ledger)
    assert found is not None
    assert (found.sequence, found.decision_id) == (3, "decision-3")
    assert problem in found.problem


@pytest.mark.parametrize("edit", ["action = 'steal'", "factors = '{'"])
def test_a_row_edited_beyond_reading_is_named(ledger: SqlStore, engine: Engine, edit: str) -> None:
    as_a_vandal(engine, f"UPDATE decisions SET {edit} WHERE sequence = 3")
    with pytest.raises(LedgerBrokenError, match=r"row 3 \(decision-3\) cannot be read"):
        fault(ledger)


@pytest.mark.parametrize("edit", ["action = 'steal'", "factors = '{'"])
def test_a_row_edited_beyond_reading_is_named_whoever_looks_for_it(
    ledger: SqlStore, engine: Engine, edit: str
) -> None:
    as_a_vandal(engine, f"UPDATE decisions SET {edit} WHERE sequence = 3")
    day, key = timedelta(days=1), decision(3).key
    with ledger.reading() as unit:
        looks: tuple[Callable[[], object], ...] = (
            lambda: unit.ledger.by_id("decision-3"),
            lambda: unit.ledger.find(key),
            lambda: list(unit.ledger.rows_between(minutes(0) - day, minutes(0) + day)),
        )
        for look in looks:
            with pytest.raises(LedgerBrokenError, match=r"row 3 \(decision-3\) cannot be read"):
                look()
        with pytest.raises(LedgerBrokenError, match="one of the newest 5 rows cannot be read"):
            unit.ledger.recent(account=key.account)
        assert unit.ledger.by_id("decision-2") is not None


def test_the_rows_before_an_unreadable_one_are_still_given(
    ledger: SqlStore, engine: Engine
) -> None:
    as_a_vandal(engine, "UPDATE decisions SET action = 'steal' WHERE sequence = 3")
    day = timedelta(days=1)
    with ledger.reading() as unit:
        rows = unit.ledger.rows_between(minutes(0) - day, minutes(0) + day)
        assert [next(rows).sequence, next(rows).sequence] == [1, 2]
        with pytest.raises(LedgerBrokenError):
            next(rows)


def test_a_row_edited_beyond_reading_denies_entries_and_lets_exits_through(engine: Engine) -> None:
    slots = [("agent_tsla", iso_z(bar(number))) for number in range(4)]
    script = {slots[0]: proposal("buy"), slots[2]: proposal("sell"), slots[3]: proposal("buy")}
    desk_kit = kit_on(engine, script=script)
    desk_kit.put_bars({"TSLA": (100.0,) * 5})
    for number in (0, 1):
        desk_kit.cycle(at(number))
    as_a_vandal(engine, "UPDATE decisions SET action = 'steal' WHERE sequence = 2")
    leaving = desk_kit.cycle(at(2))
    assert leaving.validated.outcome.value == "approved"
    assert leaving.execution is not None
    assert leaving.execution.note == "sent: accepted"
    entry = desk_kit.cycle(at(3)).validated
    assert entry.outcome.value == "denied"
    assert "RULE_007: row 2 of the ledger does not verify" in entry.reason


def test_a_deleted_row_is_named(ledger: SqlStore, engine: Engine) -> None:
    as_a_vandal(engine, "DELETE FROM decisions WHERE sequence = 2")
    found = fault(ledger)
    assert found is not None
    assert "row 2 is missing" in found.problem


def test_reordered_rows_are_named(ledger: SqlStore, engine: Engine) -> None:
    as_a_vandal(
        engine,
        "UPDATE decisions SET sequence = 100 WHERE sequence = 2",
        "UPDATE decisions SET sequence = 2 WHERE sequence = 4",
        "UPDATE decisions SET sequence = 4 WHERE sequence = 100",
    )
    found = fault(ledger)
    assert found is not None
    assert (found.sequence, found.decision_id) == (2, "decision-4")


def test_a_cut_tail_shows_only_against_an_anchor(ledger: SqlStore, engine: Engine) -> None:
    anchored = head(ledger)
    as_a_vandal(engine, "DELETE FROM decisions WHERE sequence >= 4")
    assert fault(ledger) is None
    found = fault(ledger, anchored)
    assert found is not None
    assert found.sequence == 4
    assert "its tail was cut" in found.problem


def test_a_rewritten_history_shows_against_an_anchor(ledger: SqlStore, engine: Engine) -> None:
    anchored = head(ledger)
    as_a_vandal(engine, "DELETE FROM risk_verdicts", "DELETE FROM decisions WHERE sequence > 0")
    with ledger.locked() as unit:
        for number in range(1, ROWS + 1):
            unit.ledger.append(decision(number, reason="nothing to see"), (), "")
    assert fault(ledger) is None
    found = fault(ledger, anchored)
    assert found is not None
    assert "rewritten" in found.problem


def test_an_edited_snapshot_is_refused(ledger: SqlStore, engine: Engine) -> None:
    as_a_vandal(engine, "UPDATE decision_inputs SET snapshot_hash = 'beef'")
    with ledger.reading() as unit, pytest.raises(StoreError, match="beef does not match its hash"):
        unit.ledger.snapshot("beef")


@pytest.fixture
def clerk(postgres_server: EmbeddedPostgres, postgres_url: str) -> Iterator[Engine]:
    """An engine of a login role that is a member of ztrade_app, and nothing more."""
    admin = make_engine(postgres_url)
    with admin.begin() as connection:
        exists = "SELECT 1 FROM pg_roles WHERE rolname = 'clerk'"
        if connection.exec_driver_sql(exists).first() is None:
            connection.exec_driver_sql("CREATE ROLE clerk LOGIN IN ROLE ztrade_app")
    admin.dispose()
    name = sa.make_url(postgres_url).database
    engine = make_engine(postgres_server.url(str(name), user="clerk"))
    yield engine
    engine.dispose()


@pytest.mark.parametrize("table", LEDGER)
def test_the_application_role_has_no_right_to_change_the_ledger(clerk: Engine, table: str) -> None:
    store = SqlStore(clerk)
    with store.locked() as unit:
        unit.ledger.append(decision(), (verdict(),), "")
    for statement in (
        f"UPDATE {table} SET {COLUMN.get(table, 'digest')} = 'x'",
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TABLE {table}",
    ):
        with clerk.connect() as connection, pytest.raises(StoreError, match=r"denied|owner"):
            connection.exec_driver_sql(statement)
    assert head(store).sequence == 1


def test_the_application_role_may_do_the_rest(clerk: Engine) -> None:
    store = SqlStore(clerk)
    with store.locked() as unit:
        write_everything(unit, 1)
    with store.reading() as unit:
        assert everything(unit)
