"""`ztrade why` on a decision that a model made in a rehearsal: the question, the raw answer, the page's pointer."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.claude import (
    CANARY,
    HOLD,
    ClaudeServer,
    answering,
    deciding,
    message,
    text_block,
)
from tests.fakes.terminal import PROJECT, Terminal
from tests.pipelines.conftest import AGENT, AS_OF, NEXT_BAR, House, fill_store, manual_buy
from tests.pipelines.rehearsed import buy_in_rehearsal, workshop_of
from tests.pipelines.test_cli_audit import tamper

BUY = {**HOLD, "action": "buy", "confidence": 0.9, "rationale": "it rises"}
PROSE = "I would \x1b[2J[bold]buy[/].\nSure."


@pytest.fixture
def server() -> Iterator[ClaudeServer]:
    with ClaudeServer(deciding(BUY), answering(message(text_block(PROSE)))) as made:
        yield made


def rehearsed(folder: Path, template: Path, server: ClaudeServer) -> tuple[Terminal, list[str]]:
    """Let the model decide twice; return the terminal and the decisions' ids, oldest first."""
    terminal = Terminal(folder, width=200)
    terminal.use_database(template)
    workshop = workshop_of(terminal)
    fill_store(workshop)
    workshop.engine.dispose()
    key = {"ANTHROPIC_API_KEY": CANARY, "ANTHROPIC_BASE_URL": server.url}
    for as_of in (AS_OF, NEXT_BAR):
        words = ("agent", "run", AGENT, "--mode", "automated", "--as-of", as_of, "--json")
        done = terminal.spawn(*words, cwd=PROJECT, **key)
        assert done.code == 0, done.err
    shown = terminal.type("audit", "show", "--account", "rehearsal", "--json").document()
    return terminal, [each["decision_id"] for each in shown["decisions"]][::-1]


def test_why_leads_to_the_question_and_the_raw_answer(
    tmp_path: Path, sqlite_template: Path, server: ClaudeServer
) -> None:
    terminal, (bought, held) = rehearsed(tmp_path, sqlite_template, server)
    short = terminal.type("why", bought).out
    assert "attempt 1: claude-sonnet-5-5, answered" in short
    assert "## Your position" not in short
    for decision_id, asked in zip((bought, held), server.seen, strict=True):
        [kept] = terminal.type("why", decision_id, "--json").document()["answer"]["asked"]
        assert json.loads(kept["question"]) == asked.body
        assert kept["cost"]["usd"] > 0.0
        whole = terminal.type("why", decision_id, "--prompt").out
        told = asked.body["messages"][0]["content"]
        for line in told.splitlines():
            assert line in whole, line
        assert CANARY not in whole + json.dumps(kept)
    shown = terminal.type("why", held, "--prompt").out
    assert "I would [bold]buy[/].\n" in shown
    assert "\x1b" not in shown
    assert "- stop: sell 46 TSLA when the price touches" in shown, "it saw its open orders"
    seen = terminal.type("why", held, "--json").document()["seen"]
    assert [each["role"] for each in seen["open_orders"]] == ["stop", "target"]
    assert seen["position"]["quantity"] == 46.0
    order_id = terminal.type("why", bought, "--json").document()["orders"][0]["client_order_id"]
    assert "RAW ANSWER, attempt 1" in terminal.type("why", order_id, "--prompt").out
    assert terminal.type("replay", "--day", "2022-12-28").code == 0


def test_a_decision_that_nobody_outside_was_asked_for_has_no_prompt(
    tmp_path: Path, sqlite_template: Path
) -> None:
    terminal = Terminal(tmp_path, width=200)
    terminal.use_database(sqlite_template)
    buy_in_rehearsal(terminal)
    row = terminal.type("audit", "show", "1", "--json").document()
    shown = terminal.type("why", row["decision_id"], "--prompt").out
    assert "nothing to show whole" in shown
    assert "written by a person" in shown


def test_a_row_that_cannot_be_read_is_one_line_and_the_exit_code_of_a_broken_ledger(
    tmp_path: Path, sqlite_template: Path
) -> None:
    terminal = Terminal(tmp_path, width=200)
    terminal.use_database(sqlite_template)
    buy_in_rehearsal(terminal)
    row = terminal.type("audit", "show", "1", "--json").document()
    tamper(terminal, "UPDATE decisions SET action = 'steal' WHERE sequence = 1")
    for words in (
        ("why", row["decision_id"]),
        ("why", row["client_order_id"]),
        ("replay", row["decision_id"]),
        ("replay", "--day", "2022-12-28"),
        ("audit", "show", row["decision_id"]),
    ):
        shown = terminal.type(*words)
        assert shown.code == 3, words
        assert f"row 1 ({row['decision_id']}) cannot be read" in shown.err
        assert shown.err.count("\n") == 1
    assert terminal.type("replay", "--day", "2022-12-27").code == 0


def test_the_pages_decision_says_how_to_ask_why(house: House) -> None:
    metadata = house.decision_metadata(house.run(AGENT, manual_buy()))
    assert metadata["why"] == f"ztrade why {metadata['decision_id']} --prompt"
    dry = house.decision_metadata(house.run(AGENT, {**manual_buy(), "dry_run": True}))
    assert "why" not in dry, "a dry run is not in the ledger"
