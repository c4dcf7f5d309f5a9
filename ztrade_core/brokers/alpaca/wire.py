"""The HTTP discipline under alpaca-py: fenced, bounded in time and size, once, without keys above it.

Contract of `FencedSession`, the session that alpaca-py's client is given:
- every URL passes the fence as the client wrote it and as it would be sent, before a name is resolved;
- one attempt, a fresh connection, no redirect, no proxy, nothing from the environment;
- connect and read timeouts, and a deadline over the whole exchange, so a byte a second ends too;
- a body larger than the bound, or compressed, is not read;
- the keys are added below alpaca-py and struck out of every answer, so neither its requests, its
  exceptions nor their texts ever hold them.
Whatever fails is one `WireError` whose text we wrote ourselves.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from requests import PreparedRequest, Request, Response, Session
from requests.adapters import BaseAdapter
from requests.exceptions import RequestException
from typing_extensions import override

from ztrade_core.brokers.alpaca.allowance import Allowance
from ztrade_core.brokers.alpaca.fence import PAPER, Fence, require_paper_key
from ztrade_core.brokers.alpaca.watched import Call, WatchedAdapter
from ztrade_core.errors import ConfigError

_CHUNK_BYTES = 65536
_SUCCESSES = frozenset({200, 204})
_FIRST_REFUSAL = 400
STRUCK_OUT = "[key]"
_ACTING: ContextVar[bool] = ContextVar("alpaca_acting", default=False)


@contextmanager
def acting() -> Iterator[None]:
    """Mark what is asked within as belonging to an order, a change or a cancel."""
    token = _ACTING.set(True)
    try:
        yield
    finally:
        _ACTING.reset(token)


def is_acting() -> bool:
    """Return whether a request belongs to an order; known where it is sent too."""
    return _ACTING.get()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperKeys:
    """The key pair of a paper account; prints as stars. Refuses the form of a live key."""

    api_key: SecretStr
    secret_key: SecretStr

    def __post_init__(self) -> None:
        for name, key in (("ALPACA_API_KEY", self.api_key), ("ALPACA_SECRET_KEY", self.secret_key)):
            text = key.get_secret_value()
            if not (text.isascii() and text.isalnum()):
                raise ConfigError(f"{name}: not a key; copy letters and digits only")
        require_paper_key(self.api_key.get_secret_value())

    def headers(self) -> dict[str, str]:
        """Return the headers that prove who we are."""
        return {
            "APCA-API-KEY-ID": self.api_key.get_secret_value(),
            "APCA-API-SECRET-KEY": self.secret_key.get_secret_value(),
        }

    def struck_out(self, body: bytes) -> bytes:
        """Return a body in which neither key stands."""
        for key in self.headers().values():
            body = body.replace(key.encode(), STRUCK_OUT.encode())
        return body


class WireError(RequestException):
    """No answer, or one that may not be read; says nothing about what the broker did."""


class FencedSession(Session):
    """A session that can reach its fence's host and nothing else; `wire` is what tests inject."""

    def __init__(
        self,
        keys: PaperKeys,
        *,
        limits: WireLimits | None = None,
        wire: BaseAdapter | None = None,
        fence: Fence = PAPER,
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.max_redirects = 0
        self._keys = keys
        self._limits = WireLimits() if limits is None else limits
        self._wire = WatchedAdapter() if wire is None else wire
        self._fence = fence
        self.allowance = Allowance()
        self.adapters.clear()
        adapter = _FencedAdapter(keys, self._limits, self._wire, fence, self.allowance)
        self.mount(fence.base + "/", adapter)

    def within(self, fence: Fence, limits: WireLimits) -> "FencedSession":
        """Return a session with the same keys and transport that reaches another fence's host."""
        return FencedSession(
            self._keys, limits=limits.tightened(self._limits), wire=self._wire, fence=fence
        )

    @override
    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Response:
        self._fence.require_request(url)
        allowed = self._fence.require_method(method)
        return super().request(allowed, url, *args, **{**kwargs, "allow_redirects": False})

    @override
    def get_adapter(self, url: Any) -> BaseAdapter:
        return super().get_adapter(self._fence.require_request(url))

    @override
    def prepare_request(self, request: Request) -> PreparedRequest:
        """Strip the placeholders that alpaca-py sends as keys, and ask for a plain body."""
        prepared = super().prepare_request(request)
        for name in ("APCA-API-KEY-ID", "APCA-API-SECRET-KEY", "Authorization", "Cookie"):
            prepared.headers.pop(name, None)
        prepared.headers["Accept-Encoding"] = "identity"
        prepared.headers["Connection"] = "close"
        return prepared


class _FencedAdapter(BaseAdapter):
    """Sends one request, whole and in time, or raises WireError."""

    def __init__(
        self,
        keys: PaperKeys,
        limits: WireLimits,
        wire: BaseAdapter,
        fence: Fence,
        allowance: Allowance,
    ) -> None:
        super().__init__()
        self._keys = keys
        self._limits = limits
        self._wire = wire
        self._fence = fence
        self._allowance = allowance

    @override
    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self._fence.require_request(request.url)
        self._fence.require_method(request.method)
        call = Call()
        told: list[Response | str] = []
        worker = threading.Thread(
            target=copy_context().run,
            args=(self._work, request, call, told),
            name="alpaca-call",
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
        sent = request.copy()
        sent.headers.update(self._keys.headers())
        timeout = (self._limits.connect_seconds, self._limits.read_seconds)
        raw = self._wire.send(sent, stream=True, timeout=timeout, verify=True, proxies={})
        try:
            return self._copied(raw, request)
        finally:
            raw.close()

    def _copied(self, raw: Response, request: PreparedRequest) -> Response:
        """Return an answer that holds nothing but status and body, and the request without keys."""
        self._allowance.note(raw.headers)
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
        answer._content = self._keys.struck_out(bytes(body))  # noqa: SLF001 - requests has no other way
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
