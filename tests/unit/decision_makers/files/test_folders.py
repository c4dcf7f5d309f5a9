"""The folders of decisions by file: made for us alone, refused when they are not."""

import os
import stat
from pathlib import Path

import pytest

from tests.fakes.oversight import ME, Desk, names_in
from ztrade_core.decision_makers.files.folders import Oversight, Room
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.decisions import Action
from ztrade_core.errors import ConfigError

DESCRIPTORS = Path("/proc/self/fd")


def test_the_folders_are_made_for_us_alone(tmp_path: Path) -> None:
    place = Oversight(tmp_path / "deep" / "data")
    assert not place.exists
    with place.opened() as folders:
        folders.write(Room.REQUESTS, "a", "text")
    made = [place.path, *place.path.iterdir()]
    assert {each.name for each in made} == {"oversight", *Room}
    assert {stat.S_IMODE(each.stat().st_mode) for each in made} == {0o700}
    written = place.path / "requests" / "a"
    assert (written.read_text(), stat.S_IMODE(written.stat().st_mode)) == ("text", 0o600)
    assert names_in(place.path / "requests") == ["a"]


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.ask(desk.answer)
    before = len(names_in(DESCRIPTORS))
    for _ in range(5):
        desk.ask(desk.answer)
    (desk.place / "requests").chmod(0o770)
    desk.ask()
    assert len(names_in(DESCRIPTORS)) == before


@pytest.mark.parametrize("name", ["", *Room])
@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_may_write_is_refused(tmp_path: Path, name: str, mode: int) -> None:
    desk = Desk(tmp_path)
    desk.ask(desk.answer)
    path = desk.place / name
    path.chmod(mode)
    paid = desk.ask()
    assert paid.record is not None
    assert paid.record.outcome is AnswerOutcome.UNASKED
    assert f"{path} may be written by others (mode 0{mode:o}); run `chmod go-w {path}`" in (
        paid.record.problem
    )
    assert (paid.proposal.action, paid.proposal.is_invalid) == (Action.HOLD, False)


@pytest.mark.parametrize("name", ["oversight", "oversight/requests", "oversight/responses"])
def test_a_folder_that_is_a_link_or_a_file_is_refused(tmp_path: Path, name: str) -> None:
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    for number, make in enumerate((lambda path: path.symlink_to(other), Path.touch)):
        data = tmp_path / str(number)
        (data / name).parent.mkdir(parents=True, mode=0o700)
        (data / name).parent.chmod(0o700)
        make(data / name)
        with pytest.raises(ConfigError, match="is a file or a link"), Oversight(data).opened():
            pass
    assert names_in(other) == []


@pytest.mark.skipif(ME != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.ask(desk.answer)
    os.chown(desk.place / "responses", 12_345, -1)
    with Oversight(tmp_path, answerers=[12_345]).opened():
        pass
    with pytest.raises(ConfigError, match="belongs to user 12345"), Oversight(tmp_path).opened():
        pass
    os.chown(desk.place / "requests", 12_345, -1)
    with (
        pytest.raises(ConfigError, match="requests belongs to user 12345"),
        Oversight(tmp_path, answerers=[12_345]).opened(),
    ):
        pass


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with Oversight(tmp_path).opened() as folders:
        (tmp_path / "oversight" / "requests" / "taken").mkdir()
        with pytest.raises(OSError, match="taken"):
            folders.write(Room.REQUESTS, "taken", "text")
        assert folders.names(Room.REQUESTS) == ["taken"]
