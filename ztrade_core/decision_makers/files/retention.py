"""Retention: what became of old requests and answers goes, by age and by number.

Only names that we give, in the three folders that only we fill, and one name at a time: a link goes and
not its end, a folder stays whatever is in it. A file's age is the time since it was moved or written there,
which nobody can set. What was asked and answered is kept beside the decision, not here.
"""

import os
import re
import stat
from collections.abc import Mapping
from datetime import datetime, timedelta

from ztrade_core.decision_makers.files.folders import OpenFolders, Room
from ztrade_core.domain.time import to_micros
from ztrade_core.logs import get_logger

MOST_KEPT = 4_000
"""So many files of a folder are kept, however young: some thousand questions, or a flood's last part."""
MOST_DELETED = 1_000
"""So many go from a folder in one go."""
_DAY = timedelta(days=1)
_ASKED = r"[a-z0-9_]{1,64}-[0-9a-f]{12}"
_BEGUN = r"\.[0-9a-f]{16}"
OURS: Mapping[Room, re.Pattern[str]] = {
    Room.ANSWERED: re.compile(rf"{_ASKED}(\.answer|\.outcome)?\.json|{_ASKED}\.txt|{_BEGUN}"),
    Room.EXPIRED: re.compile(rf"{_ASKED}(\.outcome)?\.json|{_ASKED}\.txt|{_BEGUN}"),
    Room.REFUSED: re.compile(r"[0-9a-f]{16}(\.file|\.why\.json)"),
}
"""What we call what we keep; anything else is somebody's own."""
log = get_logger(__name__)


def delete_old(folders: OpenFolders, now: datetime, keep_days: float | None) -> int:
    """Delete what is older than `keep_days` or too much; None deletes nothing. Return how many went."""
    if keep_days is None:
        return 0
    before = to_micros(now - keep_days * _DAY) * 1_000
    gone = 0
    for room, ours in OURS.items():
        for name in _old(folders, room, ours, before):
            gone += _delete(folders, room, name)
    return gone


def _old(folders: OpenFolders, room: Room, ours: re.Pattern[str], before: int) -> list[str]:
    """Return the names that go, the oldest first."""
    aged = []
    for name in folders.names(room):
        found = folders.status(room, name) if ours.fullmatch(name) else None
        if found is not None and not stat.S_ISDIR(found.st_mode):
            aged.append((found.st_ctime_ns, name))
    aged.sort()
    too_many = len(aged) - MOST_KEPT
    old = [name for number, (moved, name) in enumerate(aged) if moved < before or number < too_many]
    return old[:MOST_DELETED]


def _delete(folders: OpenFolders, room: Room, name: str) -> bool:
    try:
        folders.remove(room, name)
    except OSError as error:
        log.warning(
            "not_deleted", room=room.value, name=name, problem=os.strerror(error.errno or 0)
        )
        return False
    return True
