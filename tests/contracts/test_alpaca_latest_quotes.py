"""Latest quotes of data: the real alpaca-py against a local server, its requests against the document."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from tests.contracts.alpaca_documents import MARKET_DATA, answer_faults, request_faults
from tests.fakes.alpaca_routes import Seen
from tests.fakes.quote_vendor import COINS, STOCKS, QuoteVendor
from tests.fakes.vendor_faults import FAULTS, NOT_OURS, Unpaced, UsedUp
from tests.fakes.vendor_server import Answer, Asked, VendorServer, json_answer
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.errors import (
    DataError,
    NoDataError,
    RateLimitedError,
    TransientDataError,
    UnsoundDataError,
    VendorRefusedError,
)
from ztrade_core.market_data.vendors.alpaca_quotes import AlpacaQuotes
from ztrade_core.wires.pace import Pace

pytest.importorskip("alpaca", reason="alpaca-py is not installed")

NOW = datetime(2026, 11, 20, 15, 42, tzinfo=UTC)
KEYS = (SecretStr("PKCANARYDATA"), SecretStr("canarySecretData"))
MARKET = {
    "TSLA": (309.39, 3, 309.41, 2),
    "IWM": (0, 0, 240.1, 7),
    "BTC/USD": (64123.57, 0.354412, 64130.1, 3.25),
}
SLOW = (
    "silent",
    "a byte a moment",
    "a gigabyte",
)  # bars' tests wait for these; the wire is the same


@contextmanager
def vendor(
    answer: Any, *, keys: Any = KEYS, pace: Pace | None = None
) -> Iterator[tuple[AlpacaQuotes, VendorServer]]:
    with VendorServer(answer) as server:
        yield (
            AlpacaQuotes(
                url=server.url,
                feed="iex",
                keys=keys,
                clock=SimulatedClock(NOW),
                pace=Unpaced() if pace is None else pace,
            ),
            server,
        )


def seen(asked: Asked) -> Seen:
    return Seen(method="GET", path=asked.path, query=dict(asked.query), headers={}, body=None)


def test_stocks_and_coins_are_quoted_exactly_in_a_request_each() -> None:
    at = NOW - timedelta(seconds=2)
    with vendor(QuoteVendor(MARKET, at)) as (source, server):
        found = source.latest(["BTC/USD", "TSLA", "IWM", "TSLA"])
    assert list(map(type, found)) == [str] * 3
    stock, thin, coin = found["TSLA"], found["IWM"], found["BTC/USD"]
    assert (stock.quote.bid, stock.quote.ask) == (Decimal("309.39"), Decimal("309.41"))
    assert (stock.bid_size, stock.ask_size) == (Decimal(3), Decimal(2))
    assert (stock.quote.at, stock.source) == (at, "alpaca:iex")
    assert (thin.quote.bid, thin.quote.ask) == (None, Decimal("240.1"))
    assert (coin.quote.bid, coin.bid_size) == (Decimal("64123.57"), Decimal("0.354412"))
    assert coin.source == "alpaca:us"
    assert [each.path for each in server.seen] == [STOCKS, COINS]
    assert server.seen[0].query["symbols"] == "IWM,TSLA"


def test_each_question_and_answer_is_one_that_the_document_describes() -> None:
    market = QuoteVendor(MARKET, NOW)
    with vendor(market) as (source, server):
        source.latest(["TSLA", "IWM", "BTC/USD"])
    for asked in server.seen:
        assert request_faults(seen(asked), MARKET_DATA) == []
        assert answer_faults(seen(asked), json.loads(market(asked).body), MARKET_DATA) == []
        assert asked.headers["apca-api-key-id"] == "PKCANARYDATA"
        assert "CANARY" not in str(asked.query).upper()
    assert server.seen[0].query["feed"] == "iex"


def test_without_keys_coins_are_quoted_and_stocks_are_not() -> None:
    with vendor(QuoteVendor(MARKET, NOW), keys=None) as (source, server):
        assert source.supports("BTC/USD")
        assert not source.supports("TSLA")
        with pytest.raises(VendorRefusedError, match="ALPACA_API_KEY"):
            source.latest(["TSLA", "BTC/USD"])
        assert server.seen == []
        assert list(source.latest(["BTC/USD"])) == ["BTC/USD"]
        assert "apca-api-key-id" not in server.seen[0].headers


def test_a_symbol_without_a_quote_is_not_in_the_answer() -> None:
    with vendor(QuoteVendor({}, NOW)) as (source, _):
        assert source.latest(["TSLA"]) == {}
    with vendor(lambda _: json_answer({"quotes": {"TSLA": None}})) as (source, _):
        assert source.latest(["TSLA"]) == {}


def quote(**values: Any) -> Answer:
    whole = {"t": "2026-11-20T15:41:58Z", "bp": 1.0, "bs": 1, "ap": 2.0, "as": 1, **values}
    return json_answer({"quotes": {"TSLA": whole}})


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (json_answer({"message": "too many"}, 429, Retry_After="7"), RateLimitedError, "15:42:07Z"),
        (json_answer({}, 401), VendorRefusedError, "the key was refused"),
        (json_answer({"message": "invalid symbol"}, 400), VendorRefusedError, "invalid symbol"),
        (json_answer({}, 404), NoDataError, "does not know"),
        (json_answer({}, 504), TransientDataError, "HTTP 504"),
        (json_answer({"quotes": {"TSLL": {}}}), UnsoundDataError, "other symbols than TSLA"),
        (json_answer({"quotes": {"TSLA": 7}}), UnsoundDataError, "is none"),
        (json_answer({"quotes": 7}), TransientDataError, "not understood"),
        (quote(t="2026-11-20T15:41:58"), UnsoundDataError, "is none"),
        (quote(t=None), UnsoundDataError, "is none"),
        (quote(bp="1.0"), UnsoundDataError, "a number of TSLA's quote"),
        (quote(ap=True), UnsoundDataError, "a number of TSLA's quote"),
        (quote(bs=-1), UnsoundDataError, "a number of TSLA's quote"),
        (quote(ap=float("nan")), UnsoundDataError, "a number of TSLA's quote"),
        (quote(bp=10**400), UnsoundDataError, "is none"),
        (json_answer({"quotes": {}, "next_page_token": "again"}), TransientDataError, "pages on"),
    ],
)
def test_every_failure_is_one_clear_error(
    answer: Answer, kind: type[DataError], words: str
) -> None:
    with vendor(lambda _: answer) as (source, server):
        with pytest.raises(DataError) as told:
            source.latest(["TSLA"])
        assert len(server.seen) == 1
    assert type(told.value) is kind
    assert words in str(told.value)
    assert "CANARY" not in str(told.value).upper()


@pytest.mark.parametrize("name", [each for each in FAULTS if each not in SLOW])
def test_what_is_no_answer_ends_in_one_error(name: str) -> None:
    with vendor(lambda _: FAULTS[name]) as (source, server):
        with pytest.raises(DataError) as told:
            source.latest(["TSLA"])
        assert len(server.seen) == 1
    kinds = (TransientDataError, UnsoundDataError) if name in NOT_OURS else (TransientDataError,)
    assert type(told.value) in kinds


def test_a_limit_that_is_used_up_ends_it_before_it_is_asked() -> None:
    with vendor(lambda _: json_answer({}), pace=UsedUp(NOW)) as (source, server):
        with pytest.raises(RateLimitedError, match="used up"):
            source.latest(["TSLA"])
        assert server.seen == []
