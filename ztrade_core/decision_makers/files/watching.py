"""Watching the folders between runs: what waits for an answer, what was refused, what is wrong with them.

One look tidies and tells; nothing is decided, asked or answered here. What one look told the next does not
tell again: `mark` is all that it must remember. Strangers' names are told as one line of visible characters.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ztrade_core.decision_makers.files.folders import OpenFolders, Oversight, Room, read_bounded
from ztrade_core.decision_makers.files.requests import Request, pending
from ztrade_core.decision_makers.files.sweeping import sweep
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.strict_json import StrictJsonError, strict_json
from ztrade_core.domain.time import iso_z, parse_instant, to_micros
from ztrade_core.errors import ConfigError

SETTLED = timedelta(seconds=1)
"""What was refused later than this is for the next look: its reason may still be being written."""
MOST_TOLD = 5
MOST_LINE = 300
WHY = ".why.json"
_MOST_WHY_BYTES = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look found. `news` are lines to log, `note` the state in one line, `mark` for the next look."""

    news: tuple[str, ...]
    note: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """What was told already: until when, which requests, which trouble with the folders."""

    until: datetime
    asked: tuple[str, ...] = ()
    trouble: str = ""


def look(oversight: Oversight, now: datetime, mark: str | None, *, keep_days: float | None) -> Look:
    """Tidy the folders and say what waits in them and what is new since the look that left `mark`.

    Where nothing was ever asked nothing is made. Folders that are not safe are told once, and not tidied.
    """
    before = _read(mark, now)
    if not oversight.exists:
        return _look(_Mark(until=before.until), "nothing was ever asked by file")
    try:
        with oversight.opened() as folders:
            return _looked(folders, before, now, keep_days)
    except (ConfigError, OSError) as error:
        trouble = visible_line(f"not looked at: {error}", MOST_LINE)
        news = [] if trouble == before.trouble else [trouble]
        after = _Mark(until=before.until, asked=before.asked, trouble=trouble)
        return _look(after, trouble, news)


def _looked(folders: OpenFolders, before: _Mark, now: datetime, keep_days: float | None) -> Look:
    swept = sweep(folders, now, keep_days=keep_days)
    waiting = [request for request, is_waited_for in pending(folders) if is_waited_for]
    until = max(before.until, now - SETTLED)
    refused = _refused(folders, before.until, until)
    news = ["the folders can be used again"] if before.trouble else []
    news += [_asked(each) for each in waiting if each.request_id not in before.asked]
    news += [_why(folders, name) for name in refused[:MOST_TOLD]]
    news += _more(refused, "were refused")
    if swept.expired:
        news.append(f"{_count(swept.expired, 'request')} of runs that died expired unanswered")
    told = [_state(each, now) for each in waiting[:MOST_TOLD]] or ["no request waits"]
    told += _more(waiting, "wait")
    told += [f"{_count(len(refused), 'file')} refused since the last look"] if refused else []
    told += [f"{_count(swept.deleted, 'old file')} deleted"] if swept.deleted else []
    after = _Mark(until=until, asked=tuple(each.request_id for each in waiting))
    return _look(after, "; ".join(told), news)


def _look(mark: _Mark, note: str, news: list[str] | None = None) -> Look:
    kept = {"until": iso_z(mark.until), "asked": mark.asked, "trouble": mark.trouble}
    return Look(news=tuple(news or ()), note=note, mark=json.dumps(kept))


def _read(mark: str | None, now: datetime) -> _Mark:
    """Return what a look left; one that cannot be read, or of the future, begins anew now."""
    try:
        found: Any = json.loads(mark or "")
        read = _Mark(
            until=parse_instant(found["until"]),
            asked=tuple(found["asked"]),
            trouble=str(found["trouble"]),
        )
    except (ValueError, TypeError, KeyError):
        return _Mark(until=now - SETTLED)
    return read if read.until <= now else _Mark(until=now - SETTLED, asked=read.asked)


def _refused(folders: OpenFolders, after: datetime, until: datetime) -> list[str]:
    """Return the reasons' names of what was refused after one moment and until another, in order."""
    found = []
    for name in folders.names(Room.REFUSED):
        status = folders.status(Room.REFUSED, name) if name.endswith(WHY) else None
        moment = 0 if status is None else status.st_ctime_ns // 1_000
        if to_micros(after) < moment <= to_micros(until):
            found.append((moment, name))
    return [name for _, name in sorted(found)]


def _why(folders: OpenFolders, name: str) -> str:
    try:
        opened = folders.open(Room.REFUSED, name)
        try:
            told = strict_json(read_bounded(opened, _MOST_WHY_BYTES).decode(), _MOST_WHY_BYTES)
        finally:
            os.close(opened)
        line = f"refused {told['name']!r}: {told['reason']}"
    except (OSError, UnicodeDecodeError, StrictJsonError, TypeError, KeyError):
        line = "a file was refused, and its reason cannot be read"
    return visible_line(f"{line} (refused/{name.removesuffix(WHY)})", MOST_LINE)


def _asked(request: Request) -> str:
    told = f"{request.agent_id} asks by file about {request.symbol}, wanted by"
    shown = f"{told} {iso_z(request.deadline)}: `ztrade oversight show {request.request_id}`"
    return visible_line(shown, MOST_LINE)


def _state(request: Request, now: datetime) -> str:
    left = (request.deadline - now).total_seconds()
    until = f"{left:.0f} s more" if left > 0.0 else "no more: its time is over"
    told = f"{request.request_id} ({request.symbol}) waits until {iso_z(request.deadline)}, {until}"
    return visible_line(told, MOST_LINE)


def _more(found: Sequence[object], do: str) -> list[str]:
    rest = len(found) - MOST_TOLD
    return [f"{rest} more {do}"] if rest > 0 else []


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
