"""News from Alpaca: the real alpaca-py against a local server, its requests against the document."""

import json
import logging
from datetime import UTC, datetime, timedelta

import pytest

from tests.contracts.alpaca_documents import MARKET_DATA, document, faults_of, request_faults
from tests.fakes.alpaca_news import NOW, AlpacaNewsVendor, alpaca_news, story_of
from tests.fakes.alpaca_routes import Seen
from tests.fakes.noted_pace import NotedPace
from tests.fakes.secrets_told import everything_told
from tests.fakes.vendor_faults import FAULTS, QUICK, UsedUp
from tests.fakes.vendor_server import Answer, Asked, json_answer
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import (
    DataError,
    NoDataError,
    RateLimitedError,
    TransientDataError,
    UnsoundDataError,
    VendorRefusedError,
)
from ztrade_core.news.alpaca import LATE_CHANGES, MOST_PAGES

pytest.importorskip("alpaca", reason="alpaca-py is not installed")

MONDAY = datetime(2022, 11, 21, 14, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def seen(asked: Asked) -> Seen:
    return Seen(method="GET", path=asked.path, query=dict(asked.query), headers={}, body=None)


def test_a_story_comes_as_alpaca_tells_it_without_its_content() -> None:
    with alpaca_news(AlpacaNewsVendor([story_of(7, MONDAY)])) as (source, server):
        found = source.fetch("TSLA", MONDAY, NOW)
    (story,) = found.stories
    assert (story.external_id, story.symbols, story.source) == ("7", ("TSLA",), "alpaca:benzinga")
    assert (story.headline, story.body) == ("Invented headline 7", "Invented summary 7")
    assert story.published_at == MONDAY
    assert story.changed_at == MONDAY + timedelta(seconds=1)
    assert story.url == "https://news.example/7"
    assert found.notes == ()
    assert "include_content" not in server.seen[0].query
    assert server.seen[0].headers["apca-api-key-id"] == "PKCANARYNEWS"


@pytest.mark.parametrize(("symbol", "theirs"), [("TSLA", "TSLA"), ("BTC/USD", "BTCUSD")])
def test_requests_and_the_fakes_answers_are_as_documented(symbol: str, theirs: str) -> None:
    stories = [{**story_of(n, MONDAY + n * HOUR), "symbols": [theirs]} for n in range(60)]
    vendor = AlpacaNewsVendor(stories)
    with alpaca_news(vendor) as (source, server):
        found = source.fetch(symbol, MONDAY, NOW)
    assert [each.symbols for each in found.stories] == [(symbol,)] * 60
    assert len(server.seen) == 2
    for asked in server.seen:
        assert asked.query["symbols"] == theirs
        assert request_faults(seen(asked), MARKET_DATA) == []
        told = json.loads(vendor(asked).body)
        assert faults_of(told, {"$ref": "#/components/schemas/news_resp"}, MARKET_DATA) == []


def test_the_documents_own_example_is_read() -> None:
    answers = document(MARKET_DATA)["paths"]["/v1beta1/news"]["get"]["responses"]["200"]["content"]
    example = answers["application/json"]["examples"]["news-response-example"]["value"]
    told = {**example, "next_page_token": None}
    day = datetime(2021, 12, 31, tzinfo=UTC)
    with alpaca_news(lambda _: json_answer(told)) as (source, _):
        (story,) = source.fetch("AAPL", day, day + timedelta(days=1)).stories
    assert story.published_at == datetime(2021, 12, 31, 11, 8, 42, tzinfo=UTC)
    assert story.headline.startswith("Apple Leader in Phone Sales")


def test_stories_are_picked_by_when_they_were_created_though_cut_by_their_change() -> None:
    stop = MONDAY + HOUR
    before = story_of(1, MONDAY - HOUR, changed=MONDAY + HOUR / 2)
    late = story_of(2, MONDAY, changed=stop + LATE_CHANGES / 2)
    after = story_of(3, stop)
    with alpaca_news(AlpacaNewsVendor([before, late, after])) as (source, _):
        found = source.fetch("TSLA", MONDAY, stop)
    assert [each.external_id for each in found.stories] == ["2"]
    assert found.stories[0].changed_at == stop + LATE_CHANGES / 2


def test_nothing_is_asked_for_beyond_now() -> None:
    with alpaca_news(AlpacaNewsVendor([])) as (source, server):
        source.fetch("TSLA", NOW - HOUR, NOW)
    assert datetime.fromisoformat(server.seen[0].query["end"]).replace(tzinfo=UTC) < NOW


def test_a_long_range_is_asked_for_week_by_week_and_each_story_comes_once() -> None:
    start = NOW - timedelta(days=30)
    stories = [story_of(n, start + n * 6 * HOUR) for n in range(120)]
    with alpaca_news(AlpacaNewsVendor(stories)) as (source, server):
        found = source.fetch("TSLA", start, NOW)
        assert source.calls("TSLA", start, NOW) == len(server.seen) == 5
    assert len(found.stories) == 120
    assert len({each.external_id for each in found.stories}) == 120


def test_a_page_that_is_told_again_ends_it() -> None:
    told = {"news": [story_of(1, MONDAY)], "next_page_token": "again"}
    with alpaca_news(lambda _: json_answer(told)) as (source, server):
        with pytest.raises(TransientDataError, match="the same page again"):
            source.fetch("TSLA", MONDAY, NOW)
        assert len(server.seen) == 2


def test_pages_without_end_end() -> None:
    def endless(asked: Asked) -> Answer:
        token = str(int(asked.query.get("page_token", "0")) + 1)
        return json_answer({"news": [], "next_page_token": token})

    with alpaca_news(endless) as (source, server):
        with pytest.raises(TransientDataError, match="pages on beyond"):
            source.fetch("TSLA", MONDAY, NOW)
        assert len(server.seen) == MOST_PAGES


def test_one_unusable_story_does_not_cost_the_others_and_is_told() -> None:
    good = story_of(1, MONDAY)
    others = [
        {**story_of(2, MONDAY), "symbols": ["TSLL"]},
        {**story_of(3, MONDAY), "headline": " "},
        {**story_of(4, MONDAY), "created_at": "yesterday"},
        {**story_of(5, MONDAY), "created_at": "2022-11-21T14:30:00"},
        {**story_of(6, MONDAY), "id": "six"},
        {**story_of(7, MONDAY), "url": None},
        "no story",
    ]
    told = {"news": [good, *others], "next_page_token": None}
    with alpaca_news(lambda _: json_answer(told)) as (source, _):
        found = source.fetch("TSLA", MONDAY, NOW)
    assert [each.external_id for each in found.stories] == ["1", "7"]
    assert sorted(found.notes) == [
        "1 left out: a story that is none",
        "1 left out: no headline",
        "1 left out: no id",
        "1 left out: not about TSLA",
        "2 left out: created_at is no moment",
    ]


def test_an_answer_about_another_symbol_only_is_refused() -> None:
    told = {"news": [{**story_of(2, MONDAY), "symbols": ["TSLL"]}], "next_page_token": None}
    with (
        alpaca_news(lambda _: json_answer(told)) as (source, _),
        pytest.raises(UnsoundDataError, match="none of its 1 stories can be used: not about TSLA"),
    ):
        source.fetch("TSLA", MONDAY, NOW)


def test_no_news_is_an_empty_answer() -> None:
    with alpaca_news(AlpacaNewsVendor([])) as (source, _):
        found = source.fetch("TSLA", MONDAY, NOW)
    assert (found.stories, found.notes) == ((), ())


def test_without_keys_nobody_is_asked() -> None:
    with alpaca_news(AlpacaNewsVendor([]), keys=None) as (source, server):
        assert not source.supports("TSLA")
        assert source.calls("TSLA", MONDAY, NOW) == 0
        with pytest.raises(VendorRefusedError, match="ALPACA_API_KEY"):
            source.fetch("TSLA", MONDAY, NOW)
        assert server.seen == []


def test_a_source_is_a_short_plain_word() -> None:
    named = {**story_of(1, MONDAY), "source": "Ben\u202ezinga: <b>" + "x" * 100}
    told = {"news": [named], "next_page_token": None}
    with alpaca_news(lambda _: json_answer(told)) as (source, _):
        (story,) = source.fetch("TSLA", MONDAY, NOW).stories
    assert story.source == "alpaca:benzingab" + "x" * 31


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (json_answer({"message": "forbidden."}, 403), VendorRefusedError, "HTTP 403"),
        (json_answer({}, 401), VendorRefusedError, "the key was refused"),
        (json_answer({"message": "bad"}, 400), VendorRefusedError, "HTTP 400"),
        (json_answer({}, 404), NoDataError, "does not know"),
        (json_answer({"message": "too many requests."}, 429), RateLimitedError, "used up"),
        (json_answer({}, 500), TransientDataError, "HTTP 500"),
        (json_answer({}, 504), TransientDataError, "HTTP 504"),
        (json_answer({"news": None}), TransientDataError, "not understood"),
        (json_answer({"news": {"a": 1}}), TransientDataError, "no list of news"),
        (json_answer({"news": [7]}), UnsoundDataError, "a story that is none"),
        (json_answer({"bars": []}), TransientDataError, "not understood"),
        (json_answer({"news": [], "next_page_token": {}}), TransientDataError, ""),
        (
            Answer(status=401, body=b"PKCANARYNEWS and canarySecretNews"),
            VendorRefusedError,
            "[key] and [key]",
        ),
    ],
)
def test_every_failure_is_one_clear_error_without_a_key(
    answer: Answer, kind: type[DataError], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with alpaca_news(lambda _: answer) as (source, server):
        with pytest.raises(DataError) as told:
            source.fetch("TSLA", MONDAY, NOW)
        assert len(server.seen) == 1
    assert type(told.value) is kind
    assert words in str(told.value)
    assert "canary" not in (everything_told(told.value) + caplog.text).lower()


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_no_answer_ends_in_one_error(name: str) -> None:
    with alpaca_news(lambda _: FAULTS[name], limits=QUICK) as (source, server):
        with pytest.raises(TransientDataError) as told:
            source.fetch("TSLA", MONDAY, NOW)
        assert len(server.seen) == 1
    assert "canary" not in everything_told(told.value).lower()


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("9999", 60), ("soon", 60)])
def test_retry_after_is_honoured_within_a_minute(header: str, seconds: int) -> None:
    answer = json_answer({}, status=429, Retry_After=header)
    with (
        alpaca_news(lambda _: answer) as (source, _),
        pytest.raises(RateLimitedError, match=iso_z(NOW + timedelta(seconds=seconds))) as told,
    ):
        source.fetch("TSLA", MONDAY, NOW)
    assert told.value.until == NOW + timedelta(seconds=seconds)


def test_a_limit_that_is_used_up_ends_it_before_it_is_asked() -> None:
    with alpaca_news(AlpacaNewsVendor([]), pace=UsedUp(NOW)) as (source, server):
        with pytest.raises(RateLimitedError, match="used up"):
            source.fetch("TSLA", MONDAY, NOW)
        assert server.seen == []


def test_a_429_lets_everybody_rest_until_its_time() -> None:
    pace = NotedPace()
    answer = json_answer({}, status=429, Retry_After="7")
    with alpaca_news(lambda _: answer, pace=pace) as (source, _), pytest.raises(RateLimitedError):
        source.fetch("TSLA", NOW - timedelta(days=1), NOW)
    assert pace.rests == [NOW + timedelta(seconds=7)]
