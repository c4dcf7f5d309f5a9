"""The data fence: two questions on one host, GET only, refused by text like the paper fence."""

from typing import Any

import pytest
from requests import Request

from tests.fakes.alpaca_desk import KEYS
from tests.unit.brokers.alpaca.test_fence import HOSTILE_REQUESTS, NETWORK, CountingWire
from tests.unit.settings.test_environment import HOSTILE
from ztrade_core.brokers.alpaca.fence import DATA, DATA_URL, PAPER, PAPER_URL
from ztrade_core.brokers.alpaca.quotes import QUOTE_LIMITS, AlpacaQuotes
from ztrade_core.brokers.alpaca.wire import FencedSession
from ztrade_core.errors import ConfigError, TransientBrokerError
from ztrade_core.wires.bounded import WireLimits

STOCK = f"{DATA_URL}/v2/stocks/TSLA/quotes/latest?feed=iex"
COIN = f"{DATA_URL}/v1beta3/crypto/us/latest/quotes?symbols=BTC%2FUSD"


def at_the_data_host(url: str) -> str:
    """Return a hostile form as it would look for the data host."""
    named = url.replace("paper-api", "data").replace("PAPER-API", "DATA")
    return named.replace("p\u0430per-api", "d\u0430ta").replace("xn--pper-api-63g", "xn--dta-7cd")


PLAIN = [url for url in HOSTILE_REQUESTS if isinstance(url, str)]
FORMS = [
    *(f"{at_the_data_host(url)}/v2/stocks/TSLA/quotes/latest?feed=iex" for url in HOSTILE),
    *(at_the_data_host(url) for url in PLAIN),
    *PLAIN,
    STOCK + "\n",
    STOCK + "&symbols=AAPL",
    STOCK + "#@evil.example",
    f"{DATA_URL}/v2/stocks/TSLA/quotes/latest",
    f"{DATA_URL}/v2/stocks/TSLA/quotes/latest?feed=sip",
    f"{DATA_URL}/v2/stocks/../orders/quotes/latest?feed=iex",
    f"{DATA_URL}/v2/stocks/TS%2FLA/quotes/latest?feed=iex",
    f"{DATA_URL}/v2/stocks//quotes/latest?feed=iex",
    f"{DATA_URL}/v2/stocks/TSLA/bars/latest?feed=iex",
    f"{DATA_URL}/v2/orders",
    f"{DATA_URL}/v1beta3/crypto/us/latest/quotes?symbols=BTC/USD",
    f"{DATA_URL}/v1beta3/crypto/us/latest/quotes?symbols=BTC%2FUSD,ETH%2FUSD",
    f"{DATA_URL}/v1beta3/crypto/eu-1/latest/quotes?symbols=BTC%2FUSD",
]
HOSTILE_QUESTIONS = list(dict.fromkeys(FORMS))


def data_session(wire: CountingWire) -> FencedSession:
    return FencedSession(KEYS, wire=wire).within(DATA, QUOTE_LIMITS)


def test_the_list_is_as_long_as_the_paper_fences() -> None:
    assert len(set(HOSTILE_QUESTIONS)) >= 100


@pytest.mark.parametrize("url", [*HOSTILE_QUESTIONS, None, STOCK.encode()])
def test_a_question_elsewhere_is_refused_with_no_name_asked_and_no_socket_made(url: Any) -> None:
    wire = CountingWire()
    with NETWORK as events, pytest.raises(ConfigError, match="before any connection") as told:
        data_session(wire).request("GET", url)
    assert events == []
    assert wire.sent == []
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("url", HOSTILE_QUESTIONS)
def test_a_prepared_question_cannot_pass_beside_the_fence(url: str) -> None:
    wire = CountingWire()
    session = data_session(wire)
    prepared = Request("GET", STOCK).prepare()
    prepared.url = url
    with NETWORK as events:
        with pytest.raises(ConfigError):
            session.send(prepared)
        with pytest.raises(ConfigError):
            session.get_adapter(STOCK).send(prepared)
    assert events == []
    assert wire.sent == []


@pytest.mark.parametrize(
    "method", ["POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS", "G\u0415T", "", None, b"GET"]
)
def test_the_data_host_is_only_asked(method: Any) -> None:
    wire = CountingWire()
    session = data_session(wire)
    prepared = Request("GET", STOCK).prepare()
    prepared.method = method
    with NETWORK as events, pytest.raises(ConfigError, match="takes GET only"):
        session.request(method, STOCK)
    with NETWORK as more, pytest.raises(ConfigError, match="takes GET only"):
        session.send(prepared)
    assert (events, more, wire.sent) == ([], [], [])


@pytest.mark.parametrize("method", ["PUT", "HEAD", "OPTIONS", "CONNECT", "", None])
def test_the_paper_host_takes_the_methods_of_orders_only(method: Any) -> None:
    wire = CountingWire()
    with pytest.raises(ConfigError, match="takes DELETE, GET, PATCH, POST only"):
        FencedSession(KEYS, wire=wire).request(method, f"{PAPER_URL}/v2/orders")
    assert wire.sent == []


@pytest.mark.parametrize("url", [STOCK, COIN, f"{DATA_URL}/v2/stocks/BRK.B/quotes/latest?feed=iex"])
def test_what_we_ask_is_within_the_fence(url: str) -> None:
    assert DATA.require_request(url) == url
    with pytest.raises(ConfigError):
        PAPER.require_request(url)


def test_the_paper_session_does_not_reach_the_data_host() -> None:
    with pytest.raises(ConfigError):
        FencedSession(KEYS, wire=CountingWire()).request("GET", STOCK)


def test_a_client_whose_address_was_tampered_with_asks_nothing() -> None:
    wire = CountingWire()
    quotes = AlpacaQuotes(FencedSession(KEYS, wire=wire))
    quotes._stocks._base_url = "https://api.alpaca.markets"
    quotes._coins._base_url = "https://data.alpaca.markets.evil.example"
    for symbol in ("TSLA", "BTC/USD"):
        with NETWORK as events, pytest.raises(ConfigError):
            quotes.latest(symbol)
        assert events == []
    assert wire.sent == []


@pytest.mark.parametrize(
    "symbol", ["", "../orders", "TSLA?feed=sip", "T S", "ÄÖ", "A" * 16, "A/B/C"]
)
def test_a_symbol_that_is_none_asks_nothing(symbol: str) -> None:
    wire = CountingWire()
    with pytest.raises((ConfigError, TransientBrokerError)):
        AlpacaQuotes(FencedSession(KEYS, wire=wire)).latest(symbol)
    assert wire.sent == []


def test_a_question_for_a_quote_is_short_and_never_longer_than_the_session_allows() -> None:
    assert QUOTE_LIMITS.deadline_seconds == QUOTE_LIMITS.read_seconds == 2.0
    tight = WireLimits(connect_seconds=0.1, read_seconds=0.2, deadline_seconds=0.3, body_bytes=10)
    assert QUOTE_LIMITS.tightened(tight) == tight
    assert QUOTE_LIMITS.tightened(WireLimits()) == QUOTE_LIMITS
