"""Requests: what is asked by file, how it is written, and how it is read back.

A request is two files of one name: `<id>.json` for programs and `<id>.txt` for readers. The JSON appears
last, so whoever sees it finds both. Its id says whose it is; its nonce cannot be guessed, belongs to this
one asking, and is part of no decision. While the asking process lives it holds the JSON's lock, which the
system lets go of when it dies.
"""

import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ztrade_core.decision_makers.answer_schema import json_schema
from ztrade_core.decision_makers.automated.prompt import Prompt
from ztrade_core.decision_makers.files.facts import agent_facts, snapshot_facts
from ztrade_core.decision_makers.files.folders import (
    NAME,
    OpenFolders,
    Room,
    is_locked,
    read_bounded,
)
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.strict_json import StrictJsonError, strict_json
from ztrade_core.domain.time import iso_z, parse_instant

FORM = "ztrade-request/1"
MOST_BYTES = 1024 * 1024
MOST_PENDING = 100
"""So many requests are read to tell which wait: each may be as long as a request may be."""
JSON, TEXT = ".json", ".txt"
REQUEST_ID = re.compile(r"[a-z0-9_]{1,64}-[0-9a-f]{12}")
_UNREADABLE = (ValueError, TypeError, KeyError, OverflowError)
_NONCE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question: its name, its secret, and until when it is open."""

    request_id: str
    nonce: str
    agent_id: str
    symbol: str
    moment: datetime
    asked_at: datetime
    deadline: datetime

    @property
    def answer_file(self) -> str:
        """The name an answer must have; it binds it to this question."""
        return answer_file(self.request_id, self.nonce)


def answer_file(request_id: str, nonce: str) -> str:
    """Return the name of an answer's file."""
    return f"{request_id}.{nonce}{JSON}"


def new_request(
    snapshot: MarketSnapshot, agent: AgentConfig, *, asked_at: datetime, deadline: datetime
) -> Request:
    """Return a question that nobody could foresee."""
    agent_id = re.sub(r"[^a-z0-9_]", "_", agent.agent_id.lower())[:64]
    return Request(
        request_id=f"{agent_id}-{secrets.token_hex(6)}",
        nonce=secrets.token_hex(16),
        agent_id=agent.agent_id,
        symbol=snapshot.symbol,
        moment=snapshot.as_of,
        asked_at=asked_at,
        deadline=deadline,
    )


def document_of(
    request: Request, snapshot: MarketSnapshot, agent: AgentConfig, prompt: Prompt
) -> dict[str, Any]:
    """Return the request as JSON types."""
    return {
        "form": FORM,
        "request_id": request.request_id,
        "nonce": request.nonce,
        "answer_file": request.answer_file,
        "asked_at": iso_z(request.asked_at),
        "deadline": iso_z(request.deadline),
        "agent": agent_facts(agent),
        "account": snapshot.key.account,
        "slot": snapshot.key.slot,
        "symbol": snapshot.symbol,
        "timeframe": snapshot.bars.timeframe.value,
        "moment": iso_z(snapshot.as_of),
        "snapshot": snapshot_facts(snapshot),
        "prompt": {"system": prompt.system, "moment": prompt.moment, "digest": prompt.digest},
        "answer_schema": json_schema(),
    }


def question_of(document: Mapping[str, Any]) -> str:
    """Return what is kept of a request beside the decision: all but what opens it."""
    kept = {key: value for key, value in document.items() if key not in ("nonce", "answer_file")}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"))


def text_of(request: Request, prompt: Prompt) -> str:
    """Return the readable twin: how to answer, then what a model would be told."""
    return f"""REQUEST {request.request_id}
A decision on {request.symbol} for {request.agent_id}, wanted by {iso_z(request.deadline)}.

To answer, write one JSON object of the schema at the end, and nothing else, into a temporary file in the
folder {NAME}/{Room.RESPONSES} whose name begins with a dot, then rename it to
    {request.answer_file}
or run
    ztrade oversight answer {request.request_id} --action hold --confidence 0.5 --rationale "why"
Without an answer in time the decision is a hold. The first answer counts; it cannot be changed.

======== WHO YOU ARE ========

{prompt.system.strip()}

======== THE MOMENT ========

{prompt.moment.strip()}

======== THE ANSWER'S SCHEMA ========

{json.dumps(json_schema(), indent=2)}
"""


def publish(folders: OpenFolders, request: Request, document: Mapping[str, Any], text: str) -> int:
    """Let a request appear; return its open JSON, which holds the lock until it is closed."""
    folders.write(Room.REQUESTS, request.request_id + TEXT, text)
    told = json.dumps(document, indent=1)
    return folders.write_open(Room.REQUESTS, request.request_id + JSON, told, lock=True)


def put_away(folders: OpenFolders, request_id: str, to: Room) -> None:
    """Move a request's files; the JSON last, since it is what an answer waits for."""
    for ending in (TEXT, JSON):
        folders.move(Room.REQUESTS, request_id + ending, to=to, as_name=request_id + ending)


def read_request(folders: OpenFolders, request_id: str) -> Request | None:
    """Return a pending request; None where there is none that could be read."""
    try:
        opened = folders.open(Room.REQUESTS, request_id + JSON)
    except OSError:
        return None
    try:
        found = request_in(opened)
    finally:
        os.close(opened)
    return found if found is not None and found.request_id == request_id else None


def pending(folders: OpenFolders) -> list[tuple[Request, bool]]:
    """Return requests that lie there, the oldest first, and whether somebody waits for each.

    At most MOST_PENDING files are read.
    """
    found = []
    names = [name for name in folders.names(Room.REQUESTS) if name.endswith(JSON)]
    ids = [name.removesuffix(JSON) for name in names]
    for request_id in [each for each in ids if REQUEST_ID.fullmatch(each)][:MOST_PENDING]:
        request = read_request(folders, request_id)
        if request is not None:
            found.append((request, is_waited_for(folders, request_id)))
    return sorted(found, key=lambda each: each[0].asked_at)


def is_waited_for(folders: OpenFolders, request_id: str) -> bool:
    """Return whether the process that asked still lives."""
    try:
        opened = folders.open(Room.REQUESTS, request_id + JSON)
    except OSError:
        return False
    try:
        return is_locked(opened)
    finally:
        os.close(opened)


def read_twin(folders: OpenFolders, request_id: str) -> str | None:
    """Return a pending request's readable twin as it lies there; None where there is none."""
    try:
        opened = folders.open(Room.REQUESTS, request_id + TEXT)
    except OSError:
        return None
    try:
        return read_bounded(opened, MOST_BYTES).decode(errors="replace")
    except OSError:
        return None
    finally:
        os.close(opened)


def request_in(descriptor: int) -> Request | None:
    """Return the request that an open file holds; None for anything else."""
    try:
        content = read_bounded(descriptor, MOST_BYTES)
        return _request(strict_json(content.decode(), MOST_BYTES))
    except (OSError, UnicodeDecodeError, StrictJsonError, *_UNREADABLE):
        return None


def _request(found: Any) -> Request:
    agent_id, symbol = found["agent"]["agent_id"], found["symbol"]
    if not (isinstance(agent_id, str) and isinstance(symbol, str)):
        raise TypeError("agent and symbol are text")
    request = Request(
        request_id=found["request_id"],
        nonce=found["nonce"],
        agent_id=agent_id,
        symbol=symbol,
        moment=parse_instant(found["moment"]),
        asked_at=parse_instant(found["asked_at"]),
        deadline=parse_instant(found["deadline"]),
    )
    if found["form"] != FORM:
        raise ValueError("another form")
    if not (REQUEST_ID.fullmatch(request.request_id) and _NONCE.fullmatch(request.nonce)):
        raise ValueError("no name of a request")
    return request
