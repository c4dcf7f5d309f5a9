"""Files that are no answer: moved aside under a name of ours, each with its reason beside it.

Nothing of them is followed, opened or deleted; what cannot be moved stays, which is logged. Names are
whatever somebody typed: they are shown as one line of visible characters.
"""

import json
import os
import secrets
import stat
from datetime import datetime

from ztrade_core.decision_makers.files.folders import OpenFolders, Room
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.time import iso_z
from ztrade_core.logs import get_logger

MOST_NAME = 200
log = get_logger(__name__)


def refuse(folders: OpenFolders, room: Room, name: str, *, reason: str, at: datetime) -> None:
    """Move what lies under a name to the refused, and keep why."""
    shown = visible_line(name, MOST_NAME)
    kept = secrets.token_hex(8)
    try:
        found = folders.status(room, name)
        if found is None or not folders.move(room, name, to=Room.REFUSED, as_name=kept + ".file"):
            return
        told = json.dumps(
            {"name": shown, "reason": reason, "refused_at": iso_z(at)} | _looks(found), indent=1
        )
        folders.write_note(Room.REFUSED, kept + ".why.json", told)
    except OSError as error:
        log.warning("answer_not_moved_aside", name=shown, reason=reason, problem=str(error))
        return
    log.warning("answer_refused", name=shown, reason=reason, kept=kept)


def _looks(found: os.stat_result) -> dict[str, object]:
    return {
        "kind": stat.filemode(found.st_mode),
        "owner": found.st_uid,
        "links": found.st_nlink,
        "bytes": found.st_size,
    }
