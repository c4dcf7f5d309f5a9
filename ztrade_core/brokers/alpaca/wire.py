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

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from requests import PreparedRequest, Request, Response, Session
from requests.adapters import BaseAdapter
from typing_extensions import override

from ztrade_core.brokers.alpaca.allowance import Allowance
from ztrade_core.brokers.alpaca.fence import PAPER, Fence, require_paper_key
from ztrade_core.errors import ConfigError
from ztrade_core.wires.bounded import BoundedAdapter, WireLimits
from ztrade_core.wires.watched import WatchedAdapter

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


class _FencedAdapter(BoundedAdapter):
    """Sends what the fence lets through, with the keys, and lets nothing but bodies back."""

    def __init__(
        self,
        keys: PaperKeys,
        limits: WireLimits,
        wire: BaseAdapter,
        fence: Fence,
        allowance: Allowance,
    ) -> None:
        super().__init__(limits, wire)
        self._keys = keys
        self._fence = fence
        self._allowance = allowance

    @override
    def require(self, request: PreparedRequest) -> None:
        self._fence.require_request(request.url)
        self._fence.require_method(request.method)

    @override
    def dressed(self, request: PreparedRequest) -> PreparedRequest:
        sent = request.copy()
        sent.headers.update(self._keys.headers())
        return sent

    @override
    def struck_out(self, body: bytes) -> bytes:
        return self._keys.struck_out(body)

    @override
    def kept(self, headers: Mapping[str, str]) -> dict[str, str]:
        self._allowance.note(headers)
        return {}
