"""`ztrade agent run AGENT --manual`: a person is shown the request, pastes an answer, and confirms it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.pseudo_terminal import Conversation
from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AGENT, AS_OF, NEXT_BAR
from tests.pipelines.rehearsed import workshop_of
from tests.pipelines.test_cli_processes import terminal_with_bars
from ztrade_core.domain.answers import KeptAnswer

SLOT = "2022-12-28T14:55:00Z"
RUN = ("agent", "run", AGENT, "--manual", "--as-of", AS_OF)
ANSWER = {"action": "buy", "confidence": 0.9, "rationale": "a [bold]test[/]", "fraction": 0.5}
TEXT = json.dumps(ANSWER, indent=1)
ASKED, CONFIRM = "An empty line ends it.", "Decide so? [y/N]"


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    """A terminal on the hand-made market."""
    return terminal_with_bars(tmp_path, sqlite_template)


def kept(terminal: Terminal) -> tuple[int, list[KeptAnswer]]:
    """Return how many decisions there are, and the answers beside them."""
    workshop = workshop_of(terminal)
    with workshop.store.reading() as uow:
        found = len(list(uow.ledger.rows())), uow.answers.of_agent("rehearsal", 1, AGENT)
    workshop.engine.dispose()
    return found


@pytest.fixture
def talk(terminal: Terminal) -> Iterator[Conversation]:
    """A person at the command, on a terminal."""
    with Conversation(terminal.environment, *RUN) as made:
        yield made


def test_a_person_reads_pastes_and_confirms(terminal: Terminal, talk: Conversation) -> None:
    request = talk.until(ASKED)
    assert "======== WHO YOU ARE ========" in request
    assert "last close 100.02" in request
    for bad, said in (
        ("I would buy\n", "nothing may stand before it"),
        (f"{TEXT}\n{TEXT}\ny\n", "there are two values"),
        (TEXT.replace("0.9", "NaN") + "\n", "NaN is no number"),
        (TEXT.replace('"fraction": 0.5', '"stop_price": 200') + "\n", "not below"),
        ("\n", "it is empty"),
    ):
        talk.type(bad)
        assert said in talk.until(ASKED)
    assert kept(terminal) == (0, [])
    talk.type(TEXT + "\n")
    told = talk.until(CONFIRM)
    assert "RESIZED, as judged now" in told
    assert "buy 24 TSLA at most 100.22" in told
    assert "a [bold]test[/]" in told
    talk.type("y\n")
    assert talk.end() == 0
    assert "entry buy: accepted" in talk.plain()
    count, [answer] = kept(terminal)
    assert count == 1
    assert (answer.record.maker, json.loads(answer.record.raw)) == ("manual", ANSWER)
    assert answer.record.cost.seconds > 0.0
    question = json.loads(answer.record.question)
    assert question["shown"] in request


@pytest.mark.parametrize("said", ["n\n", "\n"])
def test_what_is_not_confirmed_claims_nothing(
    terminal: Terminal, talk: Conversation, said: str
) -> None:
    talk.until(ASKED)
    talk.type(TEXT + "\n")
    talk.until(CONFIRM)
    talk.type(said)
    assert talk.end() == 130
    assert "nothing is claimed" in talk.plain()
    assert kept(terminal) == (0, [])


def test_a_person_who_stops_claims_nothing(terminal: Terminal, talk: Conversation) -> None:
    talk.until(ASKED)
    talk.interrupt()
    assert talk.end() == 130
    assert "interrupted; nothing is claimed" in talk.plain()
    assert kept(terminal) == (0, [])


def test_the_end_of_the_input_claims_nothing(terminal: Terminal, talk: Conversation) -> None:
    talk.until(ASKED)
    talk.type("\x04")
    assert talk.end() == 2
    assert "error: no answer was given; nothing is claimed" in talk.plain()
    assert kept(terminal) == (0, [])


def test_fields_are_confirmed_at_a_terminal_too(terminal: Terminal) -> None:
    words = (*RUN, "--action", "buy", "--confidence", "0.1", "--rationale", "a test")
    with Conversation(terminal.environment, *words) as talk:
        told = talk.until(CONFIRM)
        assert "DENIED, as judged now" in told
        assert "RULE_021" in told
        assert "WHO YOU ARE" not in told
        talk.type("n\n")
        assert talk.end() == 130
    assert kept(terminal) == (0, [])


def test_a_decided_bar_is_said_before_anybody_types(terminal: Terminal) -> None:
    words = (*RUN, "--action", "hold")
    assert terminal.spawn(*words).code == 0
    with Conversation(terminal.environment, *RUN) as talk:
        assert talk.end() == 0
        said = talk.plain()
    assert f"slot {SLOT} of {AGENT} is decided already" in said
    assert ASKED not in said
    assert "the stored decision was continued" in said


def test_the_request_is_shown_to_a_program(terminal: Terminal) -> None:
    document = terminal.type(*RUN, "--show", "--json").document()
    assert (document["slot"], document["last_close"]) == (SLOT, 100.02)
    assert "# TSLA, 5m bars" in document["prompt"]["moment"]
    assert set(document["answer_schema"]["properties"]) >= {"action", "fraction"}
    shown = terminal.type(*RUN, "--show")
    assert (shown.code, shown.err) == (0, "")
    assert document["shown"] in shown.out
    assert kept(terminal) == (0, [])


def test_an_answer_from_a_pipe_and_a_file(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    file.write_text(TEXT)
    words = (*RUN, "--answer", str(file), "--slot", SLOT)
    dry = terminal.spawn(*words, "--dry-run", "--json").document()
    assert (dry["action"], dry["outcome"], dry["dry_run"]) == ("buy", "resized", True)
    done = terminal.spawn(*words, "--yes", "--json").document()
    assert (done["decided_now"], done["order"]["status"]) == (True, "accepted")
    count, [by_file, *_dry] = kept(terminal)
    assert (count, by_file.record.raw) == (1, TEXT)


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        (TEXT, (), "add --yes"),
        ("", ("--yes",), "--action"),
        ("prose", ("--yes",), "this answer cannot be used"),
        (TEXT.replace('"fraction": 0.5', '"stop_price": 200'), ("--yes",), "not below the last"),
        ("x" * 1_000_000, ("--yes",), "above 16384"),
        (TEXT, ("--yes", "--slot", "2022-12-28T14:50:00Z"), f"is for slot {SLOT} by now"),
    ],
)
def test_a_pipe_that_is_no_answer_ends_in_one_line(
    terminal: Terminal, text: str, more: tuple[str, ...], said: str
) -> None:
    answer = terminal.type(*RUN, *more, typed=text)
    assert (answer.code, answer.out) == (2, ""), answer.err
    [line] = answer.err.splitlines()
    assert said in line
    assert kept(terminal) == (0, [])


def test_a_later_bar_refuses_an_answer_for_an_earlier_one(terminal: Terminal) -> None:
    words = (
        "agent",
        "run",
        AGENT,
        "--manual",
        "--as-of",
        NEXT_BAR,
        "--action",
        "hold",
        "--slot",
        SLOT,
    )
    answer = terminal.spawn(*words)
    assert answer.code == 2
    assert f"the answer was written for slot {SLOT}" in answer.err
    assert kept(terminal) == (0, [])
