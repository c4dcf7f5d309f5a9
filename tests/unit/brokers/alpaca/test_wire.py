"""The HTTP discipline: bounded in time and size, once, and without keys above the wire."""

import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from requests import PreparedRequest, Response
from typing_extensions import override

from tests.fakes.alpaca_desk import API_KEY, KEYS, QUICK, SECRET_KEY, AlpacaDesk
from tests.fakes.alpaca_server import AlpacaServer, Fault, LoopbackWire
from ztrade_core.brokers.alpaca.client import AlpacaClient, RefusedError, UnclearError
from ztrade_core.brokers.alpaca.fence import PAPER_URL
from ztrade_core.brokers.alpaca.wire import FencedSession
from ztrade_core.wires.bounded import WireError
from ztrade_core.wires.watched import AbandonedError, Call

ORDER = {
    "symbol": "TSLA",
    "qty": "1",
    "side": "buy",
    "type": "market",
    "time_in_force": "day",
    "client_order_id": "zt1-wire",
}


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with AlpacaServer() as running:
        yield running


@pytest.fixture
def client(server: AlpacaServer) -> AlpacaClient:
    return AlpacaClient(AlpacaDesk(server).session(), base_url=PAPER_URL)


def unclear(client: AlpacaClient, *, post: bool = False) -> str:
    with pytest.raises(UnclearError) as told:
        client.post("/orders", ORDER) if post else client.get("/account")
    return str(told.value)


@pytest.mark.parametrize("status", [429, 504, 500, 502, 503])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_nothing_is_ever_sent_twice(
    client: AlpacaClient, server: AlpacaServer, method: str, status: int
) -> None:
    """alpaca-py alone would send a POST four times after 429 or 504."""
    server.fault(Fault(method=method, path="/v2", status=status, times=9))
    asks: dict[str, Any] = {
        "GET": lambda: client.get("/account"),
        "POST": lambda: client.post("/orders", ORDER),
        "DELETE": lambda: client.delete("/orders/1df53539-385c-4a5d-9c02-565352ac60b0"),
    }
    with pytest.raises(UnclearError, match=f"HTTP {status}"):
        asks[method]()
    assert len(server.seen) == 1


@pytest.mark.parametrize("how", ["drip", "drip_headers"])
def test_a_byte_a_moment_ends_at_the_deadline(
    client: AlpacaClient, server: AlpacaServer, how: str
) -> None:
    server.fault(Fault(method="GET", path="/v2", how=how, seconds=0.05))
    began = time.monotonic()
    assert "no whole answer within 0.8 s" in unclear(client)
    assert time.monotonic() - began < 2.0
    deadline = time.monotonic() + 2.0
    while any(t.name == "bounded-call" for t in threading.enumerate()):
        assert time.monotonic() < deadline, "the thread of the call did not end"
        threading.Event().wait(0.01)


def test_silence_ends_at_the_read_timeout(client: AlpacaClient, server: AlpacaServer) -> None:
    server.fault(Fault(method="GET", path="/v2", how="silence", seconds=5.0))
    began = time.monotonic()
    assert "Timeout" in unclear(client)
    assert time.monotonic() - began < 2.0


def test_a_huge_body_is_not_read(client: AlpacaClient, server: AlpacaServer) -> None:
    server.fault(Fault(method="GET", path="/v2", status=200, body=b"[" * (QUICK.body_bytes + 1)))
    assert f"above {QUICK.body_bytes} bytes" in unclear(client)


@pytest.mark.parametrize(
    "location",
    [
        "https://api.alpaca.markets/v2/account",
        "https://paper-api.alpaca.markets/v2/account",
        "/v2/account",
        "http://127.0.0.1:1/",
    ],
)
def test_a_redirect_is_not_followed_even_with_a_sound_body(
    client: AlpacaClient, server: AlpacaServer, location: str
) -> None:
    server.fault(Fault(method="GET", path="/v2", how="redirect", location=location))
    assert "unexpected status 307; redirects are not followed" in unclear(client)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{", b"\xff\xfe", b"[" * 100_000, b'{"code": 1}', b"null", b"[]"]
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500])
def test_a_no_that_alpaca_did_not_write_is_unclear(
    client: AlpacaClient, server: AlpacaServer, status: int, body: bytes
) -> None:
    server.fault(Fault(method="POST", path="/v2", status=status, body=body))
    assert f"HTTP {status}" in unclear(client, post=True)


@pytest.mark.parametrize("body", [b"<html>", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_yes_that_is_not_json_is_unclear(
    client: AlpacaClient, server: AlpacaServer, body: bytes
) -> None:
    server.fault(Fault(method="GET", path="/v2", status=200, body=body))
    assert "not JSON" in unclear(client)


def test_refused_keys_are_not_a_no_to_the_order(client: AlpacaClient, server: AlpacaServer) -> None:
    server.fault(Fault(method="POST", path="/v2", status=403, body=b'{"message": "forbidden."}'))
    unclear(client, post=True)
    body = b'{"code": 40110000, "message": "access key verification failed"}'
    server.fault(Fault(method="POST", path="/v2", status=401, body=body))
    assert "access key verification failed" in unclear(client, post=True)


def test_a_no_keeps_its_message_in_one_short_line(
    client: AlpacaClient, server: AlpacaServer
) -> None:
    body = b'{"code": 40310000, "message": "in\\nsuf\\u001b[31mficient ' + b"x" * 9000 + b'"}'
    server.fault(Fault(method="POST", path="/v2", status=403, body=body))
    with pytest.raises(RefusedError) as told:
        client.post("/orders", ORDER)
    assert told.value.message.startswith("in suf [31mficient xxx")
    assert len(told.value.message) == 300


def test_keys_reach_the_broker_and_nothing_above_the_wire(
    client: AlpacaClient, server: AlpacaServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f'{{"code": 40310000, "message": "keys {API_KEY} and {SECRET_KEY}"}}'.encode()
    server.fault(Fault(method="POST", path="/v2", status=403, body=echo))
    with pytest.raises(RefusedError) as told:
        client.post("/orders", ORDER)
    assert told.value.message == "keys [key] and [key]"
    headers = server.seen[0].headers
    assert (headers["APCA-API-KEY-ID"], headers["APCA-API-SECRET-KEY"]) == (API_KEY, SECRET_KEY)
    texts = [caplog.text, *everything_told(told.value), repr(vars(client._vendor)), repr(KEYS)]
    for text in texts:
        assert API_KEY not in text
        assert SECRET_KEY not in text


def everything_told(error: BaseException | None) -> Iterator[str]:
    """Yield every text of an error and of what is chained to it: arguments, locals, requests."""
    while error is not None:
        yield repr(error)
        yield repr(vars(error))
        request = getattr(error, "request", None)
        yield repr(dict(getattr(request, "headers", {})))
        frame = error.__traceback__
        while frame is not None:
            here = frame.tb_frame.f_locals
            if not frame.tb_frame.f_code.co_name.startswith("test_"):
                yield repr({name: value for name, value in here.items() if name != "server"})
            frame = frame.tb_next
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("how", ["reset", "truncate", "silence", "drip"])
def test_a_broken_exchange_tells_no_key_either(
    client: AlpacaClient, server: AlpacaServer, how: str
) -> None:
    server.fault(Fault(method="POST", path="/v2", how=how, seconds=1.0))
    with pytest.raises(UnclearError) as told:
        client.post("/orders", ORDER)
    for text in everything_told(told.value):
        assert API_KEY not in text
        assert SECRET_KEY not in text


def test_proxies_and_netrc_of_the_machine_are_ignored(
    server: AlpacaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    client = AlpacaClient(AlpacaDesk(server).session(), base_url=PAPER_URL)
    assert client.get("/account")["currency"] == "USD"


class SlowNames(LoopbackWire):
    """A transport whose name server takes its time."""

    def __init__(self, url: str, may_go_on: threading.Event) -> None:
        super().__init__(url)
        self._may_go_on = may_go_on

    @override
    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self._may_go_on.wait(5.0)
        return super().send(request, *args, **kwargs)


def test_what_was_given_up_is_not_sent_later(server: AlpacaServer) -> None:
    """A name server that answers after the deadline must not let an old order out."""
    may_go_on = threading.Event()
    session = FencedSession(KEYS, limits=QUICK, wire=SlowNames(server.url, may_go_on))
    with pytest.raises(WireError, match="no whole answer"):
        session.request("POST", f"{PAPER_URL}/v2/orders", json=ORDER)
    may_go_on.set()
    for thread in threading.enumerate():
        if thread.name == "bounded-call":
            thread.join(5.0)
    assert server.seen == []


def test_an_abandoned_call_lets_no_connection_through() -> None:
    call = Call()
    call.abandon()
    with pytest.raises(AbandonedError):
        call.connected(None)
