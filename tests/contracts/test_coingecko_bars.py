"""Bars from CoinGecko: the real pycoingecko against a local server, its requests against the document."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jsonschema import Draft4Validator

from tests.fakes.coingecko_bars import CoinGeckoVendor, candle_of
from tests.fakes.vendor_desk import KEY, NOW, coingecko
from tests.fakes.vendor_faults import (
    FAULTS,
    NOT_OURS,
    QUICK,
    UsedUp,
    contracts,
    reported_errors,
    years,
)
from tests.fakes.vendor_server import Answer, Asked, json_answer
from ztrade_core.domain.time import Timeframe, from_micros
from ztrade_core.errors import (
    DataError,
    NoDataError,
    RateLimitedError,
    TransientDataError,
    UnsoundDataError,
    VendorRefusedError,
)
from ztrade_core.market_data.soundness import check_series
from ztrade_core.market_data.vendors.coingecko import COINS, KEY_HEADER, REACH

pytest.importorskip("pycoingecko", reason="pycoingecko is not installed")

HOUR = timedelta(hours=1)
START = NOW.replace(minute=0) - 20 * HOUR


@pytest.mark.parametrize("symbol", ["BTC/USD", "ETH/USD", "AVAX/USD"])
def test_hours_are_made_of_two_candles_each_and_lie_on_our_grid(symbol: str) -> None:
    """A candle stamped 10:30 is of 10:00 to 10:30: the hour of 10:00 is those of 10:30 and 11:00."""
    with coingecko(CoinGeckoVendor(NOW)) as (source, server):
        assert source.supports(symbol, Timeframe.H1)
        found = source.fetch(symbol, Timeframe.H1, START, NOW + HOUR)
        assert source.calls(symbol, Timeframe.H1, START, NOW + HOUR) == len(server.seen) == 1
    opens = [START + n * HOUR for n in range(20)]
    assert [from_micros(int(each)) for each in found.series.timestamps] == opens
    check_series(found.series, origin="coingecko", calendar=years(), known_at=NOW)
    first, second = (candle_of(START + n * HOUR / 2) for n in (1, 2))
    bar = found.series.bar(0)
    assert (bar.open, bar.close) == (first[1], second[4])
    assert (bar.high, bar.low) == (max(first[2], second[2]), min(first[3], second[3]))
    assert server.seen[0].path == f"/api/v3/coins/{COINS[symbol]}/ohlc"


def test_there_is_no_volume_and_the_source_says_so() -> None:
    with coingecko(CoinGeckoVendor(NOW)) as (source, _):
        found = source.fetch("BTC/USD", Timeframe.H1, START, NOW)
    assert set(found.series.volumes) == {0.0}
    assert found.source == "coingecko:ohlc-no-volume"


def test_an_hour_without_one_of_its_candles_is_left_out() -> None:
    without = (START + HOUR / 2, START + 3 * HOUR)
    with coingecko(CoinGeckoVendor(NOW, without)) as (source, _):
        found = source.fetch("BTC/USD", Timeframe.H1, START, START + 4 * HOUR).series
    opens = [from_micros(int(each)) for each in found.timestamps]
    assert opens == [START + HOUR, START + 3 * HOUR]


def test_an_hour_that_has_just_completed_is_not_taken_while_answers_are_cached() -> None:
    now = NOW.replace(minute=5)
    with coingecko(CoinGeckoVendor(now), now=now) as (source, _):
        found = source.fetch("BTC/USD", Timeframe.H1, START, now).series
    assert found.last_open == now.replace(minute=0) - 2 * HOUR


@pytest.mark.parametrize("key", [KEY, None])
def test_the_request_is_as_documented_and_the_key_is_a_header(key: str | None) -> None:
    with coingecko(CoinGeckoVendor(NOW), key=key) as (source, server):
        source.fetch("BTC/USD", Timeframe.H1, START, NOW)
        assert KEY not in repr(vars(source))
    asked = server.seen[0]
    assert asked.headers.get(KEY_HEADER) == key
    assert KEY not in str(asked.query)
    assert request_faults(asked) == []
    told = json.loads(CoinGeckoVendor(NOW)(asked).body)
    assert answer_faults(told) == []


def document() -> Any:
    text = (contracts("coingecko") / "openapi" / "demo-api.json").read_text(encoding="utf-8")
    return json.loads(text)


def request_faults(asked: Asked) -> list[str]:
    """Return what the document finds wrong with a question for candles."""
    parameters = document()["paths"]["/coins/{id}/ohlc"]["get"]["parameters"]
    known = {each["name"]: each for each in parameters if each["in"] == "query"}
    wrong = [f"unknown parameter {name}" for name in asked.query if name not in known]
    for name, each in known.items():
        if name in asked.query:
            validator = Draft4Validator(each["schema"])
            wrong += [error.message for error in validator.iter_errors(asked.query[name])]
        elif each["required"]:
            wrong.append(f"{name} is missing")
    return wrong


def answer_faults(told: Any) -> list[str]:
    """Return what the document finds wrong with candles."""
    whole = document()
    schema = {"$ref": "#/components/schemas/CoinsOHLC", "components": whole["components"]}
    return [error.message for error in Draft4Validator(schema).iter_errors(told)]


def test_the_key_and_its_header_are_the_documents() -> None:
    schemes = document()["components"]["securitySchemes"].values()
    assert KEY_HEADER in {each["name"] for each in schemes if each["in"] == "header"}


@pytest.mark.parametrize("timeframe", [each for each in Timeframe if each is not Timeframe.H1])
def test_bars_that_its_candles_do_not_make_are_refused(timeframe: Timeframe) -> None:
    with coingecko(CoinGeckoVendor(NOW)) as (source, server):
        assert not source.supports("BTC/USD", timeframe)
        assert source.calls("BTC/USD", timeframe, START, NOW) == 0
        with pytest.raises(NoDataError, match=f"make no {timeframe} bar"):
            source.fetch("BTC/USD", timeframe, START, NOW)
        assert server.seen == []


@pytest.mark.parametrize("symbol", ["TSLA", "BTC/EUR", "PEPE2/USD", "../ping"])
def test_no_coin_is_guessed(symbol: str) -> None:
    with coingecko(CoinGeckoVendor(NOW)) as (source, server):
        assert not source.supports(symbol, Timeframe.H1)
        with pytest.raises(VendorRefusedError, match="not among its coins"):
            source.fetch(symbol, Timeframe.H1, START, NOW)
        assert server.seen == []


@pytest.mark.parametrize(
    ("start", "stop"),
    [(NOW - REACH - timedelta(seconds=1), NOW), (NOW, NOW + HOUR), (START, START)],
)
def test_a_range_beyond_its_day_is_refused_before_it_is_asked(
    start: datetime, stop: datetime
) -> None:
    with coingecko(CoinGeckoVendor(NOW)) as (source, server):
        assert source.calls("BTC/USD", Timeframe.H1, start, stop) == 0
        with pytest.raises(NoDataError, match="last 24 hours only, from 2022-11-24T15:42:00Z"):
            source.fetch("BTC/USD", Timeframe.H1, start, stop)
        assert server.seen == []


def test_every_reported_refusal_is_a_limit() -> None:
    """As JSON, as an HTML page, and under HTTP 200; two minutes to wait are cut to one."""
    for error in reported_errors("coingecko"):
        body = error["body"]
        text = body if isinstance(body, str) else json.dumps(body)
        headers = {name.title(): value for name, value in error.get("headers", {}).items()}
        headers.pop("Content-Type", None)
        answer = Answer(status=error["status"], body=text.encode(), headers=headers)
        with coingecko(lambda _, answer=answer: answer) as (source, server):
            with pytest.raises(RateLimitedError, match="2022-11-25T15:43:00Z"):
                source.fetch("BTC/USD", Timeframe.H1, START, NOW)
            assert len(server.seen) == 1


def recorded(name: str) -> Answer:
    text = (contracts("coingecko") / "recorded" / f"{name}.json").read_text(encoding="utf-8")
    told = json.loads(text)["response"]
    return Answer(status=told["status"], body=told["body"].encode())


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("ohlc_data_for_one_coin_in_the_last_7_days__1", TransientDataError, "HTTP 500"),
        ("market_data_for_a_coin__2", VendorRefusedError, "Missing parameter vs_currency"),
        ("minutely_historical_prices_for_one_coin", TransientDataError, "an object instead"),
        ("price_for_one_coin", TransientDataError, "an object instead"),
    ],
)
def test_recorded_answers_to_other_questions_are_refused(
    name: str, kind: type[DataError], words: str
) -> None:
    with coingecko(lambda _: recorded(name)) as (source, server):
        with pytest.raises(DataError, match=words) as told:
            source.fetch("BTC/USD", Timeframe.H1, START, NOW)
        assert len(server.seen) == 1
    assert type(told.value) is kind


def test_recorded_candles_of_four_hours_make_no_hour() -> None:
    now = datetime(2021, 5, 15, 15, 34, tzinfo=UTC)
    answer = recorded("ohlc_data_for_one_coin_in_the_last_7_days")
    assert answer_faults(json.loads(answer.body)) == []
    with (
        coingecko(lambda _: answer, now=now) as (source, _),
        pytest.raises(NoDataError, match="no complete bar of BTC/USD 1h"),
    ):
        source.fetch("BTC/USD", Timeframe.H1, now - 20 * HOUR, now)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (json_answer([]), NoDataError, "no complete bar of BTC/USD 1h"),
        (json_answer({}, status=404), NoDataError, "does not know"),
        (json_answer({"error": "no"}, status=401), VendorRefusedError, "the key was refused"),
        (json_answer({"error": f"bad {KEY}"}, status=403), VendorRefusedError, "bad [key]"),
        (json_answer({}, status=502), TransientDataError, "HTTP 502"),
        (json_answer({"status": 7}), TransientDataError, "an object instead"),
        (json_answer([7]), UnsoundDataError, "a candle that is none"),
        (json_answer([[1, 2]]), UnsoundDataError, "a candle that is none"),
        (json_answer([["1", 1, 1, 1, 1]]), UnsoundDataError, "no number of milliseconds"),
        (json_answer([[10**30, 1, 1, 1, 1]]), UnsoundDataError, "no time of ours"),
        (json_answer([[1, 1, 1, 1, 1]]), UnsoundDataError, "not on a half hour"),
        (json_answer([[1800000, 1, None, 1, 1]]), UnsoundDataError, "is no number"),
        (json_answer([[1800000, 1, 10**400, 1, 1]]), UnsoundDataError, "no number of ours"),
        (json_answer([[1800000, 1, 1, 1, 1], [1800000, 1, 2, 1, 1]]), UnsoundDataError, "two"),
    ],
)
def test_every_failure_is_one_clear_error(
    answer: Answer, kind: type[DataError], words: str
) -> None:
    with coingecko(lambda _: answer) as (source, server):
        with pytest.raises(DataError) as told:
            source.fetch("BTC/USD", Timeframe.H1, START, NOW)
        assert len(server.seen) == 1
    assert type(told.value) is kind
    assert words in str(told.value)
    assert "CANARY" not in str(told.value)


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_no_answer_ends_in_one_error(name: str) -> None:
    with coingecko(lambda _: FAULTS[name], limits=QUICK) as (source, server):
        with pytest.raises(DataError) as told:
            source.fetch("BTC/USD", Timeframe.H1, START, NOW)
        assert len(server.seen) == 1
    kinds = (TransientDataError, UnsoundDataError) if name in NOT_OURS else (TransientDataError,)
    assert type(told.value) in kinds
    assert "CANARY" not in str(told.value)


def test_a_limit_that_is_used_up_ends_it_before_it_is_asked() -> None:
    with coingecko(lambda _: json_answer({}), pace=UsedUp(NOW)) as (source, server):
        with pytest.raises(RateLimitedError, match="used up") as told:
            source.fetch("BTC/USD", Timeframe.H1, START, NOW)
        assert server.seen == []
    assert told.value.until == NOW
