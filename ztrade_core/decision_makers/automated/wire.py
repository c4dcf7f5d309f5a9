"""The SDK's transport: one question to one host, bounded as a whole, the key below the client.

`ClaudeTransport` is what the SDK's HTTP client is given. It hands each request to our bounded wire: one
attempt on a fresh connection, no redirect, a deadline over the whole exchange, a bound on the body. The
SDK itself never holds the key, so no request, exception or log of it can. What failed is told in our words.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from requests import PreparedRequest, Request, Response
from requests.adapters import BaseAdapter
from requests.exceptions import ConnectTimeout, RequestException
from typing_extensions import override
from urllib3.exceptions import NewConnectionError

from ztrade_core.wires.bounded import BoundedAdapter, WireError, WireLimits
from ztrade_core.wires.vendor import UNKEYED, VendorKeys
from ztrade_core.wires.watched import WatchedAdapter

if TYPE_CHECKING:
    import httpx2

CONNECT_SECONDS = 3.0
MOST_BODY_BYTES = 4 * 1024 * 1024
PATH = "/v1/messages"
KEY_HEADER = "x-api-key"
_AFTER_THE_DEADLINE = 5.0  # the whole exchange's deadline comes first
_OURS = frozenset(
    {KEY_HEADER, "host", "connection", "accept-encoding", "authorization", "cookie"}
    | {"content-length", "transfer-encoding", "proxy-authorization"}
)
_KEPT = ("Content-Type", "Retry-After", "Request-Id")


def keys_of(key: SecretStr) -> VendorKeys:
    """Return the vendor's key as the wire adds it and strikes it out."""
    return VendorKeys(headers={KEY_HEADER: key})


class Exchange:
    """What became of one attempt: whether the question may have reached the vendor, and in time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.may_have_arrived = False
        self.problem = ""

    @property
    def timed_out(self) -> bool:
        """Whether the deadline ended it."""
        return self.problem == f"no whole answer within {self.seconds:g} s"


class _NotingWire(BaseAdapter):
    """Notes whether a connection stood, so that a question which was never sent costs nothing."""

    def __init__(self, inner: BaseAdapter, exchange: Exchange) -> None:
        super().__init__()
        self._inner = inner
        self._exchange = exchange

    @override
    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self._exchange.may_have_arrived = True
        try:
            return self._inner.send(request, *args, **kwargs)
        except RequestException as error:
            reason = getattr(error.args[0], "reason", None) if error.args else None
            unsent = isinstance(error, ConnectTimeout) or isinstance(reason, NewConnectionError)
            self._exchange.may_have_arrived = not unsent
            raise

    @override
    def close(self) -> None:
        self._inner.close()


class ClaudeWire(BoundedAdapter):
    """Sends POST to the one address of messages, with the key."""

    def __init__(
        self, address: str, keys: VendorKeys, exchange: Exchange, wire: BaseAdapter | None = None
    ) -> None:
        limits = WireLimits(
            connect_seconds=min(CONNECT_SECONDS, exchange.seconds),
            read_seconds=exchange.seconds + _AFTER_THE_DEADLINE,
            deadline_seconds=exchange.seconds,
            body_bytes=MOST_BODY_BYTES,
        )
        super().__init__(limits, _NotingWire(WatchedAdapter() if wire is None else wire, exchange))
        self._url = address + PATH
        self._keys = keys

    @override
    def require(self, request: PreparedRequest) -> None:
        if request.method != "POST" or request.url != self._url:
            raise WireError(f"a request beyond POST {self._url} was refused before it was sent")

    @override
    def dressed(self, request: PreparedRequest) -> PreparedRequest:
        return self._keys.dressed(request)

    @override
    def struck_out(self, body: bytes) -> bytes:
        text = body.decode("utf-8", "surrogateescape")
        return self._keys.scrubbed(text).encode("utf-8", "surrogateescape")

    @override
    def kept(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {name: self._keys.scrubbed(headers[name]) for name in _KEPT if name in headers}


def transport_of(wire: BoundedAdapter, exchange: Exchange) -> "httpx2.BaseTransport":
    """Return the wire in the form the SDK's HTTP client takes."""
    import httpx2  # noqa: PLC0415 - it comes with the SDK

    class ClaudeTransport(httpx2.BaseTransport):
        """Carries the client's requests over our wire."""

        @override
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            problem = ""
            try:
                answer = wire.send(_as_ours(request))
            except WireError as error:
                problem = exchange.problem = str(error)
            if problem:  # outside of the handler: the error holds no frame that saw the key
                raise httpx2.TransportError(problem, request=request)
            return httpx2.Response(
                answer.status_code, headers=dict(answer.headers), content=answer.content
            )

        @override
        def close(self) -> None:
            wire.close()

    return ClaudeTransport()


def _as_ours(request: "httpx2.Request") -> PreparedRequest:
    headers = {name: value for name, value in request.headers.items() if name.lower() not in _OURS}
    headers |= {"Accept-Encoding": "identity", "Connection": "close", KEY_HEADER: UNKEYED}
    return Request(
        method=request.method, url=str(request.url), headers=headers, data=request.read()
    ).prepare()
