"""Reddit over real HTTP: a token for the right application, and searches page by page; all invented."""

from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from tests.fakes.vendor_faults import Unpaced
from tests.fakes.vendor_server import Answer, Asked, VendorServer, json_answer
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.news.reddit import RedditPosts
from ztrade_core.news.reddit_wire import TOKEN_PATH, RedditKeys
from ztrade_core.news.vendor_stories import NEWS_LIMITS
from ztrade_core.wires.bounded import WireLimits
from ztrade_core.wires.pace import Pace

NOW = datetime(2022, 11, 25, 15, 42, tzinfo=UTC)
TOKEN = "canaryToken-123"  # noqa: S105 - invented
KEYS = RedditKeys(
    client_id=SecretStr("canaryId"),
    client_secret=SecretStr("canarySecret"),
    user_agent="linux:ztrade-test:0.1 (by /u/nobody)",
)
SUBREDDITS = ("stocks", "CryptoCurrency")
UNPACED = Unpaced()


def post_of(number: int, created: datetime, title: str, **more: Any) -> dict[str, Any]:
    """A post as Reddit writes it."""
    return {
        "id": f"p{number}",
        "name": f"t3_p{number}",
        "title": title,
        "selftext": "",
        "created_utc": created.timestamp(),
        "edited": False,
        "permalink": f"/r/stocks/comments/p{number}/x/",
        "subreddit": "stocks",
        "score": 7,
        "link_flair_text": "News",
        **more,
    }


def listing(posts: Sequence[dict[str, Any]], after: str | None) -> Answer:
    """A page of posts."""
    children = [{"kind": "t3", "data": each} for each in posts]
    return json_answer({"kind": "Listing", "data": {"after": after, "children": children}})


class RedditVendor:
    """Answers as Reddit does; every post is a match."""

    def __init__(self, posts: Sequence[dict[str, Any]]) -> None:
        self._posts = sorted(posts, key=lambda each: -each["created_utc"])

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == TOKEN_PATH:
            return token_for(asked)
        if asked.headers.get("authorization") != f"bearer {TOKEN}":
            return json_answer({"message": "Unauthorized", "error": 401}, 401)
        first = int(asked.query.get("after", "t3_0")[3:])
        last = first + int(asked.query["limit"])
        after = f"t3_{last}" if last < len(self._posts) else None
        return listing(self._posts[first:last], after)


def token_for(asked: Asked) -> Answer:
    """A token, for the right id and secret."""
    given = asked.headers.get("authorization", "").removeprefix("Basic ")
    if b64decode(given) != b"canaryId:canarySecret":
        return json_answer({"message": "Unauthorized", "error": 401}, 401)
    return json_answer(
        {"access_token": TOKEN, "token_type": "bearer", "expires_in": 86400, "scope": "*"}
    )


@contextmanager
def reddit_news(
    answer: Callable[[Asked], Answer],
    *,
    keys: RedditKeys | None = KEYS,
    limits: WireLimits = NEWS_LIMITS,
    pace: Pace = UNPACED,
) -> Iterator[tuple[RedditPosts, VendorServer]]:
    """Serve Reddit's adapter by `answer`, at NOW; one server is both hosts."""
    with posting(answer) as server:
        yield (
            RedditPosts(
                urls=(server.url, server.url),
                keys=keys,
                subreddits=SUBREDDITS,
                clock=SimulatedClock(NOW),
                pace=pace,
                limits=limits,
            ),
            server,
        )


def posting(answer: Callable[[Asked], Answer]) -> VendorServer:
    """A server that answers POST too."""
    server = VendorServer(answer)
    getting = server._http.RequestHandlerClass
    server._http.RequestHandlerClass = type("Handler", (getting,), {"do_POST": _post})
    return server


def _post(handler: Any) -> None:
    """Read the body of a POST, drop it, and answer as to GET."""
    handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
    handler.do_GET()
