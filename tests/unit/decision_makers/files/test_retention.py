"""Retention: our own old files go by age and number; what is not ours, and what links lead to, stays."""

import os
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.oversight import ME, Desk, put
from ztrade_core.clocks.system import SystemClock
from ztrade_core.decision_makers.files.retention import MOST_DELETED, MOST_KEPT
from ztrade_core.decision_makers.files.sweeping import Swept

DAYS = timedelta(days=1)
ID = f"agent_tsla-{'a' * 12}"
KEPT = "b" * 16


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An oversight whose tidying happens a month and a day after its files were made."""
    made = Desk(tmp_path / "data")
    made.ask(made.answer)
    made.ask(made.request)
    put(made.place / "responses" / "x", "y")
    made.maker().tidy()
    made.begins = SystemClock().now() + 31 * DAYS
    return made


def test_after_keep_days_all_of_ours_goes_and_is_counted(desk: Desk) -> None:
    before = [len(desk.names(room)) for room in ("answered", "expired", "refused")]
    assert before == [4, 3, 2]
    assert desk.maker(keep_days=32.0).tidy() == Swept(expired=0, refused=0, deleted=0)
    assert desk.maker(keep_days=None).tidy() == Swept(expired=0, refused=0, deleted=0)
    assert desk.maker(keep_days=30.0).tidy() == Swept(expired=0, refused=0, deleted=9)
    assert [desk.names(room) for room in ("answered", "expired", "refused")] == [[], [], []]


def test_the_next_question_tidies_too(desk: Desk) -> None:
    assert desk.ask(desk.answer).proposal.action.value == "buy"
    assert len(desk.names("answered")) == 4
    assert desk.names("expired") == []


def test_names_that_we_do_not_give_stay(desk: Desk) -> None:
    names = {
        "answered": ("notes.txt", f"{ID}.exe", f"{ID}.json.bak", f"x{ID}", f"{ID}.json\n", ID),
        "expired": (f"{ID}.answer.json", "agent-1.json", f"..{'a' * 15}"),
        "refused": (f"{KEPT}.txt", f"{KEPT}f.file", "B" * 16 + ".file", f"{ID}.json"),
        "requests": ("mine",),
        "responses": (".mine",),
    }
    for room, each in names.items():
        for name in each:
            put(desk.place / room / name, "mine")
    beside = desk.place / f"{ID}.json"
    beside.write_text("mine")
    desk.maker().tidy()
    for room in ("answered", "expired", "refused"):
        assert set(names[room]) <= set(desk.names(room)), room
    assert beside.exists()


HOSTILE = {
    "answered": "agent_x-{:012x}.json",
    "expired": "agent_x-{:012x}.json",
    "refused": "{:016x}.file",
}


def hostile(room: Path, called: str, outside: Path) -> None:
    """Under names of ours: what a hostile program of our own user could have left in a folder."""
    link, to_folder, dangling, hard, pipe, folder, foreign, wire = (
        room / called.format(number) for number in range(8)
    )
    link.symlink_to(outside / "secret")
    to_folder.symlink_to(outside)
    dangling.symlink_to("/nowhere/at/all")
    os.link(outside / "secret", hard)
    os.mkfifo(pipe)
    folder.mkdir()
    (folder / "inner").write_text("x")
    foreign.write_text("x")
    if ME == 0:
        os.chown(foreign, 12_345, 12_345)
    here = os.open(room, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f"/proc/self/fd/{here}/s")  # the path itself may be too long for a socket
    os.close(here)
    (room / "s").rename(wire)


def test_links_pipes_and_foreign_files_go_themselves_and_lead_nowhere(
    desk: Desk, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("kept")
    for room, called in HOSTILE.items():
        hostile(desk.place / room, called, outside)
    swept = desk.maker().tidy()
    assert swept.deleted == 9 + 3 * 7
    assert (outside / "secret").read_text() == "kept"
    assert (outside / "secret").stat().st_nlink == 1
    for room in ("answered", "expired", "refused"):
        (folder,) = (desk.place / room).iterdir()
        assert [each.name for each in folder.iterdir()] == ["inner"]
    assert desk.maker().tidy().deleted == 0


def test_a_folder_that_became_a_link_is_not_tidied(desk: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (desk.place / "answered").rename(outside)
    (desk.place / "answered").symlink_to(outside)
    names = sorted(each.name for each in outside.iterdir())
    assert "is a file or a link" in desk.ask().proposal.rationale
    assert sorted(each.name for each in outside.iterdir()) == names


def test_too_many_go_the_oldest_first_in_parts(desk: Desk) -> None:
    desk.begins = SystemClock().now()
    refused = desk.place / "refused"
    for number in range(MOST_KEPT + MOST_DELETED // 2 - 2):
        (refused / f"{number:016x}.file").touch()
    first = desk.names("refused")
    assert desk.maker().tidy().deleted == MOST_DELETED // 2
    left = desk.names("refused")
    assert len(left) == MOST_KEPT
    gone = set(first) - set(left)
    assert f"{0:016x}.file" in gone
    assert f"{MOST_KEPT:016x}.file" not in gone
    assert desk.maker(keep_days=None).tidy().deleted == 0


def test_a_clock_that_was_set_back_deletes_nothing(desk: Desk) -> None:
    desk.begins = SystemClock().now() - 3_650 * DAYS
    assert desk.maker(keep_days=1.0).tidy().deleted == 0


def test_an_age_that_was_forged_does_not_count(desk: Desk) -> None:
    """A file's own time is what its writer says; what counts is when it was put there."""
    desk.begins = SystemClock().now()
    put(desk.place / "responses" / "evidence", "y")
    os.utime(desk.place / "responses" / "evidence", (0, 0))
    desk.maker().tidy()
    assert len(desk.names("refused")) == 4
    assert desk.maker(keep_days=1.0).tidy().deleted == 0
