"""What Yahoo answers that is no chart: the real yfinance and curl against a local server."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fakes.vendor_desk import LIVE as NOW
from tests.fakes.vendor_desk import MONDAY, yahoo
from tests.fakes.vendor_faults import (
    FAULTS,
    NOT_OURS,
    QUICK,
    UsedUp,
    reported_errors,
)
from tests.fakes.vendor_server import Answer, Asked, VendorServer, json_answer
from tests.fakes.yahoo_bars import CHART, YahooVendor, recorded, refusal
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import (
    DataError,
    NoDataError,
    RateLimitedError,
    TransientDataError,
    UnsoundDataError,
    VendorRefusedError,
)

pytest.importorskip("yfinance", reason="yfinance is not installed")

DAY = timedelta(days=1)
NAMES = ("open", "high", "low", "close", "volume")


def test_every_reported_refusal_is_the_error_it_means() -> None:
    kinds = {400: NoDataError, 404: NoDataError, 422: NoDataError, 429: RateLimitedError}
    found = set()
    for error in reported_errors("yahoo"):
        body = error["body"]
        text = body if isinstance(body, str) else json.dumps(body)
        answer = Answer(status=error["status"], body=text.encode())
        with yahoo(lambda _, answer=answer: answer) as (source, server):
            with pytest.raises(DataError) as told:
                source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
            assert len(server.seen) == 1
        words = text if isinstance(body, str) else body["chart"]["error"]["description"]
        assert type(told.value) is kinds[error["status"]], words
        assert words[:60] in str(told.value)
        found.add(error["status"])
    assert found == set(kinds)


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("error-400-before-first-bar.json", NoDataError, "Data doesn't exist for startDate"),
        ("error-404-no-data-found.json", NoDataError, "No data found"),
        ("chart-QQQ-2020-01-01-to-2020-01-03.json", UnsoundDataError, "symbol 'QQQ'"),
        ("chart-OCDO.L-2020-01-01-to-2020-01-03.json", UnsoundDataError, "where AAPL was asked"),
    ],
)
def test_recorded_refusals_and_other_charts_are_no_bars(
    name: str, kind: type[DataError], words: str
) -> None:
    answer, _ = recorded(name)
    with yahoo(lambda _: answer) as (source, _), pytest.raises(DataError, match=words) as told:
        source.fetch("AAPL", Timeframe.D1, MONDAY, NOW)
    assert type(told.value) is kind


def test_a_recorded_weekend_has_no_bars() -> None:
    answer, _ = recorded(
        "chart-AAPL-2025-02-01-to-2025-02-02-includePrePost-false-interval-1m.json"
    )
    now = datetime(2025, 2, 3, tzinfo=UTC)
    with yahoo(lambda _: answer, now=now) as (source, _), pytest.raises(NoDataError, match="AAPL"):
        source.fetch("AAPL", Timeframe.M1, now - 2 * DAY, now)


@pytest.mark.parametrize(
    ("meta", "words"),
    [
        ({"symbol": "TSLL"}, "symbol 'TSLL' where TSLA"),
        ({"dataGranularity": "1h"}, "dataGranularity '1h' where 5m"),
        ({"currency": "GBp"}, "currency 'GBp' where USD"),
        ({"exchangeTimezoneName": "Europe/London"}, "where America/New_York"),
    ],
)
def test_an_answer_to_another_question_is_refused(meta: dict[str, Any], words: str) -> None:
    with (
        yahoo(YahooVendor(NOW, meta=meta)) as (source, _),
        pytest.raises(UnsoundDataError, match=words),
    ):
        source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (refusal("Bad Request", "Invalid input", 400), VendorRefusedError, "Invalid input"),
        (refusal("Internal", "Try later", 200), TransientDataError, "with an error: Try later"),
        (refusal("Unauthorized", "Invalid Crumb", 401), VendorRefusedError, "a crumb, which are"),
        (Answer(body=b"Edge: Too Many Requests"), RateLimitedError, "2022-11-25T15:43:13Z"),
        (json_answer({}, 429, Retry_After="7"), RateLimitedError, "2022-11-25T15:42:20Z"),
        (json_answer({}, 500), TransientDataError, "HTTP 500"),
        (json_answer({}, 999), TransientDataError, "HTTP 999"),
        (json_answer({}), TransientDataError, "not understood"),
        (json_answer({"chart": {"result": [], "error": None}}), NoDataError, "has no bars"),
        (json_answer({"chart": {"result": [7], "error": None}}), TransientDataError, ""),
        (json_answer({"chart": {"result": {"a": 1}, "error": None}}), TransientDataError, ""),
    ],
)
def test_every_failure_is_one_clear_error(
    answer: Answer, kind: type[DataError], words: str
) -> None:
    with yahoo(lambda _: answer) as (source, server):
        with pytest.raises(DataError) as told:
            source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
        assert len(server.seen) == 1
    assert type(told.value) is kind
    assert words in str(told.value)


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_no_answer_ends_in_one_error(name: str) -> None:
    with yahoo(lambda _: FAULTS[name], limits=QUICK) as (source, server):
        with pytest.raises(DataError) as told:
            source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
        assert len(server.seen) == 1
    kinds = (TransientDataError, UnsoundDataError) if name in NOT_OURS else (TransientDataError,)
    assert type(told.value) in kinds


def test_a_small_answer_that_unpacks_into_a_large_one_is_cut_off() -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < QUICK.body_bytes
    answer = Answer(body=bomb, headers={"Content-Encoding": "gzip"})
    patient = replace(QUICK, read_seconds=20.0, deadline_seconds=20.0)
    with (
        yahoo(lambda _: answer, limits=patient) as (source, _),
        pytest.raises(TransientDataError, match="an answer above 1000000 bytes"),
    ):
        source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)


def test_no_redirect_is_followed() -> None:
    with VendorServer(YahooVendor(NOW)) as other:
        answer = Answer(status=302, headers={"Location": f"{other.url}{CHART}TSLA"})
        with yahoo(lambda _: answer) as (source, _), pytest.raises(TransientDataError) as told:
            source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
        assert "redirects are not followed" in str(told.value)
        assert other.seen == []


@pytest.mark.parametrize(
    "broken",
    [
        {"timestamp": "soon"},
        {"timestamp": [1, 2]},
        {"timestamp": [10**30]},
        {"timestamp": [0], "indicators": {"quote": [{name: [1.0] for name in NAMES}]}},
        {"indicators": {"quote": [{"open": [1.0]}]}},
        {"indicators": {}},
        {"events": {"splits": 7}},
        {"events": {"dividends": {"1": {"amount": 1}}}},
    ],
)
def test_a_chart_that_is_none_is_no_crash(broken: dict[str, Any]) -> None:
    def answer(asked: Asked) -> Answer:
        told = json.loads(YahooVendor(NOW)(asked).body)
        told["chart"]["result"][0].update(broken)
        return json_answer(told)

    with yahoo(answer) as (source, _), pytest.raises(DataError) as told:
        source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
    assert type(told.value) in {TransientDataError, NoDataError, UnsoundDataError}


def test_a_limit_that_is_used_up_ends_it_before_it_is_asked() -> None:
    with yahoo(lambda _: json_answer({}), pace=UsedUp(NOW)) as (source, server):
        with pytest.raises(RateLimitedError, match="used up") as told:
            source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
        assert server.seen == []
    assert told.value.until == NOW
