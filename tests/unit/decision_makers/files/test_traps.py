"""Traps where an answer should lie: none is opened, followed or waited on, each is moved aside."""

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from typing_extensions import override

from tests.fakes.moments import tsla_agent, tsla_moment
from tests.fakes.oversight import ANSWER, ME, Desk, nothing, outcome, put
from ztrade_core.decision_makers.files.folders import OpenFolders, Room
from ztrade_core.decision_makers.files.requests import new_request
from ztrade_core.decision_makers.files.responses import Inbox
from ztrade_core.domain.answers import AnswerOutcome

FOREIGNER = 12_345
Trap = Callable[[Path], None]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data")


def link(path: Path) -> None:
    aim = path.parents[2] / "aim.json"
    put(aim, json.dumps(ANSWER))
    path.symlink_to(aim)


def dangling(path: Path) -> None:
    path.symlink_to("/nowhere/at/all")


def hard_link(path: Path) -> None:
    aim = path.parents[2] / "aim.json"
    put(aim, json.dumps(ANSWER))
    os.link(aim, path)


def folder(path: Path) -> None:
    path.mkdir()
    (path / "inner").write_text("x")


def unix_socket(path: Path) -> None:
    here = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f"/proc/self/fd/{here}/s")  # the path itself may be too long for a socket
    os.close(here)
    (path.parent / "s").rename(path)


def writable(path: Path) -> None:
    put(path, json.dumps(ANSWER))
    path.chmod(0o620)


def foreign(path: Path) -> None:
    put(path, json.dumps(ANSWER))
    os.chown(path, FOREIGNER, -1)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)
    path.chmod(0o600)


TRAPS: dict[Trap, str] = {
    link: "it is a link",
    dangling: "it is a link",
    os.mkfifo: "it is a pipe (FIFO)",
    folder: "it is a folder",
    unix_socket: "it is a socket",
    hard_link: "it has 2 names (hard links)",
    writable: "others may write it (mode 0620)",
    sparse: f"it has {1 << 30} bytes, above 65536",
}


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.__name__)
def test_a_trap_is_moved_aside_and_waiting_goes_on(desk: Desk, trap: Trap) -> None:
    reason = TRAPS[trap]
    paid = desk.ask(lambda: trap(desk.answer_path()), nothing, desk.answer)
    assert outcome(paid) == (AnswerOutcome.ANSWERED, "")
    assert desk.refusals() == [reason]
    assert len(desk.names("refused")) == 2


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.__name__)
def test_a_trap_alone_is_a_hold_that_says_what_lay_there(desk: Desk, trap: Trap) -> None:
    paid = desk.ask(lambda: trap(desk.answer_path()))
    told = f"nothing came within 10 s; a file was refused: {TRAPS[trap]}"
    assert outcome(paid) == (AnswerOutcome.TIMED_OUT, told)


@pytest.mark.skipif(ME != 0, reason="only root can make a file of another user")
def test_a_foreign_users_answer_is_refused_unless_it_is_the_configured_one(desk: Desk) -> None:
    paid = desk.ask(lambda: foreign(desk.answer_path()))
    assert outcome(paid)[0] is AnswerOutcome.TIMED_OUT
    assert desk.refusals() == [f"it belongs to user {FOREIGNER}"]
    known = Desk(desk.data, answerers=[FOREIGNER])
    assert outcome(known.ask(lambda: foreign(known.answer_path()))) == (AnswerOutcome.ANSWERED, "")


class Swapped(OpenFolders):
    """Folders where another answer takes the place of one just before that is taken."""

    @override
    def move(self, room: Room, name: str, *, to: Room, as_name: str) -> bool:
        if room is Room.RESPONSES and to is Room.ANSWERED:
            self.write(room, name, json.dumps(ANSWER | {"action": "sell"}))
        return OpenFolders.move(self, room, name, to=to, as_name=as_name)


def test_an_answer_exchanged_while_it_was_read_is_taken_in_neither_form(desk: Desk) -> None:
    with desk.oversight.opened() as opened:
        request = new_request(
            tsla_moment(), tsla_agent(), asked_at=desk.begins, deadline=desk.begins
        )
        put(desk.place / "responses" / request.answer_file, json.dumps(ANSWER))
        folders = Swapped(descriptors=opened.descriptors)
        inbox = Inbox(folders, request, owners=frozenset({ME}), now=lambda: desk.begins)
        assert inbox.look() is None
        assert inbox.look() is None
    assert desk.refusals() == ["it took another's place while that was read"]
    assert (desk.names("responses"), desk.names("answered")) == ([], [])


class Exchanged(OpenFolders):
    """Folders where a trap takes the place of a file after it was looked at, before it is opened."""

    @override
    def open(self, room: Room, name: str) -> int:
        folder = Path(f"/proc/self/fd/{self.descriptors[room]}")
        (folder / name).unlink()
        if (folder / ".link").exists():
            (folder / name).symlink_to("/etc/hostname")
        else:
            os.mkfifo(folder / name)
        return OpenFolders.open(self, room, name)


@pytest.mark.parametrize(
    ("is_link", "reason"),
    [
        (False, "it is a pipe (FIFO)"),
        (True, "it cannot be opened (Too many levels of symbolic links)"),
    ],
)
def test_a_trap_laid_between_looking_and_opening_neither_blocks_nor_leads_away(
    desk: Desk, *, is_link: bool, reason: str
) -> None:
    with desk.oversight.opened() as opened:
        request = new_request(
            tsla_moment(), tsla_agent(), asked_at=desk.begins, deadline=desk.begins
        )
        responses = desk.place / "responses"
        put(responses / request.answer_file, json.dumps(ANSWER))
        if is_link:
            (responses / ".link").touch()
        folders = Exchanged(descriptors=opened.descriptors)
        inbox = Inbox(folders, request, owners=frozenset({ME}), now=lambda: desk.begins)
        assert inbox.look() is None
        assert inbox.refused == [reason]
    assert desk.refusals() == [reason]
