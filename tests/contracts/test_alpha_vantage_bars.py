"""Bars from Alpha Vantage: the real client against a local server, and what it is known to answer."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.fakes.alpha_vantage_bars import AlphaVantageVendor, bar_of
from tests.fakes.vendor_desk import KEY, MONDAY, NOW, alpha_vantage
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
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import MICROSECOND, Timeframe, from_micros, to_micros
from ztrade_core.errors import (
    DataError,
    NoDataError,
    RateLimitedError,
    TransientDataError,
    UnknownThereError,
    UnsoundDataError,
    VendorRefusedError,
)
from ztrade_core.market_data.soundness import check_series
from ztrade_core.market_data.vendors.alpha_vantage import DELAY
from ztrade_core.wires.vendor import UNKEYED

pytest.importorskip("alpha_vantage", reason="alpha_vantage is not installed")

DAY, ALL = timedelta(days=1), AlphaVantageVendor()


@pytest.mark.parametrize("timeframe", list(Timeframe))
@pytest.mark.parametrize("symbol", ["TSLA", "BRK.B"])
def test_bars_of_every_timeframe_lie_on_our_grid(symbol: str, timeframe: Timeframe) -> None:
    """Newest first, extended hours, holidays, the running bar: all of it comes out as our grid."""
    start = MONDAY - timedelta(hours=14)
    with alpha_vantage(ALL) as (source, server):
        assert source.supports(symbol, timeframe)
        found = source.fetch(symbol, timeframe, start, NOW)
        assert source.calls(symbol, timeframe, start, NOW) == len(server.seen) == 1
    newest = years().expected_bar(AssetClass.STOCK, timeframe, NOW - DELAY)
    assert newest is not None
    grid = years().expected_bars(AssetClass.STOCK, timeframe, start, newest + MICROSECOND)
    assert [from_micros(int(each)) for each in found.series.timestamps] == grid
    check_series(found.series, origin="alpha_vantage", calendar=years(), known_at=NOW)
    assert found.source == "alpha_vantage:raw"
    assert server.seen[0].query["symbol"] == symbol.replace(".", "-")


def test_a_range_over_the_end_of_summer_time_is_two_months_and_one_time() -> None:
    """09:30 New York is 13:30 UTC until the first Sunday of November, then 14:30."""
    start = datetime(2022, 10, 31, tzinfo=UTC)
    with alpha_vantage(ALL) as (source, server):
        found = source.fetch("TSLA", Timeframe.M15, start, start + 8 * DAY).series
        assert source.calls("TSLA", Timeframe.M15, start, start + 8 * DAY) == 2
    assert [each.query["month"] for each in server.seen] == ["2022-10", "2022-11"]
    assert len(found) == 26 * 6
    assert found.timestamps[0] == to_micros(datetime(2022, 10, 31, 13, 30, tzinfo=UTC))
    assert found.timestamps[26 * 5] == to_micros(datetime(2022, 11, 7, 14, 30, tzinfo=UTC))
    assert found.bar(26 * 5).open == float(bar_of("2022-11-07 09:30:00")["1. open"])


def test_a_half_days_last_hour_is_of_half_an_hour() -> None:
    """25 November 2022 ended at 13:00 New York, 18:00 UTC; what is told of later is no bar."""
    after = NOW.replace(hour=23)
    with alpha_vantage(ALL, now=after) as (source, _):
        found = source.fetch("TSLA", Timeframe.H1, NOW.replace(hour=5), after).series
    assert (len(found), found.last_open) == (4, datetime(2022, 11, 25, 17, 30, tzinfo=UTC))


def test_an_hour_is_made_of_its_quarters_and_left_out_without_one() -> None:
    stop = MONDAY + timedelta(hours=3)
    with alpha_vantage(AlphaVantageVendor(without=("2022-11-21 10:45:00",))) as (source, _):
        found = source.fetch("TSLA", Timeframe.H1, MONDAY, stop).series
    assert [from_micros(int(each)) for each in found.timestamps] == [
        MONDAY,
        MONDAY + timedelta(hours=2),
    ]
    quarters = [bar_of(f"2022-11-21 {at}") for at in ("09:30", "09:45", "10:00", "10:15")]
    assert found.bar(0).open == float(quarters[0]["1. open"])
    assert found.bar(0).close == float(quarters[3]["4. close"])
    assert found.bar(0).volume == sum(float(each["5. volume"]) for each in quarters)


@pytest.mark.parametrize(("days", "size"), [(5, "compact"), (138, "compact"), (139, "full")])
def test_days_are_asked_for_compact_where_that_is_enough(days: int, size: str) -> None:
    """A free key has the last 100 days; 138 days hold no more sessions than that."""
    start = NOW.replace(hour=0, minute=0) - days * DAY
    with alpha_vantage(ALL, now=NOW.replace(hour=0, minute=0)) as (source, server):
        found = source.fetch("TSLA", Timeframe.D1, start, NOW).series
    assert [each.query["outputsize"] for each in server.seen] == [size]
    first = years().expected_bars(AssetClass.STOCK, Timeframe.D1, start, NOW)[0]
    assert from_micros(int(found.timestamps[0])) == first


def test_the_key_goes_out_in_place_of_the_placeholder_and_is_in_nothing_else() -> None:
    with alpha_vantage(ALL) as (source, server):
        source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
        assert server.seen[0].query["apikey"] == KEY
        assert UNKEYED not in str(server.seen[0])
        assert KEY not in repr(vars(source))


def test_coins_and_a_missing_key_are_refused_before_anything_is_asked() -> None:
    with alpha_vantage(ALL) as (source, server):
        assert not source.supports("BTC/USD", Timeframe.H1)
        assert source.calls("BTC/USD", Timeframe.H1, MONDAY, NOW) == 0
        with pytest.raises(VendorRefusedError, match="BTC/USD: only stocks"):
            source.fetch("BTC/USD", Timeframe.H1, MONDAY, NOW)
        assert server.seen == []
    with alpha_vantage(ALL, key=None) as (source, server):
        assert not source.supports("TSLA", Timeframe.H1)
        with pytest.raises(VendorRefusedError, match="ALPHAVANTAGE_API_KEY"):
            source.fetch("TSLA", Timeframe.H1, MONDAY, NOW)
        assert server.seen == []


@pytest.mark.parametrize(
    ("start", "stop"),
    [(NOW, NOW + DAY), (MONDAY, MONDAY), (datetime(1999, 1, 4, tzinfo=UTC),) * 2],
)
def test_a_range_that_cannot_hold_bars_costs_no_request(start: datetime, stop: datetime) -> None:
    with alpha_vantage(ALL) as (source, server):
        assert source.calls("TSLA", Timeframe.M5, start, stop) == 0
        with pytest.raises(NoDataError, match="has no bars from"):
            source.fetch("TSLA", Timeframe.M5, start, stop)
        assert server.seen == []


def test_a_year_is_asked_for_by_the_month() -> None:
    with alpha_vantage(ALL) as (source, _):
        calls = {
            each.value: source.calls("TSLA", each, NOW - 365 * DAY, NOW + DAY) for each in Timeframe
        }
    assert calls == {"1m": 13, "5m": 13, "15m": 13, "1h": 13, "1d": 1}


MEANINGS: dict[str, tuple[type[DataError], str]] = {
    "rate limit until about 2023": (RateLimitedError, "2022-11-25T15:43:00Z"),
    "daily limit, 2024": (RateLimitedError, "2022-11-26T05:00:00Z"),
    "daily limit, now": (RateLimitedError, "2022-11-26T05:00:00Z"),
    "burst, now": (RateLimitedError, "2022-11-25T15:42:02Z"),
    "premium endpoint": (VendorRefusedError, "the plan does not include this"),
    "bad key": (VendorRefusedError, "the key was refused"),
    "unknown symbol": (UnknownThereError, "does not know this symbol"),
}


def test_every_reported_refusal_is_the_error_it_means() -> None:
    """All of them come with HTTP 200, and one repeats the key."""
    errors = reported_errors("alpha_vantage")
    assert len(errors) == len(MEANINGS)
    for error in errors:
        kind, words = MEANINGS[error["when"].partition(":")[0]]
        body = json.loads(json.dumps(error["body"]).replace("ABC123", KEY))
        with (
            alpha_vantage(lambda _, body=body: json_answer(body)) as (source, _),
            pytest.raises(DataError) as told,
        ):
            source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
        assert type(told.value) is kind
        assert words in str(told.value)
        assert "CANARY" not in str(told.value)


PREMIUM_SIZE = (
    "Thank you for using Alpha Vantage! The outputsize=full parameter value is a premium feature for"
    " the TIME_SERIES_DAILY endpoint. You may subscribe to any of the premium plans (no rate limit)."
)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (json_answer({"Information": PREMIUM_SIZE}), VendorRefusedError, "the plan does not"),
        (json_answer({"Note": "The demo key is for show"}), VendorRefusedError, "the key was"),
        (json_answer({"Note": "Moved\x1b[2J house"}), TransientDataError, "Moved [2J house"),
        (json_answer({}), TransientDataError, "nothing in it"),
        (json_answer({"Meta Data": {}}), TransientDataError, "not understood (KeyError)"),
        (json_answer({}, status=500), TransientDataError, "HTTP 500"),
        (json_answer({}, status=403), VendorRefusedError, "HTTP 403"),
        (json_answer({}, status=429, Retry_After="7"), RateLimitedError, "2022-11-25T15:42:07Z"),
    ],
)
def test_every_failure_is_one_clear_error(
    answer: Answer, kind: type[DataError], words: str
) -> None:
    with alpha_vantage(lambda _: answer) as (source, server):
        with pytest.raises(DataError) as told:
            source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
        assert len(server.seen) == 1
    assert type(told.value) is kind
    assert words in str(told.value)
    assert "CANARY" not in str(told.value)


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_no_answer_ends_in_one_error(name: str) -> None:
    with alpha_vantage(lambda _: FAULTS[name], limits=QUICK) as (source, server):
        with pytest.raises(DataError) as told:
            source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
        assert len(server.seen) == 1
    kinds = (TransientDataError, UnsoundDataError) if name in NOT_OURS else (TransientDataError,)
    assert type(told.value) in kinds
    assert "CANARY" not in str(told.value)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"Symbol": "TSLL"}, "another symbol than TSLA"),
        ({"Interval": "60min"}, "other bars than 5min"),
        ({"Time Zone": "UTC"}, "not New York's"),
        ({"Output Size": "Compact"}, "with the last 100 bars"),
    ],
)
def test_an_answer_to_another_question_is_refused(facts: dict[str, str], words: str) -> None:
    with (
        alpha_vantage(AlphaVantageVendor(facts=facts)) as (source, _),
        pytest.raises(UnsoundDataError, match=words),
    ):
        source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)


@pytest.mark.parametrize("timeframe", list(Timeframe))
def test_bars_beyond_the_range_and_the_calendar_are_passed_over(timeframe: Timeframe) -> None:
    moon = AlphaVantageVendor(first=date(1969, 7, 21), last=date(1969, 7, 22))

    def answer(asked: Asked) -> Answer:
        return moon(replace(asked, query={**asked.query, "month": "1969-07"}))

    with (
        alpha_vantage(answer) as (source, _),
        pytest.raises(NoDataError, match="no complete bar of TSLA"),
    ):
        source.fetch("TSLA", timeframe, MONDAY, NOW)


@pytest.mark.parametrize(
    "bars",
    [
        7,
        {"soon": bar_of("2022-11-21 09:30:00")},
        {"2022-11-21 09:30:00": 7},
        {"2022-11-21 09:30:00": {**bar_of("2022-11-21 09:30:00"), "1. open": "nan"}},
        {"2022-11-21 09:30:00": {**bar_of("2022-11-21 09:30:00"), "1. open": "-1.0"}},
        {"2022-11-21 09:30:00": {**bar_of("2022-11-21 09:30:00"), "4. close": 1.0}},
        {"2022-11-21 09:30:00": {**bar_of("2022-11-21 09:30:00"), "5. volume": None}},
        {"0001-01-01 00:00:00": bar_of("2022-11-21 09:30:00")},
        {"1969-07-20 09:30:00": bar_of("2022-11-21 09:30:00")},
    ],
)
def test_a_bar_that_is_none_is_refused(bars: Any) -> None:
    def answer(asked: Any) -> Answer:
        told = json.loads(AlphaVantageVendor()(asked).body)
        return json_answer({**told, "Time Series (5min)": bars})

    with alpha_vantage(answer) as (source, _), pytest.raises(DataError) as told:
        source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
    assert type(told.value) in {UnsoundDataError, NoDataError}


def test_recorded_minutes_are_read_as_recorded() -> None:
    """`mock_time_series`: Microsoft on 18 December 2017 until 14:56, New York; no bar on the way lost."""
    text = (contracts("alpha_vantage") / "payloads" / "mock_time_series").read_text()
    now = datetime(2017, 12, 18, 19, 56, 40, tzinfo=UTC)
    start = now.replace(hour=0)
    recorded = json.loads(text)["Time Series (1min)"]
    whole = Answer(body=text.replace('"Compact"', '"Full size"').encode())
    with alpha_vantage(lambda _: whole, now=now) as (source, _):
        series = source.fetch("MSFT", Timeframe.M1, start, now).series
    check_series(series, origin="alpha_vantage", calendar=years(), known_at=now)
    assert from_micros(int(series.timestamps[-1])) == datetime(2017, 12, 18, 19, 40, tzinfo=UTC)
    assert series.bar(len(series) - 1).close == float(recorded["2017-12-18 14:40:00"]["4. close"])
    assert len(series) == sum(
        1 for each in recorded if "2017-12-18 09:30" <= each < "2017-12-18 14:41"
    )
    with (
        alpha_vantage(lambda _: Answer(body=text.encode()), now=now) as (source, _),
        pytest.raises(UnsoundDataError, match="the last 100"),
    ):
        source.fetch("MSFT", Timeframe.M1, start, now)


def test_a_limit_that_is_used_up_ends_it_before_it_is_asked() -> None:
    with alpha_vantage(lambda _: json_answer({}), pace=UsedUp(NOW)) as (source, server):
        with pytest.raises(RateLimitedError, match="used up") as told:
            source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
        assert server.seen == []
    assert told.value.until == NOW
