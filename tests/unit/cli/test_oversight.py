"""`ztrade oversight list`, `show` and `answer`, as typed, on real requests."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.hostile_headlines import HOSTILE
from tests.fakes.moments import reading, tsla_agent, tsla_moment
from tests.fakes.oversight import names_in
from tests.fakes.terminal import PROJECT, Terminal
from tests.unit.risk.builders import company
from ztrade_core.clocks.system import SystemClock
from ztrade_core.decision_makers.automated.prompt import render
from ztrade_core.decision_makers.automated.prompt_files import load_prompts
from ztrade_core.decision_makers.files.folders import OpenFolders, Oversight
from ztrade_core.decision_makers.files.requests import (
    Request,
    document_of,
    new_request,
    publish,
    text_of,
)
from ztrade_core.decision_makers.files.responses import Inbox

ANSWER = ("--action", "buy", "--confidence", "0.7", "--rationale", "why")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@pytest.fixture
def folders(terminal: Terminal) -> Iterator[OpenFolders]:
    with Oversight(terminal.data).opened() as opened:
        yield opened


def asked(folders: OpenFolders, *, seconds: float = 600.0, headlines: int = 0) -> Request:
    """Ask as a run does, in the words of a real prompt. Its lock is let go of with the process."""
    request, held = asked_and_held(folders, seconds=seconds, headlines=headlines)
    os.close(held)
    return request


def asked_and_held(
    folders: OpenFolders, *, seconds: float = 600.0, headlines: int = 0
) -> tuple[Request, int]:
    now: datetime = SystemClock().now()
    seen = tsla_moment(sentiment=reading(*HOSTILE[:headlines]))
    agent = tsla_agent()
    prompt = render(
        load_prompts(PROJECT / "config" / "prompts" / "automated"),
        seen,
        agent=agent,
        risk=company(agent).risk,
    )
    deadline = now + timedelta(seconds=seconds)
    request = new_request(seen, agent, asked_at=now, deadline=deadline)
    document = document_of(request, seen, agent, prompt)
    return request, publish(folders, request, document, text_of(request, prompt))


def test_looking_makes_nothing(terminal: Terminal) -> None:
    told = terminal.type("oversight", "list")
    assert (told.code, told.out) == (0, "no requests\n")
    assert terminal.type("oversight", "list", "--json").document() == {"requests": []}
    assert not terminal.data.exists()


def test_requests_are_listed_with_who_still_waits(terminal: Terminal, folders: OpenFolders) -> None:
    living, held = asked_and_held(folders)
    dead = asked(folders)
    late, also_held = asked_and_held(folders, seconds=-5.0)
    document = terminal.type("oversight", "list", "--json").document()
    states = {each["request_id"]: each["state"] for each in document["requests"]}
    assert states.keys() == {living.request_id, dead.request_id, late.request_id}
    assert states[living.request_id].startswith("waits ")
    assert states[dead.request_id] == "nobody waits: its run ended"
    assert states[late.request_id] == "its time is over"
    assert living.nonce not in str(document)
    shown = terminal.type("oversight", "list", COLUMNS="80")
    assert dead.request_id in shown.out
    assert max(len(line) for line in shown.out.splitlines()) <= 80
    for each in (held, also_held):
        os.close(each)


def test_a_request_is_shown_in_words_and_nothing_in_it_moves_the_terminal(
    terminal: Terminal, folders: OpenFolders
) -> None:
    request = asked(folders, headlines=34)
    twin = terminal.data / "oversight" / "requests" / f"{request.request_id}.txt"
    with twin.open("a") as file:
        file.write("\x1b[2J\x1b]0;owned\x07 \u202eturned\r\nlast")
    told = terminal.type("oversight", "show", request.request_id)
    assert told.code == 0
    for text in (request.answer_file, "TSLA", "RSI(14)", '"rationale"', "last"):
        assert text in told.out
    assert all(line.isprintable() for line in told.out.splitlines())


def test_an_answer_is_laid_down_so_that_it_is_taken(
    terminal: Terminal, folders: OpenFolders
) -> None:
    request, held = asked_and_held(folders)
    told = terminal.type("oversight", "answer", request.request_id, *ANSWER, "--stop", "80")
    assert told.code == 0, told.err
    again = terminal.type("oversight", "answer", request.request_id, *ANSWER)
    assert (again.code, again.out) == (2, "")
    assert "has an answer already; the first one counts" in again.err
    inbox = Inbox(folders, request, owners=frozenset({os.geteuid()}), now=SystemClock().now)
    taken = inbox.look()
    os.close(held)
    assert taken is not None
    assert taken.raw == (
        '{"action": "buy", "confidence": 0.7, "rationale": "why", "stop_price": 80.0}'
    )
    assert inbox.refused == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--confidence", "nan"), "this is no answer: NaN is no number"),
        (("--confidence", "1.5"), "confidence 1.5 is not within 0 to 1"),
        (("--rationale", " \x1b[2J"), "rationale has nothing in it that can be read"),
        (("--quantity", "3", "--fraction", "0.5"), "quantity and fraction were both given"),
        (("--action", "short"), "'short' is not one of"),
    ],
)
def test_what_is_no_answer_is_refused_and_nothing_is_written(
    terminal: Terminal, folders: OpenFolders, words: tuple[str, ...], problem: str
) -> None:
    request = asked(folders)
    told = terminal.type("oversight", "answer", request.request_id, *ANSWER, *words)
    assert (told.code, told.out) == (2, "")
    assert problem in told.err
    assert names_in(terminal.data / "oversight" / "responses") == []


def test_a_late_answer_is_refused(terminal: Terminal, folders: OpenFolders) -> None:
    request = asked(folders, seconds=-1.0)
    told = terminal.type("oversight", "answer", request.request_id, *ANSWER)
    assert (told.code, told.out) == (2, "")
    assert "too late" in told.err


@pytest.mark.parametrize("name", ["../../x", "agent_tsla-000000000000", "\x1b[2J", "a.json"])
def test_a_name_of_no_request_is_one_line(terminal: Terminal, name: str) -> None:
    for words in (("show", name), ("answer", name, *ANSWER)):
        told = terminal.type("oversight", *words)
        assert (told.code, told.out) == (2, "")
        assert "`ztrade oversight list` says which do" in told.err
        assert "\x1b" not in told.err
    assert not terminal.data.exists()


def test_an_answer_to_a_dead_run_is_refused(terminal: Terminal, folders: OpenFolders) -> None:
    request = asked(folders)
    told = terminal.type("oversight", "answer", request.request_id, *ANSWER)
    assert (told.code, told.out) == (2, "")
    assert "nobody waits for" in told.err
    assert names_in(terminal.data / "oversight" / "responses") == []


@pytest.mark.usefixtures("folders")
def test_an_unsafe_folder_is_one_line(terminal: Terminal) -> None:
    (terminal.data / "oversight").chmod(0o777)
    told = terminal.type("oversight", "list")
    assert (told.code, told.out) == (2, "")
    assert "chmod go-w" in told.err
