"""One exchange over HTTP, bounded as a whole: what every client of ours is given as its transport.

Contract of `BoundedAdapter`: one attempt on a fresh connection, no redirect; connect and read
timeouts, and a deadline over the whole exchange, so a byte a second ends too; a body larger than the
bound, or compressed, is not read. Keys are added below the client and struck out of every answer, so
neither its requests, its exceptions nor their texts ever hold them. Whatever fails is one
`WireError` whose text we wrote ourselves. Which URLs may be asked at all is the heirs' matter.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.exceptions import RequestException
from typing_extensions import override

from ztrade_core.wires.watched import Call

_CHUNK_BYTES = 65536
_SUCCESSES = frozenset({200, 204})
_FIRST_REFUSAL = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class WireLimits:
    """How long and how large an exchange may be."""

    connect_seconds: float = 3.0
    read_seconds: float = 8.0
    deadline_seconds: float = 10.0
    body_bytes: int = 8 * 1024 * 1024

    def tightened(self, other: "WireLimits") -> "WireLimits":
        """Return the smaller of each bound."""
        return WireLimits(
            connect_seconds=min(self.connect_seconds, other.connect_seconds),
            read_seconds=min(self.read_seconds, other.read_seconds),
            deadline_seconds=min(self.deadline_seconds, other.deadline_seconds),
            body_bytes=min(self.body_bytes, other.body_bytes),
        )


class WireError(RequestException):
    """No answer, or one that may not be read; says nothing about what the other side did."""


class BoundedAdapter(BaseAdapter, ABC):
    """Sends one request, whole and in time, or raises WireError; `wire` is what tests inject."""

    def __init__(self, limits: WireLimits, wire: BaseAdapter) -> None:
        super().__init__()
        self._limits = limits
        self._wire = wire

    @abstractmethod
    def require(self, request: PreparedRequest) -> None:
        """Raise, before anything is sent, when the request may not be."""

    @abstractmethod
    def dressed(self, request: PreparedRequest) -> PreparedRequest:
        """Return what is really sent: the request with its keys."""

    @abstractmethod
    def struck_out(self, body: bytes) -> bytes:
        """Return an answer's body in which no key stands."""

    @abstractmethod
    def kept(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the headers that the client may see of an answer."""

    @override
    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self.require(request)
        call = Call()
        told: list[Response | str] = []
        worker = threading.Thread(
            target=copy_context().run,
            args=(self._work, request, call, told),
            name="bounded-call",
            daemon=True,
        )
        worker.start()
        worker.join(self._limits.deadline_seconds)
        if not told:
            call.abandon()
            raise WireError(f"no whole answer within {self._limits.deadline_seconds:g} s")
        if isinstance(told[0], str):
            raise WireError(told[0])
        return told[0]

    def _work(self, request: PreparedRequest, call: Call, told: list[Response | str]) -> None:
        try:
            call.begin()
            told.append(self._exchange(request))
        except Exception as error:  # noqa: BLE001 - its frames hold the keys: only its name goes on
            told.append(str(error) if isinstance(error, WireError) else _root_name(error))

    def _exchange(self, request: PreparedRequest) -> Response:
        timeout = (self._limits.connect_seconds, self._limits.read_seconds)
        sent = self.dressed(request)
        raw = self._wire.send(sent, stream=True, timeout=timeout, verify=True, proxies={})
        try:
            return self._copied(raw, request)
        finally:
            raw.close()

    def _copied(self, raw: Response, request: PreparedRequest) -> Response:
        """Return an answer that holds what is kept of it, and the request without keys."""
        headers = self.kept(raw.headers)
        if raw.status_code < _FIRST_REFUSAL and raw.status_code not in _SUCCESSES:
            raise WireError(f"unexpected status {raw.status_code}; redirects are not followed")
        if raw.headers.get("Content-Encoding", "identity") != "identity":
            raise WireError("a compressed answer, though none was asked for")
        body = bytearray()
        for chunk in raw.iter_content(_CHUNK_BYTES):
            body += chunk
            if len(body) > self._limits.body_bytes:
                raise WireError(f"an answer above {self._limits.body_bytes} bytes")
        answer = Response()
        answer.status_code = raw.status_code
        answer.reason = ""
        answer.headers.update(headers)
        answer._content = self.struck_out(bytes(body))  # noqa: SLF001 - requests has no other way
        answer.encoding = "utf-8"
        answer.url = request.url or ""
        answer.request = request
        return answer

    @override
    def close(self) -> None:
        self._wire.close()


def _root_name(error: BaseException) -> str:
    """Name what happened by the innermost exception's class; texts may hold anything."""
    while isinstance(error, RequestException) and error.args:
        inner = getattr(error.args[0], "reason", error.args[0])
        if not isinstance(inner, BaseException):
            break
        error = inner
    return f"the exchange broke: {type(error).__name__}"
