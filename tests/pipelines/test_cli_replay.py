"""`ztrade replay` and `ztrade why` as typed: what was rehearsed is proved, and every trail leads back."""

import json
from pathlib import Path

import pytest

from tests.fakes.terminal import Terminal
from tests.pipelines.rehearsed import buy_in_rehearsal, workshop_of
from tests.pipelines.test_cli_audit import tamper
from ztrade_core.domain.decisions import ChainedDecision
from ztrade_core.domain.orders import Order

DAY = "2022-12-28"


@pytest.fixture
def traded(tmp_path: Path, sqlite_template: Path) -> Terminal:
    """A terminal on a store with two decisions, the first one's order filled and its stop standing."""
    made = Terminal(tmp_path, width=200)
    made.use_database(sqlite_template)
    buy_in_rehearsal(made)
    return made


def kept(terminal: Terminal) -> tuple[ChainedDecision, list[Order]]:
    """The buy and the orders of its position."""
    workshop = workshop_of(terminal)
    with workshop.store.reading() as uow:
        row = next(uow.ledger.rows())
        orders = uow.orders.of_position(str(row.decision.client_order_id))
    workshop.engine.dispose()
    return row, orders


def test_a_decision_and_its_day_replay_byte_equal(traded: Terminal) -> None:
    decision_id = kept(traded)[0].decision.decision_id
    one = traded.type("replay", decision_id)
    assert one.code == 0, one.err
    assert one.out == f"{decision_id}: 1 decision replayed: 1 byte-equal\n"
    day = traded.type("replay", "--day", DAY, "--account", "rehearsal", "--json").document()
    assert (day["decisions"], day["equal"], day["all_equal"]) == (2, 2, True)
    empty = traded.type("replay", "--day", "2022-12-27")
    assert (empty.code, "nothing was decided" in empty.out) == (0, True)


def test_an_edited_row_is_exit_code_3_and_names_the_field(traded: Terminal) -> None:
    tamper(traded, "UPDATE decisions SET reason = 'n\x1b[2Jo' WHERE sequence = 1")
    shown = traded.type("replay", "--day", DAY, "--agent", "agent_tsla")
    assert shown.code == 3
    assert "1 byte-equal, 1 different" in shown.out
    assert "decision.reason" in shown.out
    assert "\x1b[2J" not in shown.out
    document = traded.type("replay", "--day", DAY, "--json")
    assert document.code == 3
    [bad] = json.loads(document.out)["unequal"]
    assert [found["field"] for found in bad["differences"]] == ["decision.reason"]


def test_another_configuration_is_said_and_is_not_equal(traded: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "config"
    source = Path(traded.environment["ZTRADE_HOME"]) / "config"
    for path in source.rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    limits = folder / "company.yaml"
    limits.write_text(limits.read_text().replace("name:", "name: Another #", 1))
    shown = traded.type("replay", "--day", DAY, ZTRADE_CONFIG_DIR=str(folder))
    assert shown.code == 3
    assert "2 decided under another configuration" in shown.out
    assert shown.out.count("now say the same") == 1, "rows of one digest are told together"
    assert "rows 1 to 2: decided under another configuration" in shown.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name a decision or a day"),
        (("d-1", "--day", DAY), "name a decision or a day"),
        (("d-1", "--agent", "agent_tsla"), "give --day DATE"),
        (("--day", "yesterday"), "write one like 2022-12-28"),
        (("--day", DAY, "--agent", "nobody"), "no agent 'nobody'"),
        (("d-1",), "no decision 'd-1' in the ledger"),
    ],
)
def test_a_wrong_request_is_one_line_and_exit_code_2(
    traded: Terminal, words: tuple[str, ...], said: str
) -> None:
    shown = traded.type("replay", *words)
    assert shown.code == 2
    assert said in shown.err
    assert shown.err.count("\n") == 1


def test_why_leads_from_every_order_to_the_vendors_row(traded: Terminal) -> None:
    row, orders = kept(traded)
    decision = row.decision
    assert len(orders) >= 2
    asked = [decision.decision_id]
    asked += [order.request.client_order_id for order in orders]
    asked += [order.broker_order_id for order in orders if order.broker_order_id]
    assert len(asked) >= 4
    for which in asked:
        shown = traded.type("why", which)
        assert shown.code == 0, shown.err
        for text in (
            decision.decision_id,
            "1 fill",
            "entry buy",
            "rules: ",
            "because: a test",
            "vendor's row: hand-made, ingested ",
            "its values are those seen",
            "none was known",
        ):
            assert text in shown.out, text
        document = traded.type("why", which, "--json").document()
        assert document["decision"]["decision_id"] == decision.decision_id
        assert document["seen"]["decision_bar"]["source"] == "hand-made"
        assert document["seen"]["decision_bar"]["is_seen"] is True
    assert "<- asked about" in traded.type("why", orders[-1].request.client_order_id).out


def test_why_of_an_unknown_id_says_what_to_do(traded: Terminal) -> None:
    shown = traded.type("why", "zt1-nobody")
    assert shown.code == 2
    assert "nothing is known of 'zt1-nobody'" in shown.err
    assert "ztrade audit show" in shown.err
    assert shown.err.count("\n") == 1


def test_why_says_when_the_bar_was_changed_since(traded: Terminal) -> None:
    decision = kept(traded)[0].decision
    tamper(traded, "UPDATE market_bars SET close = close + 1, high = high + 1")
    shown = traded.type("why", decision.decision_id)
    assert "its close is" in shown.out
