"""Splits from vendors: the real clients against a local server, and what goes wrong between us."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from tests.contracts.alpaca_documents import MARKET_DATA, faults_of, request_faults
from tests.fakes.alpaca_routes import Seen
from tests.fakes.vendor_faults import FAULTS, QUICK, Unpaced, UsedUp
from tests.fakes.vendor_server import Answer, Asked, VendorServer, json_answer
from tests.fakes.yahoo_bars import CHART, recorded, splits_answer
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.splits import Split
from ztrade_core.errors import (
    DataError,
    NoDataError,
    RateLimitedError,
    TransientDataError,
    UnsoundDataError,
    VendorRefusedError,
)
from ztrade_core.market_data.vendors.splits_alpaca import AlpacaSplits
from ztrade_core.market_data.vendors.splits_alpha_vantage import AlphaVantageSplits
from ztrade_core.market_data.vendors.splits_yahoo import YahooSplits
from ztrade_core.ports.providers import SplitProvider
from ztrade_core.wires.pace import Pace

for client in ("alpaca", "alpha_vantage", "yfinance"):
    pytest.importorskip(client, reason=f"{client} is not installed")

NOW = datetime(2022, 11, 25, 15, 42, tzinfo=UTC)
CLOCK = SimulatedClock(NOW)
SINCE, UNTIL = date(2000, 1, 1), date(2022, 11, 25)
KEY, SECRET = "CANARY+/=7", "canarySecretData"
UNPACED = Unpaced()


@dataclass(frozen=True)
class Row:
    """A split as vendors tell it."""

    day: date
    new: float
    old: float = 1.0
    symbol: str = "TSLA"


def alpaca(rows: list[Row]) -> Answer:
    told: dict[str, list[Any]] = {}
    for row in rows:
        forward = row.new > row.old
        cusips = {"cusip": "88160R101"} if forward else {"old_cusip": "1", "new_cusip": "2"}
        told.setdefault("forward_splits" if forward else "reverse_splits", []).append(
            {
                "id": "189bd849-ab9f-4b4d-aaaa-a6d415fd976d",
                "symbol": row.symbol,
                **cusips,
                "new_rate": row.new,
                "old_rate": row.old,
                "process_date": f"{row.day}",
                "ex_date": f"{row.day}",
            }
        )
    return json_answer({"corporate_actions": told, "next_page_token": None})


def alpha_vantage(rows: list[Row]) -> Answer:
    symbol = rows[0].symbol if rows else "TSLA"
    data = [
        {"effective_date": f"{row.day}", "split_factor": f"{row.new / row.old:.4f}"} for row in rows
    ]
    return json_answer({"symbol": symbol, "data": data})


def yahoo(rows: list[Row]) -> Answer:
    events = [
        {
            "date": int(
                datetime(row.day.year, row.day.month, row.day.day, 14, 30, tzinfo=UTC).timestamp()
            ),
            "numerator": row.new,
            "denominator": row.old,
            "splitRatio": f"{row.new:g}:{row.old:g}",
        }
        for row in rows
    ]
    return splits_answer(rows[0].symbol if rows else "TSLA", *events)


def made(vendor: str, url: str, pace: Pace = UNPACED) -> SplitProvider:
    key = SecretStr(KEY)
    if vendor == "alpaca":
        return AlpacaSplits(url=url, keys=(key, SecretStr(SECRET)), clock=CLOCK, pace=pace)
    if vendor == "yahoo":
        return YahooSplits(url=url, clock=CLOCK, pace=pace, limits=QUICK)
    return AlphaVantageSplits(url=url, key=key, clock=CLOCK, pace=pace, limits=QUICK)


@contextmanager
def serving(
    vendor: str, answer: Callable[[Asked], Answer], pace: Pace = UNPACED
) -> Iterator[tuple[SplitProvider, VendorServer]]:
    with VendorServer(answer) as server:
        yield made(vendor, server.url, pace), server


TELLERS = {"alpaca": alpaca, "alpha_vantage": alpha_vantage, "yahoo": yahoo}
VENDORS = pytest.mark.parametrize("vendor", list(TELLERS))


@VENDORS
def test_forward_and_reverse_splits_of_the_range_come_oldest_first(vendor: str) -> None:
    rows = [
        Row(date(2022, 8, 25), 3.0),
        Row(date(2020, 8, 31), 5.0),
        Row(date(2010, 7, 1), 1.0, 8.0),
        Row(date(2022, 12, 1), 2.0),
        Row(date(1999, 12, 31), 2.0),
    ]
    with serving(vendor, lambda _: TELLERS[vendor](rows)) as (source, server):
        found = source.splits("TSLA", SINCE, UNTIL)
    assert [(one.ex_date, one.ratio) for one in found] == [
        (date(2010, 7, 1), 0.125),
        (date(2020, 8, 31), 5.0),
        (date(2022, 8, 25), 3.0),
    ]
    assert {(one.symbol, one.source) for one in found} == {("TSLA", vendor)}
    assert (source.name, len(server.seen)) == (vendor, 1)


@VENDORS
def test_a_stock_without_a_split_is_an_answer(vendor: str) -> None:
    with serving(vendor, lambda _: TELLERS[vendor]([])) as (source, _):
        assert source.splits("TSLA", SINCE, UNTIL) == ()


@VENDORS
def test_a_symbol_with_a_class_is_asked_for_in_the_vendors_form(vendor: str) -> None:
    theirs = {"alpaca": "BRK.B"}.get(vendor, "BRK-B")
    row = Row(date(2010, 1, 21), 50.0, symbol=theirs)
    with serving(vendor, lambda _: TELLERS[vendor]([row])) as (source, _):
        [found] = source.splits("BRK.B", SINCE, UNTIL)
    assert found == Split(symbol="BRK.B", ex_date=row.day, ratio=50.0, source=vendor)


@VENDORS
def test_another_symbols_splits_are_refused(vendor: str) -> None:
    rows = [Row(date(2022, 8, 25), 3.0, symbol="AAPL")]
    with (
        serving(vendor, lambda _: TELLERS[vendor](rows)) as (source, _),
        pytest.raises(UnsoundDataError, match="another symbol than TSLA"),
    ):
        source.splits("TSLA", SINCE, UNTIL)


@VENDORS
@pytest.mark.parametrize(
    "row",
    [Row(date(2022, 8, 25), 1.0), Row(date(2022, 8, 25), 0.0), Row(date(2022, 8, 25), 99_999.0)],
    ids=["one", "zero", "beyond"],
)
def test_what_is_no_split_is_refused(vendor: str, row: Row) -> None:
    with (
        serving(vendor, lambda _: TELLERS[vendor]([row])) as (source, _),
        pytest.raises(UnsoundDataError, match="a split of TSLA"),
    ):
        source.splits("TSLA", SINCE, UNTIL)


@VENDORS
def test_two_ratios_for_one_day_are_refused(vendor: str) -> None:
    rows = [Row(date(2022, 8, 25), 3.0), Row(date(2022, 8, 25), 5.0)]
    if vendor == "yahoo":  # its events lie under their stamps
        moved = {"date": 1661434200 + 3600, "numerator": 5.0, "denominator": 1.0}
        first = {"date": 1661434200, "numerator": 3.0, "denominator": 1.0}
        answer = splits_answer("TSLA", first, moved)
    else:
        answer = TELLERS[vendor](rows)
    with (
        serving(vendor, lambda _: answer) as (source, _),
        pytest.raises(UnsoundDataError, match="no stock can have had"),
    ):
        source.splits("TSLA", SINCE, UNTIL)


@VENDORS
@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"silent", "a byte a moment", "a gigabyte"}))
def test_an_answer_that_is_none_is_one_error_of_ours_without_a_key(vendor: str, fault: str) -> None:
    with (
        serving(vendor, lambda _: FAULTS[fault]) as (source, _),
        pytest.raises((TransientDataError, UnsoundDataError)) as caught,
    ):
        source.splits("TSLA", SINCE, UNTIL)
    assert KEY not in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("vendor", ["alpha_vantage", "yahoo"])
@pytest.mark.parametrize("fault", ["silent", "a byte a moment", "a gigabyte"])
def test_a_vendor_that_does_not_come_to_an_end_is_left(vendor: str, fault: str) -> None:
    with (
        serving(vendor, lambda _: FAULTS[fault]) as (source, _),
        pytest.raises(TransientDataError),
    ):
        source.splits("TSLA", SINCE, UNTIL)


@VENDORS
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, RateLimitedError),
        (401, VendorRefusedError),
        (403, VendorRefusedError),
        (500, DataError),
    ],
)
def test_a_refusal_is_the_error_of_its_status(
    vendor: str, status: int, kind: type[DataError]
) -> None:
    answer = json_answer({"message": f"no {KEY} {SECRET}"}, status=status)
    with serving(vendor, lambda _: answer) as (source, _), pytest.raises(kind) as caught:
        source.splits("TSLA", SINCE, UNTIL)
    if vendor != "yahoo":  # which is sent no key
        assert KEY not in str(caught.value)
        assert vendor == "alpha_vantage" or SECRET not in str(caught.value)


@VENDORS
def test_a_used_up_limit_is_met_before_anything_is_asked(vendor: str) -> None:
    answer = TELLERS[vendor]([])
    with serving(vendor, lambda _: answer, UsedUp(NOW)) as (source, server):
        with pytest.raises(RateLimitedError):
            source.splits("TSLA", SINCE, UNTIL)
        assert server.seen == []


def test_alpacas_question_and_the_fakes_answer_are_as_documented() -> None:
    rows = [Row(date(2022, 8, 25), 3.0), Row(date(2010, 7, 1), 1.0, 8.0)]
    with serving("alpaca", lambda _: alpaca(rows)) as (source, server):
        source.splits("TSLA", SINCE, UNTIL)
    [asked] = server.seen
    seen = Seen(method="GET", path=asked.path, query=dict(asked.query), headers={}, body=None)
    assert request_faults(seen, MARKET_DATA) == []
    assert asked.path == "/v1/corporate-actions"
    assert asked.query["types"] == "forward_split,reverse_split"
    assert (asked.query["start"], asked.query["end"]) == ("2000-01-01", "2022-11-25")
    assert asked.headers["apca-api-secret-key"] == SECRET
    schema = {"$ref": "#/components/schemas/corporate_actions_resp"}
    assert faults_of(json.loads(alpaca(rows).body), schema, MARKET_DATA) == []


def test_alpacas_endless_pages_end() -> None:
    page = json_answer({"corporate_actions": {}, "next_page_token": "same"})
    with (
        serving("alpaca", lambda _: page) as (source, server),
        pytest.raises(TransientDataError, match="pages on"),
    ):
        source.splits("TSLA", SINCE, UNTIL)
    assert len(server.seen) == 4


def test_alpha_vantage_is_asked_its_function_by_its_own_client() -> None:
    with serving("alpha_vantage", lambda _: alpha_vantage([])) as (source, server):
        source.splits("TSLA", SINCE, UNTIL)
    [asked] = server.seen
    assert (asked.query["function"], asked.query["symbol"]) == ("SPLITS", "TSLA")
    assert asked.query["apikey"] == KEY


def test_alpha_vantages_sentence_is_its_limit() -> None:
    said = f"We have detected your API key as {KEY} and our standard API rate limit is 25 requests per day."
    with (
        serving("alpha_vantage", lambda _: json_answer({"Information": said})) as (source, _),
        pytest.raises(RateLimitedError) as caught,
    ):
        source.splits("TSLA", SINCE, UNTIL)
    assert caught.value.until == datetime(2022, 11, 26, 5, tzinfo=UTC)
    assert KEY not in str(caught.value)


def test_a_recorded_chart_of_yahoo_tells_nvidias_split() -> None:
    answer, _ = recorded("chart-NVDA-split-2021-02-01-to-2022-01-31.json")
    with serving("yahoo", lambda _: answer) as (source, server):
        found = source.splits("NVDA", SINCE, UNTIL)
    assert found == (Split(symbol="NVDA", ex_date=date(2021, 7, 20), ratio=4.0, source="yahoo"),)
    assert server.seen[0].path == f"{CHART}NVDA"
    assert server.seen[0].query["events"] == "split"


def test_a_symbol_that_yahoo_does_not_know_has_no_data() -> None:
    answer, _ = recorded("error-404-no-data-found.json")
    with serving("yahoo", lambda _: answer) as (source, _), pytest.raises(NoDataError):
        source.splits("TSLA", SINCE, UNTIL)
