"""Looking for a day's decisions or a broker's order does not read the whole book."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from tests.fakes.store_rows import decision, minutes, order, verdict
from ztrade_core.store.engine import is_sqlite
from ztrade_core.store.sql_store import SqlStore


@pytest.fixture
def book(engine: Engine) -> Iterator[Connection]:
    """A connection to a book of some rows, on which PostgreSQL reads no table whole if it can help it."""
    with SqlStore(engine).locked() as uow:
        for number in range(1, 50):
            uow.ledger.append(decision(number, as_of=minutes(number)), (verdict(),), "")
        uow.orders.insert(order(1, broker_order_id="theirs"))
    with engine.connect() as connection:
        if not is_sqlite(engine):
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        yield connection


def asked(engine: Engine, connection: Connection) -> list[str]:
    """Return the plans of what the look-ups ask, in the database's words."""
    statements: list[tuple[str, object]] = []

    def note(*event: object) -> None:
        statement, parameters = event[2:4]
        statements.append((str(statement), parameters))

    sa.event.listen(engine, "before_cursor_execute", note)
    with SqlStore(engine).reading() as uow:
        assert len(list(uow.ledger.rows_between(minutes(3), minutes(5)))) == 2
        assert uow.orders.at_broker("theirs") is not None
    sa.event.remove(engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if is_sqlite(engine) else "EXPLAIN"
    plans = []
    for statement, parameters in statements:
        if "decisions.as_of >=" in statement or "orders.broker_order_id =" in statement:
            told = connection.exec_driver_sql(f"{explain} {statement}", parameters)  # type: ignore[arg-type]
            plans.append(" ".join(str(row) for row in told))
    return plans


def test_both_look_ups_go_by_an_index(book: Connection, engine: Engine) -> None:
    by_day, at_broker = asked(engine, book)
    assert "ix_decisions_as_of" in by_day
    assert "ix_orders_broker_order_id" in at_broker
