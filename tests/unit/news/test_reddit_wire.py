"""Keys and token go to Reddit's two addresses and nowhere else."""

from datetime import UTC, datetime

import pytest
from requests.adapters import HTTPAdapter

from tests.fakes.reddit_posts import (
    KEYS,
    TOKEN,
    UNPACED,
    RedditVendor,
    listing,
    post_of,
    posting,
    token_for,
)
from tests.fakes.vendor_server import Answer
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.errors import ConfigError
from ztrade_core.news.reddit_wire import TOKEN_PATH, RedditSession
from ztrade_core.news.vendor_stories import NEWS_LIMITS
from ztrade_core.wires.bounded import WireError
from ztrade_core.wires.pace import Questions
from ztrade_core.wires.vendor import UNKEYED

NOW = datetime(2022, 11, 25, 15, 42, tzinfo=UTC)


def session_at(url: str, token_url: str) -> RedditSession:
    questions = Questions(UNPACED)
    questions.begin(10)
    return RedditSession(
        (url, token_url),
        KEYS,
        clock=SimulatedClock(NOW),
        pace=UNPACED,
        questions=questions,
        limits=NEWS_LIMITS,
    )


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "http://127.0.0.1:9/x"),
        ("GET", "http://127.0.0.1@{host}/x"),
        ("POST", "{base}/api/submit"),
        ("POST", "{base}/api/v1/access_token/x"),
        ("DELETE", "{base}/r/x"),
    ],
)
def test_a_request_beyond_the_two_is_refused_before_it_is_sent(method: str, url: str) -> None:
    with posting(RedditVendor([])) as server:
        session = session_at(server.url, server.url)
        host = server.url.removeprefix("http://")
        with pytest.raises(WireError, match="was refused before it was sent"):
            session.request(method, url.format(base=server.url, host=host))
        assert server.seen == []


@pytest.mark.parametrize("host", ["oauth.reddit.com.evil.example", "oauth.reddit.community"])
def test_a_host_that_begins_like_reddits_is_refused(host: str) -> None:
    session = session_at("https://oauth.reddit.com", "https://www.reddit.com")
    with pytest.raises(WireError, match="was refused before it was sent"):
        session.get(f"https://{host}/x")


def test_each_host_gets_its_own_key_only() -> None:
    with posting(token_for) as tokens, posting(lambda _: listing([], None)) as api:
        session = session_at(api.url, tokens.url)
        told = session.request("POST", tokens.url + TOKEN_PATH)
        session.get(api.url + "/r/stocks/search/")
        with pytest.raises(WireError, match="was refused before it was sent"):
            session.request("POST", api.url + TOKEN_PATH)
    assert tokens.seen[0].headers["authorization"].startswith("Basic ")
    assert [each.headers["authorization"] for each in api.seen] == [f"bearer {TOKEN}"]
    assert told.json()["access_token"] == UNKEYED


def test_a_token_that_comes_back_is_struck_out() -> None:
    post = post_of(1, NOW, f"{TOKEN} canarySecret")
    with posting(token_for) as tokens, posting(lambda _: listing([post], None)) as api:
        session = session_at(api.url, tokens.url)
        session.request("POST", tokens.url + TOKEN_PATH)
        told = session.get(api.url + "/r/stocks/search/").json()
    assert told["data"]["children"][0]["data"]["title"] == "[key] [key]"


def test_cookies_and_headers_that_pace_are_not_passed_on() -> None:
    headers = {"Set-Cookie": "a=b", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "600"}
    page = Answer(body=listing([], None).body, headers=headers)
    with posting(lambda _: page) as api:
        session = session_at(api.url, api.url)
        told = session.get(api.url + "/r/stocks/search/")
        session.get(api.url + "/r/stocks/search/")
    assert set(told.headers) == {"Content-Type"}
    assert "cookie" not in api.seen[1].headers


def test_a_transport_of_the_clients_own_is_not_taken() -> None:
    with posting(lambda _: listing([], None)) as api:
        session = session_at(api.url, api.url)
        session.mount("http://", HTTPAdapter(max_retries=3))
        assert not isinstance(session.get_adapter(api.url), HTTPAdapter)


def test_an_address_that_no_key_may_go_to_is_refused() -> None:
    with pytest.raises(ConfigError, match="not a vendor's address"):
        session_at("http://oauth.reddit.com", "https://www.reddit.com")


def test_keys_print_as_stars() -> None:
    assert "canary" not in repr(KEYS)
