"""`ztrade audit verify`: a ledger that was touched is found, and the row named; exit code 3."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.terminal import Terminal
from tests.pipelines.rehearsed import buy_in_rehearsal


@pytest.fixture
def traded(tmp_path: Path, sqlite_template: Path) -> Terminal:
    """A terminal on a store with two decisions."""
    made = Terminal(tmp_path)
    made.use_database(sqlite_template)
    buy_in_rehearsal(made)
    return made


def tamper(terminal: Terminal, *statements: str) -> None:
    """Do what the triggers forbid: drop them first, as an intruder with the file would."""
    with closing(sqlite3.connect(terminal.data / "ztrade.db")) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in found.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def head_of(terminal: Terminal) -> str:
    head = terminal.type("audit", "verify", "--json").document()["head"]
    return f"{head['sequence']}:{head['digest']}"


def test_an_untouched_ledger_is_intact_and_shows_its_head(traded: Terminal) -> None:
    shown = traded.type("audit", "verify")
    assert shown.code == 0
    assert "intact: 2 rows" in shown.out
    assert head_of(traded) in shown.out


def test_its_head_is_an_anchor_with_and_without_the_sequence(traded: Terminal) -> None:
    anchor = head_of(traded)
    assert traded.type("audit", "verify", "--anchor", anchor).code == 0
    assert traded.type("audit", "verify", "--anchor", anchor.partition(":")[2]).code == 0


EDITED = "UPDATE decisions SET reason = 'another' WHERE sequence = 1"
DELETED = "DELETE FROM decisions WHERE sequence = 1"
CUT = "DELETE FROM decisions WHERE sequence = 2"


@pytest.mark.parametrize(("statement", "row"), [(EDITED, 1), (DELETED, 2)])
def test_an_edited_or_deleted_row_is_named(traded: Terminal, statement: str, row: int) -> None:
    tamper(traded, "PRAGMA foreign_keys = OFF", statement)
    shown = traded.type("audit", "verify")
    assert shown.code == 3
    assert f"broken at row {row}" in shown.out
    document = traded.type("audit", "verify", "--json")
    assert document.code == 3
    assert f'"sequence": {row}' in document.out


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE decision_inputs SET content = '{}'", "the inputs it saw were edited"),
        ("DELETE FROM decision_inputs", "the inputs it saw are gone"),
        ("UPDATE orders SET quantity = '1' WHERE role = 'entry'", "the order it asked for"),
        ("DELETE FROM orders WHERE role = 'entry'", "the order it asked for"),
    ],
)
def test_edited_inputs_and_orders_are_found_behind_their_digests(
    traded: Terminal, statement: str, said: str
) -> None:
    tamper(traded, "PRAGMA foreign_keys = OFF", statement)
    shown = traded.type("audit", "verify", "--json")
    assert shown.code == 3
    fault = json.loads(shown.out)["fault"]
    assert said in fault["problem"]
    assert fault["decision_id"]


@pytest.mark.parametrize("form", [str, lambda anchor: anchor.partition(":")[2]])
def test_a_cut_tail_is_found_with_an_anchor_kept_outside(
    traded: Terminal, form: Callable[[str], str]
) -> None:
    anchor = form(head_of(traded))
    tamper(traded, "PRAGMA foreign_keys = OFF", CUT, "DELETE FROM ledger_anchors")
    assert traded.type("audit", "verify").code == 0  # inside, nothing tells
    shown = traded.type("audit", "verify", "--anchor", anchor)
    assert shown.code == 3
    assert "broken at row 2" in shown.out
