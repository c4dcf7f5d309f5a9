"""What asks Yahoo: curl under a browser's fingerprint, one host, questions only, bounded.

Contract: a URL of ours only (`base` and a path), nothing of a redirect, no proxy, no retry, a session
a request, so no cookie is kept; connecting and the whole exchange have deadlines (libcurl's own timers: a byte a second ends), a
body above the bound is cut off while it comes, after it was decompressed. Whatever fails is one
`WireError` in our words. curl_cffi is what yfinance uses: Yahoo turns other clients away.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ztrade_core.wires.bounded import WireError, WireLimits
from ztrade_core.wires.vendor import require_vendor_base

_FIRST_REDIRECT, _FIRST_REFUSAL = 300, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One answer, whole."""

    status: int
    body: bytes
    retry_after: str | None

    @property
    def text(self) -> str:
        """The body as text; what is no UTF-8 becomes a mark."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return what the body says; ValueError when it is no JSON."""
        return json.loads(self.text)


class BrowserWire:
    """Asks one host; `before` is called for every request, before it is sent: it paces them."""

    def __init__(self, base_url: str, limits: WireLimits, before: Callable[[], None]) -> None:
        self._base = require_vendor_base(base_url, "vendor")
        self._limits = limits
        self._before = before

    def get(self, path: str, query: Mapping[str, str]) -> Told:
        """Ask once.

        Raises:
            WireError: no answer, or one that may not be read.
            DataError: whatever `before` raises.
        """
        from curl_cffi import CurlError  # noqa: PLC0415 - only who asks Yahoo loads it

        self._before()
        body = _Body(self._limits.body_bytes)
        try:
            answer = self._exchange(f"{self._base}{path}?{urlencode(query)}", body)
        except CurlError as error:
            if body.is_full:
                raise WireError(f"an answer above {self._limits.body_bytes} bytes") from None
            raise WireError(f"the exchange broke: {type(error).__name__}") from None
        if _FIRST_REDIRECT <= answer.status_code < _FIRST_REFUSAL:
            raise WireError(f"unexpected status {answer.status_code}; redirects are not followed")
        return Told(
            status=answer.status_code,
            body=bytes(body.held),
            retry_after=answer.headers.get("Retry-After"),
        )

    def _exchange(self, url: str, body: "_Body") -> Any:
        from curl_cffi import CurlOpt  # noqa: PLC0415 - see get
        from curl_cffi.requests import Session  # noqa: PLC0415

        limits = self._limits
        rest = max(limits.deadline_seconds - limits.connect_seconds, 0.0)
        options: Any = {
            CurlOpt.PROXY: "",  # also none of the environment's
            CurlOpt.FORBID_REUSE: 1,
        }
        with Session(
            impersonate="chrome",
            trust_env=False,
            allow_redirects=False,
            timeout=(limits.connect_seconds, rest),  # curl adds the two: the whole deadline
            curl_options=options,
        ) as session:
            return session.get(url, content_callback=body.take)


class _Body:
    """An answer's body as it comes, up to a bound."""

    def __init__(self, bound: int) -> None:
        self.held = bytearray()
        self.is_full = False
        self._bound = bound

    def take(self, chunk: bytes) -> int:
        """Hold a piece; tell curl to stop when there is too much."""
        from curl_cffi.curl import CURL_WRITEFUNC_ERROR  # noqa: PLC0415 - loaded by then

        if len(self.held) + len(chunk) > self._bound:
            self.is_full = True
            return int(CURL_WRITEFUNC_ERROR)
        self.held += chunk
        return len(chunk)
