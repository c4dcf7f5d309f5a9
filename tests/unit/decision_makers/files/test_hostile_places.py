"""Folders under attack while a question waits: it ends in its time, and nothing outside is touched."""

import errno
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from tests.fakes.moments import tsla_agent, tsla_moment
from tests.fakes.oversight import ANSWER, Desk, nothing, outcome, put, render
from ztrade_core.decision_makers.automated.prompt import Prompt
from ztrade_core.decision_makers.files.folders import MOST_LISTED
from ztrade_core.decision_makers.files.maker import FileMaker
from ztrade_core.decision_makers.files.requests import MOST_BYTES
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.decisions import Action
from ztrade_core.domain.model_config import SubagentConfig
from ztrade_core.errors import ConfigError
from ztrade_core.ports.clock import Clock

FLOOD = MOST_LISTED + 500


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data")


def test_an_answer_that_is_a_second_name_of_a_secret_is_not_read(
    desk: Desk, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(json.dumps(ANSWER | {"rationale": "KEY-123"}))
    secret.chmod(0o600)
    paid = desk.ask(lambda: os.link(secret, desk.answer_path()))
    assert outcome(paid)[0] is AnswerOutcome.TIMED_OUT
    assert "KEY-123" not in repr(paid)
    assert "KEY-123" in secret.read_text()
    assert (secret.stat().st_nlink, len(desk.names("refused"))) == (2, 2)


@pytest.mark.parametrize("room", ["oversight", "requests", "responses"])
def test_folders_removed_while_it_waits_end_the_question(desk: Desk, room: str) -> None:
    place = desk.place if room == "oversight" else desk.place / room

    def remove() -> None:
        desk.request()
        shutil.rmtree(place)

    paid = desk.ask(remove, nothing)
    found, problem = outcome(paid)
    assert found is AnswerOutcome.FAILED
    assert "was removed meanwhile" in problem
    assert paid.record is not None
    assert paid.record.cost.seconds == 1.0
    assert (paid.proposal.is_invalid, paid.proposal.is_unheard) == (False, True)
    assert desk.ask(desk.answer).proposal.action is Action.BUY


def test_folders_moved_and_laid_anew_while_it_waits_are_not_believed(
    desk: Desk, tmp_path: Path
) -> None:
    """The answer that counts lies in the folder that was asked in, wherever that has gone."""

    def move() -> None:
        desk.request()
        desk.place.rename(tmp_path / "elsewhere")
        with desk.oversight.opened():
            name = desk.told[0]["answer_file"]
            put(desk.place / "responses" / name, json.dumps(ANSWER | {"action": "sell"}))

    def answer() -> None:
        name = desk.told[0]["answer_file"]
        put(tmp_path / "elsewhere" / "responses" / name, json.dumps(ANSWER))

    assert desk.ask(move, nothing, answer).proposal.action is Action.BUY
    assert len(desk.names("responses")) == 1


@pytest.mark.parametrize("room", ["requests", "responses"])
def test_a_folder_opened_to_others_while_it_waits_ends_the_question(desk: Desk, room: str) -> None:
    def open_up() -> None:
        desk.answer_path().with_name("x").touch()
        (desk.place / room).chmod(0o777)

    paid = desk.ask(open_up, nothing, desk.answer)
    found, problem = outcome(paid)
    assert found is AnswerOutcome.FAILED
    assert "may be written by others (mode 0777)" in problem
    assert desk.names("requests") == []


class SetBack(Clock):
    """A clock that somebody sets back by an hour at every look."""

    def __init__(self, begins: datetime) -> None:
        self.slept: list[float] = []
        self._now = begins

    @override
    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now -= timedelta(hours=1)


def test_a_clock_set_back_again_and_again_does_not_lengthen_the_wait(desk: Desk) -> None:
    clock = SetBack(desk.begins)
    config = SubagentConfig(timeout_seconds=10.0, poll_seconds=1.0)
    maker = FileMaker(desk.oversight, render, clock=clock, sleep=clock.sleep, config=config)
    paid = maker.ask(tsla_moment(), tsla_agent())
    assert outcome(paid)[0] is AnswerOutcome.TIMED_OUT
    assert clock.slept == [1.0] * 11
    assert paid.record is not None
    assert paid.record.cost.seconds == 0.0


def test_a_flood_of_answers_hides_none_and_is_never_listed_whole(desk: Desk) -> None:
    desk.ask(desk.answer)
    responses = desk.place / "responses"
    for number in range(FLOOD):
        os.close(os.open(responses / f"line\n{number}", os.O_CREAT | os.O_WRONLY, 0o600))
    assert desk.ask(nothing, desk.answer).proposal.action is Action.BUY
    swept = desk.maker().tidy()
    assert (swept.refused, len(desk.names("responses"))) == (200, FLOOD - 400)


def test_a_flood_of_megabytes_that_look_like_requests_is_read_in_parts(desk: Desk) -> None:
    desk.ask(desk.answer)
    requests = desk.place / "requests"
    for number in range(150):
        path = requests / f"agent_a-{number:012x}.json"
        with path.open("wb") as file:
            file.truncate(MOST_BYTES + 1)
        os.utime(path, (0, 0))
    assert desk.ask(desk.answer).proposal.action is Action.BUY
    assert len(desk.names("requests")) == 50
    assert desk.maker().tidy().expired == 50


def test_prompt_files_that_do_not_fit_are_a_hold_that_was_not_asked(desk: Desk) -> None:
    def spoilt(*_: object) -> Prompt:
        raise ConfigError("config/prompts/automated/moment.md: unknown field ${nothing}")

    maker = FileMaker(desk.oversight, spoilt, clock=SetBack(desk.begins), sleep=lambda _: None)
    paid = maker.ask(tsla_moment(), tsla_agent())
    found, problem = outcome(paid)
    assert found is AnswerOutcome.UNASKED
    assert "unknown field ${nothing}" in problem
    assert (paid.proposal.action, paid.proposal.is_invalid) == (Action.HOLD, False)
    assert paid.proposal.is_unasked


@pytest.fixture
def tiny_disk() -> Iterator[Path]:
    """A disk of 128 KiB, mounted for the test."""
    folder = Path(tempfile.mkdtemp(prefix="ztrade-tiny-"))
    words = ("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder))
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        folder.rmdir()
        pytest.skip(f"NOT TESTED ON A FULL DISK: none can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(("umount", "-l", str(folder)), check=True)  # noqa: S603, S607 - ours
    folder.rmdir()


def fill(folder: Path) -> None:
    """Leave no room at all."""
    with (folder / "ballast").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1_024))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


def test_a_full_disk_is_a_hold_that_was_not_asked_and_leaves_nothing(tiny_disk: Path) -> None:
    desk = Desk(tiny_disk / "data")
    with desk.oversight.opened():
        fill(tiny_disk)
    paid = desk.ask()
    found, problem = outcome(paid)
    assert found is AnswerOutcome.UNASKED
    assert "No space left" in problem
    assert desk.names("requests") == []
    (tiny_disk / "ballast").unlink()
    assert desk.ask(desk.answer).proposal.action is Action.BUY


def test_a_disk_that_fills_while_it_waits_costs_no_answer(tiny_disk: Path) -> None:
    """The answer was laid down before; what cannot be written any more is only the note about it."""
    desk = Desk(tiny_disk / "data")

    def answer() -> None:
        desk.answer()
        fill(tiny_disk)

    paid = desk.ask(answer)
    assert outcome(paid) == (AnswerOutcome.ANSWERED, "")
    assert paid.proposal.action is Action.BUY
    assert not any(name.endswith(".outcome.json") for name in desk.names("answered"))
