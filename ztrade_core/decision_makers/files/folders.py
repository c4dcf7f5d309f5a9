"""The folders of decisions by file, opened so that nobody can lead us elsewhere.

    <data folder>/oversight/  requests  responses  answered  refused  expired

Contract: each is a directory of ours, no link, and writable by nobody else; that is looked at whenever
they are opened, and everything below goes through the opened directories, never through a path again.
What we write appears whole or not at all: written beside, synchronised, renamed. What does not belong
here: what the files mean.
"""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path

from ztrade_core.errors import ConfigError

NAME = "oversight"
TEMPORARY = "."
"""Names that begin so are still being written."""
MOST_LISTED = 5_000
"""So many entries of a folder are looked at in one go."""
READABLE = 0o644
FOREIGN_WRITE = stat.S_IWGRP | stat.S_IWOTH
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_CAREFUL = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class Room(StrEnum):
    """What lies in a folder: questions, answers, and what became of them."""

    REQUESTS = "requests"
    RESPONSES = "responses"
    ANSWERED = "answered"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFolders:
    """The folders as open directories. OSError where the system refuses.

    `is_shared`: other users answer too, so that requests are written for them to read.
    """

    descriptors: Mapping[Room, int]
    is_shared: bool = False

    def names(self, room: Room) -> list[str]:
        """Return the names in a folder, sorted; at most MOST_LISTED of them."""
        with os.scandir(self.descriptors[room]) as entries:
            return sorted(entry.name for entry in islice(entries, MOST_LISTED))

    def status(self, room: Room, name: str) -> os.stat_result | None:
        """Return what lies under a name, links not followed; None: nothing."""
        try:
            return os.stat(name, dir_fd=self.descriptors[room], follow_symlinks=False)
        except FileNotFoundError:
            return None

    def open(self, room: Room, name: str) -> int:
        """Open a file for reading; it never waits, and follows no link. The caller closes it."""
        return os.open(name, _CAREFUL, dir_fd=self.descriptors[room])

    def write(self, room: Room, name: str, text: str) -> None:
        """Let a file of this text appear, whole, and stay though the power fails."""
        os.close(self.write_open(room, name, text))

    def write_open(self, room: Room, name: str, text: str, *, lock: bool = False) -> int:
        """The same, and return it open; with `lock` it is ours from the moment it is seen."""
        folder, beside = self.descriptors[room], f"{TEMPORARY}{secrets.token_hex(8)}"
        made = os.open(beside, _NEW, 0o600, dir_fd=folder)
        try:
            _fill(made, text.encode(errors="replace"))
            if self.is_shared and room is Room.REQUESTS:
                os.fchmod(made, READABLE)
            os.fsync(made)
            if lock:
                _lock(made)
            os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
        except BaseException:
            os.close(made)
            self.remove(room, beside)
            raise
        return made

    def write_note(self, room: Room, name: str, text: str) -> None:
        """Write a new file quickly: it may be cut where the power fails."""
        made = os.open(name, _NEW, 0o600, dir_fd=self.descriptors[room])
        try:
            _fill(made, text.encode(errors="replace"))
        finally:
            os.close(made)

    def move(self, room: Room, name: str, *, to: Room, as_name: str) -> bool:
        """Move whatever lies under a name, a link itself and not its end; False: nothing was there."""
        try:
            os.rename(
                name, as_name, src_dir_fd=self.descriptors[room], dst_dir_fd=self.descriptors[to]
            )
        except FileNotFoundError:
            return False
        return True

    def remove(self, room: Room, name: str) -> None:
        """Remove a file; nothing happens when there is none."""
        try:
            os.unlink(name, dir_fd=self.descriptors[room])
        except FileNotFoundError:
            return


class Oversight:
    """Where decisions by file happen, below a data folder.

    `answerers` are other users (uid) whose answers are taken too; the folder of answers may be theirs.
    """

    def __init__(self, data_dir: Path, *, answerers: Iterable[int] = ()) -> None:
        self.path = data_dir / NAME
        self._data_dir = data_dir
        self._uid = os.geteuid()
        self.owners = frozenset({self._uid, *answerers})

    @property
    def exists(self) -> bool:
        """Whether anything was ever asked here."""
        return os.path.lexists(self.path)

    @contextmanager
    def opened(self) -> Iterator[OpenFolders]:
        """Open the folders, made where they are missing; ConfigError for one that is not safe."""
        opened: list[int] = []
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
            opened.append(os.open(self._data_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
            opened.append(self._folder(opened[0], NAME, self.path))
            rooms = {}
            for room in Room:
                rooms[room] = self._folder(opened[1], room.value, self.path / room.value)
                opened.append(rooms[room])
            yield OpenFolders(descriptors=rooms, is_shared=self.owners != {self._uid})
        finally:
            for each in opened:
                os.close(each)

    def trouble(self, folders: OpenFolders) -> str:
        """Say what has happened to the opened folders of questions and answers since; empty: nothing."""
        for room in (Room.REQUESTS, Room.RESPONSES):
            found, path = os.fstat(folders.descriptors[room]), self.path / room.value
            if found.st_nlink == 0:
                return f"{path} was removed meanwhile"
            problem = self._unsafe(found, path)
            if problem:
                return problem
        return ""

    def _folder(self, parent: int, name: str, path: Path) -> int:
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=parent)
        try:
            made = os.open(name, _FOLDER, dir_fd=parent)
        except NotADirectoryError as error:
            raise ConfigError(f"{path} is a file or a link, no folder; move it away") from error
        problem = self._unsafe(os.fstat(made), path)
        if problem:
            os.close(made)
            raise ConfigError(problem)
        return made

    def _unsafe(self, found: os.stat_result, path: Path) -> str:
        allowed = self.owners if path.name == Room.RESPONSES else {self._uid}
        if found.st_uid not in allowed:
            return f"{path} belongs to user {found.st_uid}, not to user {self._uid}; move it away"
        if found.st_mode & FOREIGN_WRITE:
            mode = stat.S_IMODE(found.st_mode)
            return f"{path} may be written by others (mode {mode:04o}); run `chmod go-w {path}`"
        return ""


def is_locked(descriptor: int) -> bool:
    """Return whether a living process holds the file. Where it does not, this descriptor does now."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def read_bounded(descriptor: int, most: int) -> bytes:
    """Return at most `most` bytes and one, so that a longer file is told by its length."""
    found = bytearray()
    while len(found) <= most:
        part = os.read(descriptor, most + 1 - len(found))
        if not part:
            break
        found += part
    return bytes(found)


def _lock(descriptor: int) -> None:
    if is_locked(descriptor):
        raise OSError("a new file is locked by somebody else")


def _fill(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
