"""Tidying: requests whose asker died, answers that nobody waits for, and what was kept long enough.

A request goes to the expired once its deadline has passed and no living process holds it; a living run's
is never touched, however late it is. An answer without a request is refused with its reason: it came
second, too late, or for nothing. Unfinished temporary files go after ten minutes. What is left over in
one go is for the next.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.decision_makers.files.folders import (
    TEMPORARY,
    OpenFolders,
    Room,
    is_locked,
)
from ztrade_core.decision_makers.files.refusals import refuse
from ztrade_core.decision_makers.files.requests import (
    JSON,
    REQUEST_ID,
    TEXT,
    put_away,
    request_in,
)
from ztrade_core.decision_makers.files.retention import delete_old
from ztrade_core.domain.time import to_micros
from ztrade_core.logs import get_logger

ABANDONED_AFTER_SECONDS = 600
ABANDONED = "it was never finished"
SECOND = "a second answer: the first one was taken"
LATE = "it came after the question had ended"
UNASKED = "no request of that name was asked"
MOST_TIDIED = 200
"""So many entries of a folder are tidied in one go; a flood must not make a run late."""
MOST_READ = 100
"""So many requests are read in one go: each may be a megabyte of anything."""
NAMELESS = "its name is no answer's: <request id>.<nonce>.json"
NO_REQUEST = "it is no request of ours"
log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How much was tidied: put away, moved aside, deleted for its age or number."""

    expired: int
    refused: int
    deleted: int = 0


def sweep(folders: OpenFolders, now: datetime, *, keep_days: float | None) -> Swept:
    """Tidy the folders. What the system refuses to move stays, and is logged.

    `keep_days` is how long what was put away is kept; None: for good.
    """
    swept = Swept(
        expired=_each(folders, Room.REQUESTS, now, _Expiry()),
        refused=_each(folders, Room.RESPONSES, now, _refuse_orphan),
        deleted=delete_old(folders, now, keep_days),
    )
    if swept.deleted:
        log.info("old_files_deleted", files=swept.deleted, keep_days=keep_days)
    return swept


def _each(
    folders: OpenFolders,
    room: Room,
    now: datetime,
    tidy: Callable[[OpenFolders, str, datetime], bool],
) -> int:
    tidied = 0
    for name in folders.names(room):
        if tidied >= MOST_TIDIED:
            break
        try:
            tidied += tidy(folders, name, now)
        except OSError as error:
            log.warning("not_tidied", room=room.value, name=ascii(name), problem=str(error))
    return tidied


class _Expiry:
    """Puts dead runs' requests away, and what is no request aside; says whether it was a request."""

    def __init__(self) -> None:
        self._left = MOST_READ

    def __call__(self, folders: OpenFolders, name: str, now: datetime) -> bool:
        is_old = _is_abandoned(folders, Room.REQUESTS, name, now)
        stem, dot, ending = name.rpartition(".")
        if name.startswith(TEMPORARY):
            if is_old:
                folders.remove(Room.REQUESTS, name)
        elif not REQUEST_ID.fullmatch(stem) or dot + ending not in (JSON, TEXT):
            if is_old:
                refuse(folders, Room.REQUESTS, name, reason=NO_REQUEST, at=now)
        elif dot + ending == JSON:
            self._left -= 1
            if self._left >= 0 and _is_dead(folders, name, now):
                put_away(folders, stem, Room.EXPIRED)
                return True
        elif is_old and folders.status(Room.REQUESTS, stem + JSON) is None:
            put_away(folders, stem, Room.EXPIRED)
        return False


def _refuse_orphan(folders: OpenFolders, name: str, now: datetime) -> bool:
    reason = _why_orphaned(folders, name, now)
    if reason:
        refuse(folders, Room.RESPONSES, name, reason=reason, at=now)
    return bool(reason)


def _is_dead(folders: OpenFolders, name: str, now: datetime) -> bool:
    """Return whether nobody waits any more. Unreadable ones count as dead when they are old."""
    try:
        opened = folders.open(Room.REQUESTS, name)
    except OSError:
        return _is_abandoned(folders, Room.REQUESTS, name, now)
    try:
        request = request_in(opened)
        if request is None:
            is_over = _is_abandoned(folders, Room.REQUESTS, name, now)
        else:
            is_over = now > request.deadline
        return is_over and not is_locked(opened)
    finally:
        os.close(opened)


def _why_orphaned(folders: OpenFolders, name: str, now: datetime) -> str:
    """Say why nobody waits for an answer; empty while somebody may. The request is looked for last."""
    if name.startswith(TEMPORARY):
        return ABANDONED if _is_abandoned(folders, Room.RESPONSES, name, now) else ""
    request_id = name.split(".", 1)[0]
    if not REQUEST_ID.fullmatch(request_id) or not name.endswith(JSON):
        return NAMELESS
    if folders.status(Room.REQUESTS, request_id + JSON) is not None:
        return ""
    for room, reason in ((Room.ANSWERED, SECOND), (Room.EXPIRED, LATE)):
        if folders.status(room, request_id + JSON) is not None:
            return reason
    return UNASKED


def _is_abandoned(folders: OpenFolders, room: Room, name: str, now: datetime) -> bool:
    found = folders.status(room, name)
    if found is None:
        return False
    return to_micros(now) - found.st_mtime_ns // 1_000 > ABANDONED_AFTER_SECONDS * 1_000_000
