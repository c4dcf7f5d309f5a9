"""The session that a data vendor's client is given: one host, questions only, keys below the client.

Contract: a URL outside the vendor's base is refused before a connection is opened, as are redirects and
everything but GET. Keys are added to what is sent (as headers, or in place of the client's placeholder
in the query) and struck out of every answer; `Retry-After` and the content type are all that a client
sees of the headers. Time and size are bounded (`ztrade_core.wires.bounded`). Nothing is retried.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr
from requests import PreparedRequest, Request, Response, Session
from requests.adapters import BaseAdapter
from typing_extensions import override

from ztrade_core.domain.configuration import is_vendor_address
from ztrade_core.errors import ConfigError
from ztrade_core.wires.bounded import BoundedAdapter, WireError, WireLimits
from ztrade_core.wires.watched import WatchedAdapter

STRUCK_OUT = "[key]"
UNKEYED = "KEY-IS-ADDED-BELOW"
"""What a client that insists on a key is given; the session writes the key over it."""

VENDOR_LIMITS = WireLimits(
    connect_seconds=3.0, read_seconds=10.0, deadline_seconds=20.0, body_bytes=64 * 1024 * 1024
)
_REST = re.compile(r"/[A-Za-z0-9_.~%=&+:,/?-]*", re.ASCII)
_KEPT = ("Content-Type", "Retry-After")


def require_vendor_base(url: str, where: str) -> str:
    """Return a base URL (scheme and host, no path) that keys may be sent to.

    Raises:
        ConfigError: neither https nor this machine; the message names `where`.
    """
    if is_vendor_address(url):
        return url
    raise ConfigError(
        f"{where}: not a vendor's address; write https:// and the host, without a path"
        " (http:// for 127.0.0.1 with its port only)"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorKeys:
    """Keys by header or by query parameter; they print as stars."""

    headers: Mapping[str, SecretStr] = field(default_factory=dict)
    query: Mapping[str, SecretStr] = field(default_factory=dict)

    def scrubbed(self, text: str) -> str:
        """Return a text in which no key stands, as written or as encoded for a URL."""
        for secret in (*self.headers.values(), *self.query.values()):
            value = secret.get_secret_value()
            for form in {value, quote(value, safe="")} - {""}:
                text = text.replace(form, STRUCK_OUT)
        return text

    def dressed(self, request: PreparedRequest) -> PreparedRequest:
        """Return a copy of a request with the keys in it."""
        sent = request.copy()
        for name, value in self.headers.items():
            sent.headers[name] = value.get_secret_value()
        if self.query:
            sent.url = self._with_query(sent.url or "")
        return sent

    def _with_query(self, url: str) -> str:
        path, _, query = url.partition("?")
        kept = [
            part for part in query.split("&") if part and part.partition("=")[0] not in self.query
        ]
        own = [
            f"{name}={quote(key.get_secret_value(), safe='')}" for name, key in self.query.items()
        ]
        return f"{path}?{'&'.join((*kept, *own))}"


class VendorSession(Session):
    """A session that asks one vendor's host and nothing else; `wire` is what tests inject.

    `before` is called for every request, before it is sent: it paces them, and ends what does not end.
    """

    def __init__(
        self,
        base_url: str,
        keys: VendorKeys,
        *,
        before: Callable[[], None] | None = None,
        limits: WireLimits = VENDOR_LIMITS,
        wire: BaseAdapter | None = None,
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.max_redirects = 0
        self._base = require_vendor_base(base_url, "vendor")
        self._keys = keys
        self._before = before
        self.adapters.clear()
        self.mount(self._base + "/", _VendorAdapter(self._base, keys, limits, wire))

    @override
    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Response:
        _require(self._base, method, url)
        if self._before is not None:
            self._before()
        return super().request(method, url, *args, **{**kwargs, "allow_redirects": False})

    @override
    def get_adapter(self, url: Any) -> BaseAdapter:
        _require(self._base, "GET", url)
        return super().get_adapter(url)

    @override
    def mount(self, prefix: str, adapter: BaseAdapter) -> None:
        """Take our own transport only: a client that mounts retries of its own is not heard."""
        if isinstance(adapter, _VendorAdapter):
            super().mount(prefix, adapter)

    @override
    def prepare_request(self, request: Request) -> PreparedRequest:
        """Strip placeholders that a client sends as keys, and ask for a plain body."""
        prepared = super().prepare_request(request)
        for name in (*self._keys.headers, "Authorization", "Cookie"):
            prepared.headers.pop(name, None)
        prepared.headers["Accept-Encoding"] = "identity"
        prepared.headers["Connection"] = "close"
        return prepared


class _VendorAdapter(BoundedAdapter):
    """Sends a question with the keys, and lets body, content type and Retry-After back."""

    def __init__(
        self, base: str, keys: VendorKeys, limits: WireLimits, wire: BaseAdapter | None
    ) -> None:
        super().__init__(limits, WatchedAdapter() if wire is None else wire)
        self._base = base
        self._keys = keys

    @override
    def require(self, request: PreparedRequest) -> None:
        _require(self._base, request.method, request.url)

    @override
    def dressed(self, request: PreparedRequest) -> PreparedRequest:
        return self._keys.dressed(request)

    @override
    def struck_out(self, body: bytes) -> bytes:
        return self._keys.scrubbed(body.decode("utf-8", "surrogateescape")).encode(
            "utf-8", "surrogateescape"
        )

    @override
    def kept(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {name: headers[name] for name in _KEPT if name in headers}


def _require(base: str, method: object, url: object) -> None:
    asks = isinstance(method, str) and method.upper() == "GET"
    is_inside = isinstance(url, str) and url.startswith(base) and _REST.fullmatch(url[len(base) :])
    if not asks or not is_inside:
        raise WireError(f"a request beyond GET {base}/ was refused before it was sent")
