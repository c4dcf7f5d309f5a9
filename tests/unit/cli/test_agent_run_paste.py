"""A paste at a terminal is one text, however it is laid out; what follows it is part of it."""

import os
import pty
import tty
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread

import pytest

from ztrade_core.decision_makers.brackets import is_whole
from ztrade_pipelines.cli.agent_run_paste import forget_typed, pasted

MOST = 16_384


@dataclass(frozen=True)
class Line:
    """Both ends of a terminal line."""

    person: int
    program: int

    def typed(self, text: str) -> None:
        os.write(self.person, text.encode())


@pytest.fixture
def line() -> Iterator[Line]:
    person, program = pty.openpty()
    yield Line(person, program)
    os.close(program)
    os.close(person)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("{", False),
        ('{"a": 1', False),
        ('{"a": {}}', True),
        ('{"a": "}"', False),
        ('{"a": "\\"}"', False),
        ('{"a": "\\\\"}', True),
        ("[1,\n", False),
        ("prose", True),
        ("}", True),
        ("", False),
    ],
)
def test_an_object_is_whole_when_its_brackets_are(text: str, *, whole: bool) -> None:
    assert is_whole(text) is whole


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ('{"a": 1}\n', '{"a": 1}'),
        ('{"a":\n 1,\n "b": "}"}\n', '{"a":\n 1,\n "b": "}"}'),
        ('{"a": 1}\n{"b": 2}\ny\n', '{"a": 1}\n{"b": 2}\ny'),
        ('{"a":\n\n1}\n', '{"a":\n\n1}'),
        ('{"a": "\n\n', '{"a": "'),
        ("I think\nwe should buy\n", "I think\nwe should buy"),
        ("\n", ""),
        ('{"a": 1}\x04', '{"a": 1}'),
        ('{"a": "é\ud83d\ude00"}\n'.encode("utf-16", "surrogatepass").decode("utf-16"), None),
    ],
)
def test_a_paste_is_read_whole(line: Line, typed: str, read: str | None) -> None:
    line.typed(typed)
    assert pasted(line.program, MOST) == (typed.strip() if read is None else read)


def test_the_end_of_the_input_is_told_apart_from_an_empty_line(line: Line) -> None:
    line.typed("\x04")
    assert pasted(line.program, MOST) is None


def test_a_megabyte_is_read_to_its_end_and_kept_no_longer_than_it_may_be(line: Line) -> None:
    tty.setcbreak(line.program)  # no bound on a line's length
    text = "{" + "x" * 1_500_000 + "\n"
    person = Thread(target=_write_all, args=(line.person, text.encode()))
    person.start()
    found = pasted(line.program, MOST)
    person.join()
    assert found is not None
    assert MOST < len(found) <= 1024 * 1024


def test_what_was_typed_ahead_confirms_nothing(line: Line) -> None:
    line.typed("y\n")
    forget_typed(line.program)
    line.typed("n\n")
    assert os.read(line.program, 10) == b"n\n"


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content[:4096]) :]
