"""The halt that needs no database."""

from pathlib import Path

import pytest

from ztrade_core.store.halt_file import HaltFile


@pytest.fixture
def halt(tmp_path: Path) -> HaltFile:
    return HaltFile(tmp_path / "data" / "HALT")


def test_no_file_is_no_halt(halt: HaltFile) -> None:
    assert halt.standing() is None
    halt.remove()


def test_the_text_is_the_reason(halt: HaltFile) -> None:
    halt.write("storm over New York")
    assert halt.standing() == "storm over New York"
    halt.write("a later reason")
    assert halt.standing() == "storm over New York"
    halt.remove()
    assert halt.standing() is None


def test_an_empty_file_halts(halt: HaltFile) -> None:
    halt.path.parent.mkdir()
    halt.path.touch()
    assert "exists" in str(halt.standing())


def test_what_cannot_be_read_halts(halt: HaltFile) -> None:
    halt.path.mkdir(parents=True)
    assert "cannot be read" in str(halt.standing())


def test_a_link_to_nowhere_halts(halt: HaltFile) -> None:
    halt.path.parent.mkdir()
    halt.path.symlink_to("nowhere")
    assert "link to nowhere" in str(halt.standing())


def test_bytes_that_are_no_text_halt(halt: HaltFile) -> None:
    halt.path.parent.mkdir()
    halt.path.write_bytes(b"\xff\xfe storm")
    assert "storm" in str(halt.standing())


def test_a_file_in_place_of_the_data_folder_halts(halt: HaltFile) -> None:
    halt.path.parent.touch()
    assert "cannot be read" in str(halt.standing())
