"""Looking into the folders between runs: what waits and what is new is told once, nothing is decided."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.moments import tsla_agent, tsla_moment
from tests.fakes.oversight import ANSWER, ME, Desk, put, render
from ztrade_core.clocks.system import SystemClock
from ztrade_core.decision_makers.files.folders import Oversight
from ztrade_core.decision_makers.files.requests import (
    Request,
    document_of,
    new_request,
    publish,
    text_of,
)
from ztrade_core.decision_makers.files.watching import Look, look

LATER = timedelta(seconds=5)


class Watch:
    """Looks one after another, five seconds apart, each with what the one before left."""

    def __init__(self, data: Path) -> None:
        self.place = Oversight(data)
        self.mark: str | None = None
        self.now = SystemClock().now() - 20 * LATER  # so that what a test makes comes after it

    def look(self) -> Look:
        found = look(self.place, self.now, self.mark, keep_days=30.0)
        self.mark, self.now = found.mark, self.now + LATER
        return found

    def catch_up(self) -> None:
        """Let the next look be after all that was made so far."""
        self.now = SystemClock().now() + LATER


@contextmanager
def waiting(watch: Watch, *, seconds: float = 60.0, **agent: str) -> Iterator[Request]:
    """A request that a living run waits for."""
    snapshot, asked = tsla_moment(), tsla_agent(**agent)
    request = new_request(
        snapshot,
        asked,
        asked_at=watch.now - LATER,
        deadline=watch.now + timedelta(seconds=seconds),
    )
    with watch.place.opened() as folders:
        document = document_of(request, snapshot, asked, render())
        held = publish(folders, request, document, text_of(request, render()))
        try:
            yield request
        finally:
            os.close(held)


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path / "data")


def test_where_nothing_was_asked_nothing_is_made(watch: Watch) -> None:
    assert watch.look().note == "nothing was ever asked by file"
    assert not watch.place.path.parent.exists()


def test_a_request_is_news_once_and_its_time_is_the_state(watch: Watch) -> None:
    with waiting(watch) as request:
        first, second = watch.look(), watch.look()
    (line,) = first.news
    assert "agent_tsla asks by file about TSLA, wanted by" in line
    assert f"`ztrade oversight show {request.request_id}`" in line
    assert second.news == ()
    assert (first.note.split(", ")[1], second.note.split(", ")[1]) == ("60 s more", "55 s more")
    assert watch.look().note == "no request waits"


def test_a_dead_runs_request_is_put_away_and_told_once(watch: Watch) -> None:
    with waiting(watch, seconds=-1.0):
        assert "its time is over" in watch.look().note
    assert watch.look().news == ("1 request of runs that died expired unanswered",)
    assert watch.look().news == ()


def test_what_was_refused_is_told_once_with_its_reason(watch: Watch) -> None:
    with watch.place.opened():
        watch.look()
    for number in range(7):
        put(watch.place.path / "responses" / f"\x1b[2Jx\n{number}", json.dumps(ANSWER))
    assert watch.look().news == ()  # they are refused by this look, and told by the next
    watch.catch_up()
    told = watch.look()
    assert len(told.news) == 6
    assert all("its name is no answer's" in line for line in told.news[:5])
    assert all(line.isprintable() for line in told.news)
    assert told.news[5] == "2 more were refused"
    assert told.note == "no request waits; 7 files refused since the last look"
    assert watch.look().news == ()


def test_what_lay_there_before_the_first_look_is_no_news(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.ask(desk.answer)
    put(desk.place / "responses" / "x", "y")
    desk.maker().tidy()
    watch = Watch(tmp_path)
    watch.now = SystemClock().now() + LATER
    assert watch.look().news == ()


def test_unsafe_folders_are_told_once_and_left_alone(watch: Watch) -> None:
    with waiting(watch, seconds=-1.0):
        watch.look()
    requests = watch.place.path / "requests"
    requests.chmod(0o777)
    first, second = watch.look(), watch.look()
    assert len(first.news) == 1
    assert f"{requests} may be written by others (mode 0777)" in first.news[0]
    assert (second.news, second.note) == ((), first.note)
    assert len(list(requests.iterdir())) == 2
    requests.chmod(0o700)
    assert watch.look().news == (
        "the folders can be used again",
        "1 request of runs that died expired unanswered",
    )


def test_a_mark_of_the_future_or_of_anything_begins_anew(watch: Watch) -> None:
    with watch.place.opened():
        watch.look()
    put(watch.place.path / "responses" / "x", "y")
    watch.look()
    for mark in (
        '{"until": "2999-01-01T00:00:00Z", "asked": [], "trouble": ""}',
        "[]",
        "{",
        "null",
    ):
        watch.mark = mark
        assert watch.look().news == ()


@pytest.mark.parametrize("content", ["", "[", '{"name": 1}', "\x00" * 5_000])
def test_a_reason_that_cannot_be_read_is_told_as_that(watch: Watch, content: str) -> None:
    with watch.place.opened():
        watch.look()
    put(watch.place.path / "refused" / f"{'a' * 16}.why.json", content)
    watch.catch_up()
    (line,) = watch.look().news
    assert line == f"a file was refused, and its reason cannot be read (refused/{'a' * 16})"


def test_a_reason_that_is_a_trap_is_not_waited_on_or_followed(watch: Watch) -> None:
    with watch.place.opened():
        watch.look()
    refused = watch.place.path / "refused"
    os.mkfifo(refused / f"{'a' * 16}.why.json")
    (refused / f"{'b' * 16}.why.json").symlink_to("/etc/hostname")
    watch.catch_up()
    news = watch.look().news
    assert len(news) == 2
    assert all("its reason cannot be read" in line for line in news)


def test_more_requests_than_a_line_holds_are_counted(watch: Watch) -> None:
    with watch.place.opened() as folders:
        snapshot, agent = tsla_moment(), tsla_agent()
        held = []
        for _ in range(8):
            request = new_request(snapshot, agent, asked_at=watch.now, deadline=watch.now + LATER)
            document = document_of(request, snapshot, agent, render())
            held.append(publish(folders, request, document, "x"))
        found = watch.look()
        assert found.note.endswith("; 3 more wait")
        for each in held:
            os.close(each)


@pytest.mark.skipif(ME != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_told_and_not_looked_into(watch: Watch) -> None:
    with watch.place.opened():
        pass
    os.chown(watch.place.path / "refused", 12_345, -1)
    (line,) = watch.look().news
    assert "refused belongs to user 12345" in line
