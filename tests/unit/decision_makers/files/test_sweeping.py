"""Tidying: what dead runs and late answerers leave is put away, what the living hold is not touched."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.moments import tsla_agent, tsla_moment
from tests.fakes.oversight import ANSWER, Desk, put, render
from ztrade_core.decision_makers.files.folders import OpenFolders
from ztrade_core.decision_makers.files.requests import (
    Request,
    document_of,
    new_request,
    pending,
    publish,
    read_twin,
)
from ztrade_core.decision_makers.files.sweeping import Swept, sweep

TIDY = Swept(expired=0, refused=0)
OTHER = f"agent_btc-{'a' * 12}"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data")


def published(folders: OpenFolders, desk: Desk, **agent: str) -> tuple[Request, int]:
    """Publish a request that is open for ten seconds; it is held until the descriptor is closed."""
    snapshot, asked = tsla_moment(), tsla_agent(**agent)
    request = new_request(
        snapshot, asked, asked_at=desk.begins, deadline=desk.begins + timedelta(seconds=10)
    )
    document = document_of(request, snapshot, asked, render())
    return request, publish(folders, request, document, "what is asked")


def test_a_dead_runs_request_goes_after_its_deadline_and_not_before(desk: Desk) -> None:
    with desk.oversight.opened() as folders:
        request, held = published(folders, desk)
        os.close(held)
        assert pending(folders) == [(request, False)]
        assert sweep(folders, request.deadline, keep_days=30) == TIDY
        assert sweep(folders, request.deadline + timedelta(seconds=1), keep_days=30) == Swept(
            expired=1, refused=0
        )
        assert pending(folders) == []
    assert desk.names("expired") == [f"{request.request_id}{end}" for end in (".json", ".txt")]


def test_a_living_runs_request_stays_however_late_it_is(desk: Desk) -> None:
    with desk.oversight.opened() as folders:
        request, held = published(folders, desk)
        put(desk.place / "responses" / request.answer_file, json.dumps(ANSWER))
        much_later = request.deadline + timedelta(days=2)
        assert sweep(folders, much_later, keep_days=None) == TIDY
        assert pending(folders) == [(request, True)]
        assert read_twin(folders, request.request_id) == "what is asked"
        os.close(held)
        assert sweep(folders, much_later, keep_days=None) == Swept(expired=1, refused=1)
    assert desk.refusals() == ["it came after the question had ended"]


def test_answers_for_nobody_are_refused_each_with_its_reason(desk: Desk) -> None:
    desk.ask(desk.answer)
    desk.ask(desk.request)
    second, late = desk.told
    responses = desk.place / "responses"
    for name in (
        second["answer_file"],
        late["answer_file"],
        f"{OTHER}.{'0' * 32}.json",
        "answer.json",
        "\x1b[2Jclear.json",
        os.fsdecode(b"\xff\xfe"),
        "n" * 250,
    ):
        put(responses / name[:250], json.dumps(ANSWER))
    (responses / "folder").mkdir()
    assert desk.maker().tidy() == Swept(expired=0, refused=8)
    assert desk.names("responses") == []
    nameless = "its name is no answer's: <request id>.<nonce>.json"
    assert desk.refusals() == sorted(
        [
            "a second answer: the first one was taken",
            "it came after the question had ended",
            "no request of that name was asked",
            *[nameless] * 5,
        ]
    )
    for kept in (desk.place / "refused").glob("*.why.json"):
        assert json.loads(kept.read_text())["name"].isprintable()


def test_two_runs_do_not_touch_each_others_files(desk: Desk) -> None:
    with desk.oversight.opened() as folders:
        other, held = published(folders, desk, agent_id="agent_btc")
        theirs = desk.place / "responses" / other.answer_file
        paid = desk.ask(lambda: put(theirs, json.dumps(ANSWER | {"action": "sell"})), desk.answer)
        assert paid.proposal.rationale == "it rises"
        assert paid.proposal.action.value == "buy"
        assert pending(folders) == [(other, True)]
        assert theirs.exists()
        os.close(held)
    assert desk.names("refused") == []


def test_unfinished_temporary_files_go_after_ten_minutes(desk: Desk) -> None:
    desk.ask(desk.answer)
    left = [desk.place / room / ".left" for room in ("requests", "responses")]
    for path in left:
        path.touch()
    for age, stays in ((599, True), (601, False)):
        for path in left:
            if path.exists():
                then = desk.begins.timestamp() - age
                os.utime(path, (then, then))
        desk.maker().tidy()
        assert [path.exists() for path in left] == [stays, stays]
    assert desk.refusals() == ["it was never finished"]


def test_times_beyond_any_calendar_are_no_matter(desk: Desk) -> None:
    desk.ask(desk.answer)
    for number, stamp in enumerate((0, -(2**31), 2**40)):
        path = desk.place / "requests" / f".{number}"
        path.touch()
        os.utime(path, (stamp, stamp))
    desk.maker().tidy()
    assert set(desk.names("requests")) <= {".2"}


def test_what_is_no_request_is_put_aside_when_it_is_old(desk: Desk) -> None:
    desk.ask(desk.answer)
    requests = desk.place / "requests"
    (requests / "notes").write_text("mine")
    (requests / f"{OTHER}.json").write_text('{"form": "ztrade-request/1"}')
    (requests / f"agent_btc-{'b' * 12}.json").mkdir()
    (requests / f"agent_btc-{'c' * 12}.json").symlink_to("/etc/hostname")
    (requests / f"agent_btc-{'d' * 12}.txt").write_text("a twin alone")
    os.mkfifo(requests / f"agent_btc-{'e' * 12}.json")
    assert desk.maker().tidy() == TIDY
    assert len(desk.names("requests")) == 6
    for path in requests.iterdir():
        os.utime(path, (0, 0), follow_symlinks=False)
    assert desk.maker().tidy() == Swept(expired=4, refused=0)
    assert desk.names("requests") == []
    assert desk.refusals() == ["it is no request of ours"]


def test_a_flood_is_tidied_in_parts_and_hinders_no_answer(desk: Desk) -> None:
    desk.ask(desk.answer)
    for number in range(250):
        (desk.place / "responses" / f"{number}.json").touch()
    assert desk.ask(desk.answer).proposal.action.value == "buy"
    assert len(desk.names("responses")) == 50
    assert desk.maker().tidy() == Swept(expired=0, refused=50)


def test_what_cannot_be_moved_does_not_stop_the_asking(desk: Desk) -> None:
    """A file where a request's folder would have to go: that one stays, all else goes on."""
    desk.ask(desk.answer)
    stuck = desk.place / "requests" / f"{OTHER}.json"
    stuck.mkdir()
    os.utime(stuck, (0, 0))
    (desk.place / "expired" / stuck.name).write_text("in the way")
    assert desk.ask(desk.answer).proposal.action.value == "buy"
    assert stuck.exists()
