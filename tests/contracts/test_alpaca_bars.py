"""Bars from Alpaca: the real alpaca-py against a local server, its requests against the document."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from tests.contracts.alpaca_documents import MARKET_DATA, faults_of, request_faults
from tests.fakes.alpaca_bars import AlpacaBarsVendor, bar_of
from tests.fakes.alpaca_routes import Seen
from tests.fakes.desk import calendar
from tests.fakes.vendor_faults import Unpaced
from tests.fakes.vendor_server import Answer, Asked, VendorServer, json_answer
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import MICROSECOND, Timeframe, from_micros, iso_z
from ztrade_core.errors import (
    DataError,
    NoDataError,
    RateLimitedError,
    TransientDataError,
    UnsoundDataError,
    VendorRefusedError,
)
from ztrade_core.market_data.soundness import check_series
from ztrade_core.market_data.vendors.alpaca import AlpacaBars

pytest.importorskip("alpaca", reason="alpaca-py is not installed")

KEYS = (SecretStr("PKCANARYDATA"), SecretStr("canarySecretData"))
NOW = datetime(2022, 11, 25, 15, 42, tzinfo=UTC)  # Friday after Thanksgiving, in session
LONG_AGO = datetime(1901, 1, 2, 15, 0, tzinfo=UTC)
MONDAY = datetime(2022, 11, 21, 14, 30, tzinfo=UTC)


def traded(symbol: str, step: timedelta, start: datetime, end: datetime) -> list[datetime]:
    """Every step from 09:00Z to 23:00Z (stocks, extended hours), or around the clock (coins)."""
    first = start.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    if step == timedelta(days=1):
        return calendar().expected_bars(AssetClass.STOCK, Timeframe.D1, first, end + MICROSECOND)
    grid = [first + n * step for n in range(int((end - first) / step) + 2)]
    return grid if "/" in symbol else [each for each in grid if 9 <= each.hour < 23]


@contextmanager
def vendor(answer: Any, *, keys: Any = KEYS) -> Iterator[tuple[AlpacaBars, VendorServer]]:
    with VendorServer(answer) as server:
        yield (
            AlpacaBars(
                url=server.url,
                feed="iex",
                keys=keys,
                calendar=calendar(),
                clock=SimulatedClock(NOW),
                pace=Unpaced(),
            ),
            server,
        )


def seen(asked: Asked) -> Seen:
    return Seen(method="GET", path=asked.path, query=dict(asked.query), headers={}, body=None)


@pytest.mark.parametrize("timeframe", list(Timeframe))
@pytest.mark.parametrize("symbol", ["TSLA", "BRK.B", "BTC/USD"])
def test_bars_of_every_timeframe_lie_on_our_grid(symbol: str, timeframe: Timeframe) -> None:
    with vendor(AlpacaBarsVendor(traded)) as (alpaca, server):
        start = MONDAY.replace(hour=0, minute=0)
        found = alpaca.fetch(symbol, timeframe, start, NOW)
        assert alpaca.calls(symbol, timeframe, start, NOW) == len(server.seen)
    asset_class = AssetClass.CRYPTO if "/" in symbol else AssetClass.STOCK
    newest = calendar().expected_bar(asset_class, timeframe, NOW)
    assert newest is not None
    expected = calendar().expected_bars(asset_class, timeframe, start, newest + MICROSECOND)
    assert [from_micros(int(each)) for each in found.series.timestamps] == expected
    check_series(found.series, origin="alpaca", calendar=calendar(), known_at=NOW)
    assert found.source == ("alpaca:us" if "/" in symbol else "alpaca:iex:split")
    for asked in server.seen:
        assert request_faults(seen(asked), MARKET_DATA) == []


def test_a_stocks_hour_is_made_of_its_quarters() -> None:
    with vendor(AlpacaBarsVendor(traded)) as (alpaca, server):
        found = alpaca.fetch("TSLA", Timeframe.H1, MONDAY, MONDAY + timedelta(hours=1)).series
    quarters = [bar_of(MONDAY + n * timedelta(minutes=15)) for n in range(4)]
    bar = found.bar(0)
    assert (len(found), bar.open, bar.close) == (1, quarters[0]["o"], quarters[3]["c"])
    assert bar.high == max(each["h"] for each in quarters)
    assert bar.volume == sum(each["v"] for each in quarters)
    assert server.seen[0].query["timeframe"] == "15Min"


def test_keys_go_out_as_headers_and_the_form_is_as_documented() -> None:
    with vendor(AlpacaBarsVendor(traded)) as (alpaca, server):
        alpaca.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
    asked = server.seen[0]
    assert asked.headers["apca-api-key-id"] == "PKCANARYDATA"
    assert asked.headers["apca-api-secret-key"] == "canarySecretData"
    assert asked.query["adjustment"] == "split"
    assert asked.query["feed"] == "iex"


def test_the_fakes_answer_is_as_documented() -> None:
    with vendor(AlpacaBarsVendor(traded)) as (alpaca, server):
        alpaca.fetch("TSLA", Timeframe.M5, MONDAY, MONDAY + timedelta(minutes=9))
        told = AlpacaBarsVendor(traded)(server.seen[0])
    schema = {"$ref": "#/components/schemas/stock_bars_resp"}
    assert faults_of(json.loads(told.body), schema, MARKET_DATA) == []


def test_short_pages_are_followed_and_endless_ones_end() -> None:
    with vendor(AlpacaBarsVendor(traded, page_bars=60)) as (alpaca, server):
        found = alpaca.fetch("TSLA", Timeframe.M5, MONDAY, MONDAY + timedelta(hours=6, minutes=30))
        assert (len(found.series), len(server.seen)) == (78, 2)
    for pages in (AlpacaBarsVendor(traded, page_bars=5, endless=True), _empty_for_ever):
        with vendor(pages) as (alpaca, server):
            with pytest.raises(TransientDataError, match="pages on beyond"):
                alpaca.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
            assert len(server.seen) == 4


def _empty_for_ever(_: Asked) -> Answer:
    return json_answer({"bars": {}, "next_page_token": "again"})


def test_without_keys_coins_are_served_and_stocks_are_not() -> None:
    with vendor(AlpacaBarsVendor(traded), keys=None) as (alpaca, server):
        assert alpaca.supports("BTC/USD", Timeframe.H1)
        assert not alpaca.supports("TSLA", Timeframe.M5)
        with pytest.raises(VendorRefusedError, match="ALPACA_API_KEY"):
            alpaca.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
        assert server.seen == []
        alpaca.fetch("BTC/USD", Timeframe.H1, MONDAY, NOW)
        assert "apca-api-key-id" not in server.seen[0].headers


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (
            json_answer({"message": "too many requests."}, 429),
            RateLimitedError,
            "its limit is used",
        ),
        (json_answer({"message": "forbidden."}, 403), VendorRefusedError, "HTTP 403"),
        (json_answer({}, 401), VendorRefusedError, "the key was refused"),
        (json_answer({"message": "invalid symbol"}, 400), VendorRefusedError, "invalid symbol"),
        (json_answer({"message": "not found"}, 404), NoDataError, "does not know"),
        (json_answer({}, 500), TransientDataError, "HTTP 500"),
        (json_answer({}, 504), TransientDataError, "HTTP 504"),
        (Answer(body=b"<html>Bad gateway</html>"), TransientDataError, "not understood"),
        (Answer(body=b"<html>no</html>", status=503), TransientDataError, "<html>no</html>"),
        (Answer(body=b""), TransientDataError, "not understood"),
        (Answer(body=b"[1, 2]"), TransientDataError, "not understood"),
        (json_answer({"bars": {"TSLA": 7}}), TransientDataError, "not understood"),
        (json_answer({"bars": {"TSLA": [{"t": "x"}]}}), UnsoundDataError, "a bar that is none"),
        (json_answer({"bars": {"TSLA": [7]}}), UnsoundDataError, "a bar that is none"),
        (Answer(how="truncate", body=b"{" + b" " * 500), TransientDataError, ""),
        (Answer(how="reset"), TransientDataError, "the exchange broke"),
        (Answer(status=302, headers={"Location": "/x"}), TransientDataError, "redirects"),
        (Answer(body=b"[" * 100_000), TransientDataError, "not understood"),
        (json_answer({"bars": {"TSLA": [bar_of(LONG_AGO)]}}), UnsoundDataError, "not asked for"),
        (json_answer({"bars": {}}), NoDataError, "no complete bar of TSLA 5m"),
        (json_answer({"bars": None}), TransientDataError, "not understood"),
    ],
)
def test_every_failure_is_one_clear_error(
    answer: Answer, kind: type[DataError], words: str
) -> None:
    with vendor(lambda _: answer) as (alpaca, server):
        with pytest.raises(DataError) as told:
            alpaca.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
        assert len(server.seen) == 1
    assert type(told.value) is kind
    assert words in str(told.value)
    assert "CANARY" not in str(told.value).upper()


@pytest.mark.parametrize("values", [{"o": "1.0"}, {"c": None}, {"v": True}, {"h": [1]}])
def test_a_value_that_is_no_number_is_refused(values: dict[str, Any]) -> None:
    bar = {**bar_of(MONDAY), **values}
    with (
        vendor(lambda _: json_answer({"bars": {"TSLA": [bar]}})) as (alpaca, _),
        pytest.raises(UnsoundDataError, match="is no number"),
    ):
        alpaca.fetch("TSLA", Timeframe.M5, MONDAY, NOW)


def test_another_symbols_bars_are_refused() -> None:
    with (
        vendor(AlpacaBarsVendor(traded, renamed={"TSLA": "TSLL"})) as (alpaca, _),
        pytest.raises(UnsoundDataError, match="another symbol than TSLA"),
    ):
        alpaca.fetch("TSLA", Timeframe.M5, MONDAY, NOW)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("9999", 60), ("soon", 60), ("", 60)])
def test_retry_after_is_honoured_within_a_minute(header: str, seconds: int) -> None:
    answer = json_answer({}, status=429, Retry_After=header)
    with (
        vendor(lambda _: answer) as (alpaca, _),
        pytest.raises(RateLimitedError, match=iso_z(NOW + timedelta(seconds=seconds))) as told,
    ):
        alpaca.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
    assert told.value.until == NOW + timedelta(seconds=seconds)


def test_a_year_is_asked_for_in_pages_that_fit() -> None:
    with vendor(lambda _: json_answer({"bars": {}})) as (alpaca, _):
        year = (MONDAY - timedelta(days=365), MONDAY)
        calls = {each.value: alpaca.calls("TSLA", each, *year) for each in Timeframe}
    assert calls == {"1m": 53, "5m": 11, "15m": 4, "1h": 4, "1d": 1}
