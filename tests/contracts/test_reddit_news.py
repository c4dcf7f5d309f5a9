"""Posts from Reddit: the real praw against a local server, its token and its keys included."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("praw", reason="praw is not installed")

from tests.fakes.reddit_posts import (
    KEYS,
    NOW,
    TOKEN,
    RedditVendor,
    listing,
    post_of,
    reddit_news,
    token_for,
)
from tests.fakes.vendor_server import Answer, Asked
from ztrade_core.errors import (
    TransientDataError,
    UnsoundDataError,
    VendorRefusedError,
)
from ztrade_core.news.reddit import MOST_CALLS, MOST_POSTS
from ztrade_core.news.reddit_wire import TOKEN_PATH

REPOSITORY = Path(__file__).resolve().parents[2]
MONDAY = datetime(2022, 11, 21, 14, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SEARCH = "/r/stocks+CryptoCurrency/search/"


def test_a_post_comes_as_reddit_tells_it() -> None:
    edited = (MONDAY + MINUTE).timestamp()
    post = post_of(1, MONDAY, "Why TSLA", selftext="Because.", edited=edited)
    with reddit_news(RedditVendor([post])) as (source, server):
        found = source.fetch("TSLA", MONDAY, NOW)
    (story,) = found.stories
    assert (story.external_id, story.symbols, story.source) == ("p1", ("TSLA",), "reddit:stocks")
    assert (story.headline, story.body) == ("Why TSLA", "Because.")
    assert (story.published_at, story.changed_at) == (MONDAY, MONDAY + MINUTE)
    assert story.url == "https://www.reddit.com/r/stocks/comments/p1/x/"
    assert found.notes == ()
    assert [each.path for each in server.seen] == [TOKEN_PATH, SEARCH]
    asked = server.seen[1]
    assert {name: asked.query[name] for name in ("q", "sort", "t", "restrict_sr")} == {
        "q": "TSLA",
        "sort": "new",
        "t": "week",
        "restrict_sr": "True",
    }
    assert asked.headers["user-agent"].startswith(KEYS.user_agent)


def test_the_token_is_fetched_once_and_the_client_never_holds_it() -> None:
    with reddit_news(RedditVendor([post_of(1, MONDAY, "TSLA")])) as (source, server):
        assert source.calls("TSLA", MONDAY, NOW) == 2
        source.fetch("TSLA", MONDAY, NOW)
        assert source.calls("TSLA", MONDAY, NOW) == 1
        source.fetch("TSLA", MONDAY, NOW)
        assert [each.path for each in server.seen] == [TOKEN_PATH, SEARCH, SEARCH]
        assert server.seen[2].headers["authorization"] == f"bearer {TOKEN}"
        core: Any = source._client()._core
        assert TOKEN not in core._authorizer.access_token
        assert "canary" not in repr(vars(source._client().config)).lower()


@pytest.mark.parametrize(
    ("symbol", "title", "is_about"),
    [
        ("TSLA", "$tsla to the moon", True),
        ("TSLA", "TSLA, again", True),
        ("TSLA", "tsla in small letters", False),
        ("TSLA", "TSLAQ is another", False),
        ("TSLA", "$TSLAQ is another", False),
        ("F", "F in chat", False),
        ("F", "what about $F?", True),
        ("BRK.B", "why BRK.B", True),
        ("BTC/USD", "Bitcoin falls", True),
        ("BTC/USD", "BTC falls", True),
        ("BTC/USD", "bitcoiners gather", False),
        ("ETH/USD", "Bitcoin falls", False),
    ],
)
def test_a_post_counts_only_where_it_names_the_symbol(
    symbol: str,
    title: str,
    is_about: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    with reddit_news(RedditVendor([post_of(1, MONDAY, title)])) as (source, _):
        found = source.fetch(symbol, MONDAY, NOW)
    assert len(found.stories) == is_about


def test_a_coin_is_searched_by_its_name_too() -> None:
    with reddit_news(RedditVendor([])) as (source, server):
        assert source.fetch("BTC/USD", MONDAY, NOW).stories == ()
    assert server.seen[1].query["q"] == 'BTC OR "bitcoin"'


@pytest.mark.parametrize(
    ("age", "word"),
    [(0.5, "hour"), (20, "day"), (100, "week"), (500, "month"), (5000, "year"), (9000, "all")],
)
def test_reddit_is_asked_for_no_more_than_the_age_needs(age: float, word: str) -> None:
    with reddit_news(RedditVendor([])) as (source, server):
        source.fetch("TSLA", NOW - timedelta(hours=age), NOW)
    assert server.seen[1].query["t"] == word


def test_pages_are_read_down_to_the_start_and_no_further() -> None:
    posts = [post_of(n, NOW - n * MINUTE, "TSLA") for n in range(1, 400)]
    with reddit_news(RedditVendor(posts)) as (source, server):
        found = source.fetch("TSLA", NOW - 150 * MINUTE, NOW)
        assert len(server.seen) == 1 + 2
    assert len(found.stories) == 150
    assert found.notes == ()


def test_a_cut_list_is_told() -> None:
    posts = [post_of(n, NOW - n * MINUTE, "TSLA") for n in range(1, 1200)]
    with reddit_news(RedditVendor(posts)) as (source, _):
        found = source.fetch("TSLA", MONDAY, NOW)
    assert len(found.stories) == MOST_POSTS
    assert found.notes == ("Reddit lists the newest 1,000 posts only; older ones were not read",)


def test_pages_without_end_end() -> None:
    numbers = iter(range(10**6))

    def endless(asked: Asked) -> Answer:
        if asked.path == TOKEN_PATH:
            return token_for(asked)
        number = next(numbers)
        return listing([post_of(number, NOW - MINUTE, "TSLA")], f"t3_{number}x")

    with reddit_news(endless) as (source, server):
        with pytest.raises(TransientDataError, match="pages on beyond"):
            source.fetch("TSLA", MONDAY, NOW)
        assert len(server.seen) == MOST_CALLS


def test_one_unusable_post_does_not_cost_the_others_and_is_told() -> None:
    posts = [
        post_of(1, MONDAY, "TSLA"),
        post_of(2, MONDAY, "TSLA", subreddit="elsewhere"),
        post_of(3, MONDAY, "TSLA", edited="yes"),
        post_of(4, MONDAY, "TSLA", selftext="[removed]"),
        post_of(5, MONDAY, "", selftext="TSLA"),
    ]
    with reddit_news(RedditVendor(posts)) as (source, _):
        found = source.fetch("TSLA", MONDAY, NOW)
    assert {each.external_id: each.body for each in found.stories} == {"p1": "", "p4": ""}
    assert sorted(found.notes) == [
        "1 left out: no time",
        "1 left out: no title",
        "1 left out: of another subreddit",
    ]


def test_a_post_without_a_time_is_left_out() -> None:
    odd = [post_of(n, MONDAY, "TSLA") for n in range(4)]
    for each, value in zip(odd[1:], (None, "x", float("inf")), strict=True):
        each["created_utc"] = value
    vendor = [token_for, lambda _: listing(odd, None)]
    with reddit_news(lambda asked: vendor[asked.path != TOKEN_PATH](asked)) as (source, _):
        found = source.fetch("TSLA", MONDAY, NOW)
    assert [each.external_id for each in found.stories] == ["p0"]
    assert found.notes == ("3 left out: no time",)


def test_posts_of_other_subreddits_only_are_refused() -> None:
    posts = [post_of(1, MONDAY, "TSLA", subreddit="elsewhere")]
    with (
        reddit_news(RedditVendor(posts)) as (source, _),
        pytest.raises(UnsoundDataError, match="of another subreddit"),
    ):
        source.fetch("TSLA", MONDAY, NOW)


def test_without_keys_nobody_is_asked() -> None:
    with reddit_news(RedditVendor([]), keys=None) as (source, server):
        assert not source.supports("TSLA")
        assert source.calls("TSLA", MONDAY, NOW) == 0
        with pytest.raises(VendorRefusedError, match="REDDIT_CLIENT_ID"):
            source.fetch("TSLA", MONDAY, NOW)
        assert server.seen == []


PLANTED = """
import sys
from datetime import timedelta
from tests.fakes.reddit_posts import KEYS, NOW, SUBREDDITS, UNPACED
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.news.reddit import RedditPosts

source = RedditPosts(
    urls=(sys.argv[1], sys.argv[1]),
    keys=KEYS,
    subreddits=SUBREDDITS,
    clock=SimulatedClock(NOW),
    pace=UNPACED,
)
print(len(source.fetch("TSLA", NOW - timedelta(days=7), NOW).stories))
"""


def test_praws_own_files_and_variables_move_nothing(tmp_path: Path) -> None:
    planted = "username=a\npassword=b\nrefresh_token=c\ncheck_for_updates=True\n"
    (tmp_path / "praw.ini").write_text(f"[DEFAULT]\n{planted}", encoding="utf-8")
    names = ("username", "password", "refresh_token", "client_secret", "site")
    environment = {f"praw_{name}": "planted" for name in names}
    with reddit_news(RedditVendor([post_of(1, MONDAY, "TSLA")])) as (_, server):
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", PLANTED, server.url],
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr
