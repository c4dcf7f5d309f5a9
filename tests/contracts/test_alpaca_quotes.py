"""The latest quote, over real HTTP: what is asked, what is read, and how it can fail."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.contracts.alpaca_documents import MARKET_DATA, answer_faults, request_faults
from tests.contracts.test_alpaca_faults import WAYS
from tests.fakes.alpaca_desk import API_KEY, SECRET_KEY, AlpacaDesk
from tests.fakes.alpaca_server import AlpacaServer, Fault
from ztrade_core.errors import TransientBrokerError


@pytest.fixture
def desk() -> Iterator[AlpacaDesk]:
    with AlpacaServer() as server:
        yield AlpacaDesk(server)


def answer(desk: AlpacaDesk, body: Any, path: str = "/v2/stocks") -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    desk.server.fault(Fault(method="GET", path=path, status=200, body=raw))


def test_stocks_and_coins_are_quoted_exactly(desk: AlpacaDesk) -> None:
    ledger = desk.server.ledger
    ledger.price("TSLA", "309.39", "309.41")
    ledger.price("BTC/USD", "64123.57", "64130.1")
    broker = desk.broker()
    stock, coin = broker.quote("TSLA"), broker.quote("BTC/USD")
    assert stock is not None
    assert coin is not None
    assert (stock.symbol, stock.bid, stock.ask) == ("TSLA", Decimal("309.39"), Decimal("309.41"))
    assert (coin.bid, coin.ask) == (Decimal("64123.57"), Decimal("64130.1"))
    assert stock.at == ledger.quotes["TSLA"].at
    assert [seen.method for seen in desk.server.seen] == ["GET", "GET"]
    headers = desk.server.seen[0].headers
    assert (headers["APCA-API-KEY-ID"], headers["APCA-API-SECRET-KEY"]) == (API_KEY, SECRET_KEY)


def test_each_question_and_answer_is_one_that_the_document_describes(desk: AlpacaDesk) -> None:
    desk.server.ledger.price("TSLA", "309.39", None)
    desk.server.ledger.price("BTC/USD", "64123.57", "64130.1")
    broker = desk.broker()
    broker.quote("TSLA")
    broker.quote("BTC/USD")
    paths = [seen.path for seen in desk.server.seen]
    assert paths == ["/v2/stocks/TSLA/quotes/latest", "/v1beta3/crypto/us/latest/quotes"]
    for seen in desk.server.seen:
        assert request_faults(seen, MARKET_DATA) == []
        _status, told = desk.server.answer(seen)
        assert answer_faults(seen, told, MARKET_DATA) == []
    assert desk.server.seen[0].query == {"feed": "iex"}
    assert desk.server.seen[1].query == {"symbols": "BTC/USD"}


def test_a_side_without_an_offer_is_none(desk: AlpacaDesk) -> None:
    desk.server.ledger.price("TSLA", None, "309.41")
    quote = desk.broker().quote("TSLA")
    assert quote is not None
    assert (quote.bid, quote.ask) == (None, Decimal("309.41"))
    answer(desk, {"symbol": "TSLA", "quote": {"t": "2026-11-20T15:00:00Z"}})
    absent = desk.broker().quote("TSLA")
    assert absent is not None
    assert (absent.bid, absent.ask) == (None, None)


def test_no_quote_is_none(desk: AlpacaDesk) -> None:
    assert desk.broker().quote("BTC/USD") is None
    answer(desk, {"symbol": "TSLA", "quote": None})
    assert desk.broker().quote("TSLA") is None


@pytest.mark.parametrize(
    "body",
    [
        {"symbol": "AAPL", "quote": {"t": "2026-11-20T15:00:00Z", "bp": 1.0}},
        {"symbol": "TSLA", "quote": {"bp": 1.0}},
        {"symbol": "TSLA", "quote": {"t": "2026-11-20T15:00:00", "bp": 1.0}},
        {"symbol": "TSLA", "quote": {"t": "2026-11-20T15:00:00Z", "bp": -1.0}},
        b'{"symbol": "TSLA", "quote": {"t": "2026-11-20T15:00:00Z", "bp": NaN}}',
        b'{"symbol": "TSLA", "quote": {"t": "2026-11-20T15:00:00Z", "ap": Infinity}}',
        {"quotes": {}},
        [],
    ],
)
def test_a_quote_of_another_shape_is_not_understood(desk: AlpacaDesk, body: Any) -> None:
    answer(desk, body)
    with pytest.raises(TransientBrokerError):
        desk.broker().quote("TSLA")


@pytest.mark.parametrize("symbol", ["TSLA", "BTC/USD"])
@pytest.mark.parametrize("way", WAYS)
def test_a_question_that_fails_is_asked_once_and_tells_no_key(
    desk: AlpacaDesk, way: str, symbol: str
) -> None:
    desk.server.ledger.price(symbol, "100", "101")
    path = "/v1beta3/crypto" if "/" in symbol else "/v2/stocks"
    desk.server.fault(Fault(method="GET", path=path, **WAYS[way]))
    with pytest.raises(TransientBrokerError) as told:
        desk.broker().quote(symbol)
    text = f"{told.value} {told.value!r} {told.value.__cause__!r}"
    assert API_KEY not in text
    assert SECRET_KEY not in text
    assert len(desk.server.seen) == 1
