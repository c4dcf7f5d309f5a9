"""What goes wrong between us and Reddit: one clear error each, once, and no key or token in it."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytest.importorskip("praw", reason="praw is not installed")

from tests.fakes.noted_pace import NotedPace
from tests.fakes.reddit_posts import NOW, RedditVendor, listing, post_of, reddit_news, token_for
from tests.fakes.secrets_told import everything_told
from tests.fakes.vendor_faults import FAULTS, QUICK, UsedUp
from tests.fakes.vendor_server import Answer, Asked, json_answer
from ztrade_core.errors import (
    DataError,
    NoDataError,
    RateLimitedError,
    TransientDataError,
    VendorRefusedError,
)
from ztrade_core.news.reddit_wire import TOKEN_PATH

MONDAY = datetime(2022, 11, 21, 14, 30, tzinfo=UTC)
SEARCH = "/r/stocks+CryptoCurrency/search/"


def instead(path: str, answer: Answer) -> Callable[[Asked], Answer]:
    """Reddit, with one path gone wrong."""
    vendor = RedditVendor([post_of(1, MONDAY, "TSLA again")])
    return lambda asked: answer if asked.path == path else vendor(asked)


ANSWERS = [
    (json_answer({}, 401), VendorRefusedError, "HTTP 401"),
    (json_answer({}, 403), VendorRefusedError, "HTTP 403"),
    (json_answer({}, 404), NoDataError, "HTTP 404"),
    (json_answer({}, 429, Retry_After="9"), RateLimitedError, "2022-11-25T15:42:09Z"),
    (json_answer({}, 429, Retry_After="Fri, 25 Nov"), RateLimitedError, "15:43:00Z"),
    (json_answer({}, 500), TransientDataError, "HTTP 500"),
    (json_answer({}, 503), TransientDataError, "HTTP 503"),
    (Answer(status=401, body=b"canarySecret, canarySecret"), VendorRefusedError, "[key], [key]"),
]


@pytest.mark.parametrize("path", [TOKEN_PATH, SEARCH])
@pytest.mark.parametrize(("answer", "kind", "words"), ANSWERS)
def test_every_refusal_is_one_clear_error_and_nothing_is_asked_again(
    path: str, answer: Answer, kind: type[DataError], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with reddit_news(instead(path, answer)) as (source, server):
        with pytest.raises(DataError) as told:
            source.fetch("TSLA", MONDAY, NOW)
        assert [each.path for each in server.seen].count(path) == 1
        assert len(server.seen) == (1 if path == TOKEN_PATH else 2)
    assert type(told.value) is kind
    assert words in str(told.value)
    assert "canary" not in (everything_told(told.value) + caplog.text).lower()


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (json_answer({"error": "invalid_grant"}), VendorRefusedError, "no token: invalid_grant"),
        (json_answer({}), TransientDataError, "no token"),
        (json_answer({"access_token": 7}), TransientDataError, "no token"),
        (json_answer({"access_token": "a\nb"}), TransientDataError, "no token"),
        (json_answer({"access_token": "a" * 9000}), TransientDataError, "no token"),
    ],
)
def test_a_token_that_is_none_is_refused(answer: Answer, kind: type[DataError], words: str) -> None:
    with (
        reddit_news(instead(TOKEN_PATH, answer)) as (source, _),
        pytest.raises(DataError, match=words) as told,
    ):
        source.fetch("TSLA", MONDAY, NOW)
    assert type(told.value) is kind


@pytest.mark.parametrize("path", [TOKEN_PATH, SEARCH])
@pytest.mark.parametrize("name", FAULTS)
def test_what_is_no_answer_ends_in_one_error(name: str, path: str) -> None:
    with reddit_news(instead(path, FAULTS[name]), limits=QUICK) as (source, server):
        with pytest.raises(TransientDataError) as told:
            source.fetch("TSLA", MONDAY, NOW)
        assert [each.path for each in server.seen].count(path) == 1
    assert "canary" not in everything_told(told.value).lower()


@pytest.mark.parametrize(
    "data",
    [
        {"children": 7, "after": None},
        {"children": [7], "after": None},
        {"children": [{"kind": "t1", "data": {"id": "x", "body": "a comment"}}], "after": None},
        {},
        7,
    ],
)
def test_a_listing_that_is_none_is_not_understood(data: Any) -> None:
    answer = json_answer({"kind": "Listing", "data": data})
    with (
        reddit_news(instead(SEARCH, answer)) as (source, _),
        pytest.raises(TransientDataError, match="not understood"),
    ):
        source.fetch("TSLA", MONDAY, NOW)


def test_a_refused_token_is_not_used_again() -> None:
    answers = [json_answer({}, 401), listing([post_of(1, MONDAY, "TSLA")], None)]
    vendor = [token_for, lambda _: answers.pop(0)]
    with reddit_news(lambda asked: vendor[asked.path != TOKEN_PATH](asked)) as (source, server):
        with pytest.raises(VendorRefusedError):
            source.fetch("TSLA", MONDAY, NOW)
        assert len(source.fetch("TSLA", MONDAY, NOW).stories) == 1
        assert [each.path for each in server.seen] == [TOKEN_PATH, SEARCH, TOKEN_PATH, SEARCH]


def test_a_limit_that_is_used_up_ends_it_before_it_is_asked() -> None:
    with reddit_news(RedditVendor([]), pace=UsedUp(NOW)) as (source, server):
        with pytest.raises(RateLimitedError, match="used up"):
            source.fetch("TSLA", MONDAY, NOW)
        assert server.seen == []


def test_a_429_lets_everybody_rest_until_its_time() -> None:
    pace = NotedPace()
    answer = json_answer({}, status=429, Retry_After="7")
    with (
        reddit_news(instead(SEARCH, answer), pace=pace) as (source, _),
        pytest.raises(RateLimitedError),
    ):
        source.fetch("TSLA", NOW - timedelta(days=1), NOW)
    assert pace.rests == [NOW + timedelta(seconds=7)]
