"""The paper fence: one host, refused by text before a name is resolved or a socket made."""

import sys
from typing import Any

import pytest
from pydantic import SecretStr
from requests import PreparedRequest, Request, Response
from requests.adapters import BaseAdapter
from typing_extensions import override

from tests.fakes.alpaca_desk import KEYS
from tests.unit.settings.test_environment import HOSTILE
from ztrade_core.brokers.alpaca.broker import AlpacaBroker
from ztrade_core.brokers.alpaca.client import AlpacaClient
from ztrade_core.brokers.alpaca.fence import (
    PAPER_URL,
    require_paper_account,
    require_paper_base,
    require_paper_request,
)
from ztrade_core.brokers.alpaca.wire import FencedSession, PaperKeys
from ztrade_core.errors import ConfigError
from ztrade_core.settings.environment import PAPER_URL as SETTINGS_URL

NETWORK_EVENTS = {"socket.__new__", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname"}

HOSTILE_REQUESTS = [
    *(f"{url}/v2/orders" for url in HOSTILE if url != f"{PAPER_URL}/v2"),
    f"{PAPER_URL}/v2",
    f"{PAPER_URL}/v2/",
    f"{PAPER_URL}/v3/clock",
    f"{PAPER_URL}/v2/../v1/orders",
    f"{PAPER_URL}/v2/orders/../../x",
    f"{PAPER_URL}/v2/./orders",
    f"{PAPER_URL}//v2/orders",
    f"{PAPER_URL}/v2//orders",
    f"{PAPER_URL}/v2/orders#@api.alpaca.markets",
    f"{PAPER_URL}/v2/orders\\@api.alpaca.markets",
    f"{PAPER_URL}/v2/orders\r\nHost: api.alpaca.markets",
    f"{PAPER_URL}/v2/orders\n",
    f"{PAPER_URL}/v2/orders ",
    f"{PAPER_URL}/v2/orders%00",
    f"{PAPER_URL}/v2/orders%2f..",
    *(
        f"{PAPER_URL}/v2/assets/{each}"
        for each in ("..", "BRK..B", ".B", "BRK.", "A.B.C", "BRK.B/x", "brk.b")
    ),
    f"{PAPER_URL}/v2/orders/BRK.B",
    f"{PAPER_URL}/v2/BRK.B",
    f"{PAPER_URL}/v2/\u043erders",
    f"{PAPER_URL}.evil.example/v2/orders",
    f"{PAPER_URL}@evil.example/v2/orders",
    "",
    None,
    b"https://paper-api.alpaca.markets/v2/orders",
]


class _Network:
    """Counts what Python's audit hooks tell of sockets and names; patches nothing."""

    def __init__(self) -> None:
        self.watching, self.events = False, list[str]()
        sys.addaudithook(self._hook)

    def _hook(self, event: str, _arguments: Any) -> None:
        if self.watching and event in NETWORK_EVENTS:
            self.events.append(event)

    def __enter__(self) -> list[str]:
        self.watching, self.events = True, []
        return self.events

    def __exit__(self, *_exception: object) -> None:
        self.watching = False


NETWORK = _Network()


class CountingWire(BaseAdapter):
    """A transport that only counts."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str | None] = []

    @override
    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self.sent.append(request.url)
        raise AssertionError(request.url)

    @override
    def close(self) -> None:
        """Nothing to close."""


def test_the_list_is_long_enough() -> None:
    assert len(set(HOSTILE)) >= 28


def test_settings_and_transport_mean_the_same_host() -> None:
    assert PAPER_URL == SETTINGS_URL == "https://paper-api.alpaca.markets"


@pytest.mark.parametrize("url", [*HOSTILE, PAPER_URL + "/", ""])
def test_a_broker_on_any_other_host_is_not_even_made(url: str) -> None:
    with NETWORK as events, pytest.raises(ConfigError, match="no connection is opened") as told:
        AlpacaBroker(
            FencedSession(KEYS),
            requests={}.get,
            fee_bps_by_asset=(0.0, 25.0),
            epoch_of=lambda _number: 2,
            base_url=url,
        )
    assert events == []
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("url", HOSTILE_REQUESTS)
def test_a_request_elsewhere_is_refused_with_no_name_asked_and_no_socket_made(url: Any) -> None:
    wire = CountingWire()
    session = FencedSession(KEYS, wire=wire)
    with NETWORK as events, pytest.raises(ConfigError, match="before any connection") as told:
        session.request("GET", url)
    assert events == []
    assert wire.sent == []
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("url", [u for u in HOSTILE_REQUESTS if isinstance(u, str)])
def test_a_prepared_request_cannot_pass_beside_the_fence(url: str) -> None:
    """Whoever prepares a request and hands it to `send` or to the adapter meets the fence too."""
    wire = CountingWire()
    session = FencedSession(KEYS, wire=wire)
    prepared = Request("GET", f"{PAPER_URL}/v2/orders").prepare()
    prepared.url = url
    with NETWORK as events:
        with pytest.raises(ConfigError):
            session.send(prepared)
        with pytest.raises(ConfigError):
            session.get_adapter(f"{PAPER_URL}/v2/orders").send(prepared)
    assert events == []
    assert wire.sent == []


def test_the_audit_hook_would_have_seen_a_socket() -> None:
    import socket  # noqa: PLC0415

    with NETWORK as events:
        socket.socket().close()
    assert events == ["socket.__new__"]


def test_a_client_whose_address_was_tampered_with_sends_nothing() -> None:
    wire = CountingWire()
    client = AlpacaClient(FencedSession(KEYS, wire=wire), base_url=PAPER_URL)
    client._vendor._base_url = "https://api.alpaca.markets"
    with NETWORK as events, pytest.raises(ConfigError):
        client.post("/orders", {"symbol": "TSLA"})
    assert events == []
    assert wire.sent == []


@pytest.mark.parametrize(
    "path",
    [
        "/v2/orders",
        "/v2/orders:by_client_order_id?client_order_id=zt1-0a",
        "/v2/orders?status=open&nested=true&until=2026-11-20T15%3A00%3A01.000001Z",
        "/v2/account/activities/FILL?page_token=20260101000000000%3A%3A4e1f",
        "/v2/assets/BTC%2FUSD",
        "/v2/assets/BRK.B",
        "/v2/account/configurations",
    ],
)
def test_what_we_ask_is_within_the_fence(path: str) -> None:
    assert require_paper_request(PAPER_URL + path) == PAPER_URL + path
    assert require_paper_base(PAPER_URL) == PAPER_URL


@pytest.mark.parametrize("number", ["", "010203ABCD", "123456789", "pa123", " PA123"])
def test_an_account_that_is_not_shown_to_be_paper_is_refused_unseen(number: str) -> None:
    with pytest.raises(ConfigError) as told:
        require_paper_account(number)
    assert not number.strip() or number not in str(told.value)
    require_paper_account("PA3FAKE00001")


@pytest.mark.parametrize("key", ["AKLIVE00000000000001", "", "with space", "k\r\nX-Evil: 1", "clé"])
def test_a_live_key_or_no_key_at_all_is_refused(key: str) -> None:
    with pytest.raises(ConfigError) as told:
        PaperKeys(api_key=SecretStr(key), secret_key=SecretStr("canary"))
    assert not key or key not in str(told.value)
