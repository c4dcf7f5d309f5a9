"""A process at a terminal: the command `ztrade` with a pseudo-terminal as its input and output."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from tests.fakes.terminal import PROGRAM, PROJECT

PATIENCE_SECONDS = 120.0
_CHUNK = 65_536
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


class Conversation:
    """One command at its terminal: wait for what it says, type, read how it ended.

    `said` is all that was read, as it came. What is typed is not echoed.
    """

    def __init__(self, environment: Mapping[str, str], *words: str) -> None:
        self._master, slave = pty.openpty()
        _silence(slave)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", PROGRAM, *words],
            cwd=PROJECT,
            env={**environment, "TERM": "dumb"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.said = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def until(self, words: str) -> str:
        """Read until the words were said since the last time; return what was read."""
        begins = len(self.said)
        while words not in self.said[begins:]:
            assert self._read(), f"it never said {words!r}, but: {self.plain()[-3000:]}"
        return self.said[begins:]

    def type(self, text: str) -> None:
        """Type, or paste, a text."""
        os.write(self._master, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Read to the end; return the exit code."""
        while self._read():
            pass
        return self._process.wait(PATIENCE_SECONDS)

    def plain(self) -> str:
        """Return what was said without colours."""
        return _STYLE.sub("", self.said).replace("\r\n", "\n")

    def _read(self) -> bool:
        ready = select.select([self._master], [], [], PATIENCE_SECONDS)[0]
        assert ready, f"nothing more was said: {self.plain()[-3000:]}"
        try:
            found = os.read(self._master, _CHUNK)
        except OSError:  # Linux says so when the other side is closed
            return False
        self.said += found.decode(errors="replace")
        return bool(found)


def _silence(descriptor: int) -> None:
    """Switch the echo off, so that `said` is the program's words alone."""
    settings = termios.tcgetattr(descriptor)
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSANOW, settings)
