"""Answers by file: looked at with suspicion, taken once.

The contract with whoever answers: one JSON object of the answer's schema, UTF-8, in a regular file of our
user (or the configured one) that nobody else may write, of one name, at most 64 KiB, under the name the
request says; written beside and renamed. What lies there and is not such a file is moved aside, and
waiting goes on; such a file with anything else in it ends the question. A file that still grows, or stops
in the middle of its object, is waited for and never judged. Nothing here blocks, whatever lies there.
"""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.decision_makers.answer_schema import Answer, Problem, parse_answer
from ztrade_core.decision_makers.brackets import is_whole
from ztrade_core.decision_makers.files.folders import (
    FOREIGN_WRITE,
    OpenFolders,
    Room,
    read_bounded,
)
from ztrade_core.decision_makers.files.refusals import refuse
from ztrade_core.decision_makers.files.requests import Request
from ztrade_core.errors import InputError

MOST_BYTES = 64 * 1024
MOST_TOLD = 5
MOST_STRAYS = 50
"""So many are moved aside in one look."""
ANSWER = ".answer.json"
STALE = "it has the request's id, but not its nonce"
UNFINISHED = "it was begun and not finished in time"
UNJUDGED = "it came too late to be judged"
REPLACED = "it took another's place while that was read"
_Mark = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An answer that was taken: its text, and what that is."""

    raw: str
    answer: Answer | Problem


class Inbox:
    """Where one request's answer is looked for. `refused` says what was moved aside meanwhile."""

    def __init__(
        self,
        folders: OpenFolders,
        request: Request,
        *,
        owners: frozenset[int],
        now: Callable[[], datetime],
    ) -> None:
        self.refused: list[str] = []
        self._is_unfinished = False
        self._folders = folders
        self._request = request
        self._owners = owners
        self._now = now
        self._seen: _Mark | None = None

    def look(self) -> Taken | None:
        """Take the answer if it is there; one that cannot be used only once it stands still."""
        self._move_strays()
        found = self._folders.status(Room.RESPONSES, self._request.answer_file)
        if found is None:
            self._seen = None
            return None
        problem = self._unsafe(found)
        if problem:
            self._aside(problem)
            return None
        try:
            opened = self._folders.open(Room.RESPONSES, self._request.answer_file)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._aside(f"it cannot be opened ({error.strerror})")
            return None
        try:
            return self._read(opened)
        finally:
            os.close(opened)

    def give_up(self) -> None:
        """Move aside what stands there though the time is over."""
        if self._seen is not None:
            self._aside(UNFINISHED if self._is_unfinished else UNJUDGED)

    def _read(self, opened: int) -> Taken | None:
        before = os.fstat(opened)
        problem = self._unsafe(before)
        if problem:
            self._aside(problem)
            return None
        content = read_bounded(opened, MOST_BYTES)
        after = os.fstat(opened)
        stands_still = _mark(before) == _mark(after) and len(content) == after.st_size
        was_seen, self._seen = self._seen == _mark(after), _mark(after)
        self._is_unfinished = not stands_still or _is_unfinished(content)
        if self._is_unfinished:
            return None
        taken = _judged(content)
        if isinstance(taken.answer, Problem) and not was_seen:
            return None
        return taken if self._claim(after) else None

    def _claim(self, read: os.stat_result) -> bool:
        """Move what was read to the answered; whatever comes under its name after that is too late."""
        kept = self._request.request_id + ANSWER
        name = self._request.answer_file
        if not self._folders.move(Room.RESPONSES, name, to=Room.ANSWERED, as_name=kept):
            return False
        moved = self._folders.status(Room.ANSWERED, kept)
        if moved is not None and _mark(moved)[:3] == _mark(read)[:3]:
            return True
        self._tell(REPLACED)
        refuse(self._folders, Room.ANSWERED, kept, reason=REPLACED, at=self._now())
        return False

    def _move_strays(self) -> None:
        ours = self._request.request_id + "."
        names = self._folders.names(Room.RESPONSES)
        strays = [each for each in names if each.startswith(ours)]
        for name in strays[:MOST_STRAYS]:
            if name != self._request.answer_file:
                self._tell(STALE)
                refuse(self._folders, Room.RESPONSES, name, reason=STALE, at=self._now())

    def _aside(self, reason: str) -> None:
        self._seen = None
        self._tell(reason)
        name = self._request.answer_file
        refuse(self._folders, Room.RESPONSES, name, reason=reason, at=self._now())

    def _tell(self, reason: str) -> None:
        if reason not in self.refused and len(self.refused) < MOST_TOLD:
            self.refused.append(reason)

    def _unsafe(self, found: os.stat_result) -> str:
        return unsafe(found, self._owners)


def unsafe(found: os.stat_result, owners: frozenset[int]) -> str:
    """Say why a file is not even looked into; empty when it may be."""
    kind = stat.S_IFMT(found.st_mode)
    if kind != stat.S_IFREG:
        return f"it is {_KINDS.get(kind, 'no regular file')}"
    if found.st_uid not in owners:
        return f"it belongs to user {found.st_uid}"
    if found.st_mode & FOREIGN_WRITE:
        return f"others may write it (mode {stat.S_IMODE(found.st_mode):04o})"
    if found.st_nlink != 1:
        return f"it has {found.st_nlink} names (hard links)"
    if found.st_size > MOST_BYTES:
        return f"it has {found.st_size} bytes, above {MOST_BYTES}"
    return ""


def give_answer(folders: OpenFolders, request: Request, text: str) -> None:
    """Answer a request as anybody must: written beside, renamed. InputError where an answer waits already."""
    if folders.status(Room.RESPONSES, request.answer_file) is not None:
        raise InputError(f"{request.request_id} has an answer already; the first one counts")
    folders.write(Room.RESPONSES, request.answer_file, text)


def _judged(content: bytes) -> Taken:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        problem = Problem(reason=f"it is no UTF-8 at byte {error.start + 1}")
        return Taken(raw=content.decode(errors="backslashreplace"), answer=problem)
    return Taken(raw=text, answer=parse_answer(text))


def _is_unfinished(content: bytes) -> bool:
    """Return whether more must come: the text stops within its first object, or before it."""
    text = content.decode(errors="replace").strip(" \t\r\n")
    return not is_whole(text) if text.startswith("{") else not text


def _mark(found: os.stat_result) -> _Mark:
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


_KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a pipe (FIFO)",
    stat.S_IFDIR: "a folder",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}
