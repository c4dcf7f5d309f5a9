"""The session that praw is given: Reddit's two hosts, one form of question each, keys below the client.

Contract: nothing is sent but GET below the API's base and the one POST that fetches a token; redirects
are not followed, time and size are bounded, nothing is retried. Client id, secret and token are added to
what is sent and struck out of every answer: praw holds a placeholder in place of each, so that they can
stand in no exception, log or listing of it. A refusal raises our error at once: praw would sleep and ask
again, or stumble over a header. Nor does praw see the headers that would make it wait; `Pace` does that.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from requests import PreparedRequest, Request, Response, Session
from requests.adapters import BaseAdapter
from typing_extensions import override

from ztrade_core.errors import TransientDataError, VendorRefusedError
from ztrade_core.news.vendor_stories import refuse
from ztrade_core.ports.clock import Clock
from ztrade_core.wires.bounded import BoundedAdapter, WireError, WireLimits
from ztrade_core.wires.pace import Pace, Questions
from ztrade_core.wires.refusals import shown
from ztrade_core.wires.vendor import UNKEYED, VendorKeys, require_vendor_base
from ztrade_core.wires.watched import WatchedAdapter

TOKEN_PATH = "/api/v1/access_token"  # noqa: S105 - a path
_MOST_TOKEN = 8192
_OK = 200
_KEPT = ("Content-Type", "Retry-After")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedditKeys:
    """An application's id and secret at Reddit, and how it names itself, which Reddit asks for."""

    client_id: SecretStr
    client_secret: SecretStr
    user_agent: str


class RedditSession(Session):
    """Asks the first of `urls` with a token that is fetched from the second, within `questions` of `pace`."""

    def __init__(
        self,
        urls: tuple[str, str],
        keys: RedditKeys,
        *,
        clock: Clock,
        pace: Pace,
        questions: Questions,
        limits: WireLimits,
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.max_redirects = 0
        self._clock = clock
        self._pace = pace
        self._questions = questions
        url, token_url = urls
        self._adapter = _RedditAdapter(
            require_vendor_base(url, "reddit"),
            require_vendor_base(token_url, "reddit") + TOKEN_PATH,
            keys,
            limits,
        )
        self.adapters.clear()
        super().mount("", self._adapter)

    @override
    def mount(self, prefix: str | bytes, adapter: BaseAdapter) -> None:
        """Take our own transport only."""

    @override
    def prepare_request(self, request: Request) -> PreparedRequest:
        prepared = super().prepare_request(request)
        for name in ("Authorization", "Cookie"):
            prepared.headers.pop(name, None)
        prepared.headers["Accept-Encoding"] = "identity"
        prepared.headers["Connection"] = "close"
        return prepared

    @override
    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Response:
        """Ask within the pace; any status but 200 raises what it means (DataError)."""
        self._questions.take()
        answer = super().request(method, url, *args, **{**kwargs, "allow_redirects": False})
        if answer.status_code != _OK:
            refuse(answer, self._clock, self._pace)
        if str(method).upper() == "POST":
            self._adapter.keep_token(answer)
        else:
            _require_listing(answer)
        return answer


class _RedditAdapter(BoundedAdapter):
    """Sends a question with its keys; see the module."""

    def __init__(self, base: str, token_url: str, keys: RedditKeys, limits: WireLimits) -> None:
        super().__init__(limits, WatchedAdapter())
        self._base = base + "/"
        self._token_url = token_url
        both = (keys.client_id, keys.client_secret)
        pair = ":".join(key.get_secret_value() for key in both)
        self._basic = SecretStr(b64encode(pair.encode()).decode())
        self._secrets = {"secret": keys.client_secret, "basic": self._basic}

    def keep_token(self, answer: Response) -> None:
        """Take the token out of an answer, and write a placeholder over it.

        Raises:
            VendorRefusedError: Reddit says why it gives none.
            TransientDataError: the answer is no token.
        """
        try:
            told = answer.json()
        except (ValueError, RecursionError):
            told = None
        if isinstance(told, dict) and "error" in told:
            raise VendorRefusedError(f"no token: {shown(str(told['error']))}")
        token = told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(token, str) or not 0 < len(token) <= _MOST_TOKEN or not _is_plain(token):
            raise TransientDataError("its answer was not understood (no token)")
        self._secrets["token"] = SecretStr(token)
        lasts = told.get("expires_in")
        seconds = int(lasts) if isinstance(lasts, (int, float)) and 0 < lasts < 10**7 else 60
        kept = {"access_token": UNKEYED, "expires_in": seconds, "scope": "*"}
        answer._content = json.dumps(kept).encode()  # noqa: SLF001 - requests has no other way

    @override
    def require(self, request: PreparedRequest) -> None:
        url, method = request.url or "", request.method or ""
        is_token = method.upper() == "POST" and url == self._token_url
        is_question = method.upper() == "GET" and url.startswith(self._base)
        if not (is_token or is_question):
            raise WireError(f"a request beyond {self._base} was refused before it was sent")

    @override
    def dressed(self, request: PreparedRequest) -> PreparedRequest:
        sent = request.copy()
        if request.url == self._token_url:
            sent.headers["Authorization"] = f"Basic {self._basic.get_secret_value()}"
        elif "token" in self._secrets:
            token = self._secrets["token"].get_secret_value()
            sent.headers["Authorization"] = f"bearer {token}"
        return sent

    @override
    def struck_out(self, body: bytes) -> bytes:
        keys = VendorKeys(headers=self._secrets)
        text = keys.scrubbed(body.decode("utf-8", "surrogateescape"))
        return text.encode("utf-8", "surrogateescape")

    @override
    def kept(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {name: headers[name] for name in _KEPT if name in headers}


def _require_listing(answer: Response) -> None:
    """Raise TransientDataError for an answer that is no page of a list: praw takes null for an empty one."""
    try:
        told = answer.json()
        is_listing = told["kind"] == "Listing" and isinstance(told["data"]["children"], list)
    except (ValueError, KeyError, TypeError, RecursionError):
        is_listing = False
    if not is_listing:
        raise TransientDataError("its answer was not understood (no list of posts)")


def _is_plain(token: str) -> bool:
    return token.isascii() and token.isprintable() and " " not in token
