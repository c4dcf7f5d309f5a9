"""The vendors' session: one host, questions only, bounded, keys below the client and nowhere else."""

import time
from typing import Any

import pytest
from pydantic import SecretStr
from requests import Response
from requests.adapters import HTTPAdapter

from tests.fakes.vendor_server import Answer, Asked, VendorServer, json_answer
from ztrade_core.errors import ConfigError
from ztrade_core.wires.bounded import WireError, WireLimits
from ztrade_core.wires.vendor import (
    UNKEYED,
    VendorKeys,
    VendorSession,
    require_vendor_base,
)

KEY = "canary+/=7"
KEYS = VendorKeys(headers={"x-key": SecretStr(KEY)}, query={"apikey": SecretStr(KEY)})
QUICK = WireLimits(
    connect_seconds=0.5, read_seconds=0.5, deadline_seconds=0.8, body_bytes=1_000_000
)


def ask(answer: Answer, path: str = "/query?apikey=" + UNKEYED) -> tuple[Response, Asked]:
    with VendorServer(lambda _: answer) as server:
        session = VendorSession(server.url, KEYS, limits=QUICK)
        return session.get(server.url + path), server.seen[0]


def broken(answer: Answer) -> str:
    with pytest.raises(WireError) as told:
        ask(answer)
    return str(told.value)


def test_keys_are_added_below_the_client_and_in_place_of_its_placeholder() -> None:
    told, seen = ask(json_answer({"a": 1}), f"/query?symbol=TSLA&apikey={UNKEYED}")
    assert seen.headers["x-key"] == KEY
    assert seen.query == {"symbol": "TSLA", "apikey": KEY}
    assert KEY not in told.url
    assert UNKEYED in told.url
    assert "x-key" not in told.request.headers


def test_a_key_that_an_answer_repeats_is_struck_out() -> None:
    echo = {"Information": f"your key {KEY} is used up", "url": "?apikey=canary%2B%2F%3D7"}
    told, _ = ask(json_answer(echo))
    assert told.json() == {"Information": "your key [key] is used up", "url": "?apikey=[key]"}


def test_of_the_headers_only_content_type_and_retry_after_come_back() -> None:
    told, _ = ask(json_answer({}, status=429, Retry_After="7", Set_Cookie="a=b"))
    assert told.status_code == 429
    assert dict(told.headers) == {"Content-Type": "application/json", "Retry-After": "7"}


@pytest.mark.parametrize("seconds", [0.05, 0.3])
def test_a_byte_a_moment_ends_at_the_deadline(seconds: float) -> None:
    began = time.monotonic()
    assert "no whole answer within" in broken(Answer(body=b"x" * 200, how="drip", seconds=seconds))
    assert time.monotonic() - began < 3.0


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(how="silence", seconds=5.0), "ReadTimeout"),
        (Answer(how="reset"), "the exchange broke"),
        (Answer(how="truncate", body=b"x" * 1000), "the exchange broke"),
        (Answer(how="flood"), "an answer above 1000000 bytes"),
        (Answer(status=302, headers={"Location": "/elsewhere"}), "redirects are not followed"),
        (Answer(status=206), "unexpected status 206"),
        (Answer(headers={"Content-Encoding": "gzip"}), "a compressed answer"),
    ],
)
def test_what_cannot_be_read_whole_is_no_answer(answer: Answer, reason: str) -> None:
    text = broken(answer)
    assert reason in text or "no whole answer" in text
    assert KEY not in text


def test_a_redirect_is_not_followed() -> None:
    with VendorServer(lambda _: json_answer({})) as other:
        assert "redirects" in broken(Answer(status=301, headers={"Location": other.url + "/x"}))
        assert other.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x",
        "https://data.alpaca.markets.evil.example/x",
        "https://data.alpaca.markets@evil.example/x",
        "https://data.alpaca.markets:444/x",
        "https://data.alpaca.markets/a b",
        "https://data.alpaca.markets/x#y",
        "https://data.alpaca.markets",
        "ftp://data.alpaca.markets/x",
    ],
)
def test_another_address_is_refused_before_it_is_sent(url: str) -> None:
    session = VendorSession("https://data.alpaca.markets", KEYS, wire=Unreached())
    with pytest.raises(WireError, match="before it was sent"):
        session.get(url)


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH", "HEAD"])
def test_a_vendor_is_asked_and_never_told(method: str) -> None:
    session = VendorSession("https://data.alpaca.markets", KEYS, wire=Unreached())
    with pytest.raises(WireError, match="before it was sent"):
        session.request(method, "https://data.alpaca.markets/v2/x")


def test_a_client_that_mounts_retries_of_its_own_is_not_heard() -> None:
    """pycoingecko and others bring urllib3's retries along."""
    with VendorServer(lambda _: json_answer({}, status=503)) as server:
        session = VendorSession(server.url, KEYS, limits=QUICK)
        session.mount("http://", HTTPAdapter(max_retries=5))
        assert session.get(server.url + "/x").status_code == 503
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://data.alpaca.markets",
        "https://data.alpaca.markets/",
        "https://user@data.alpaca.markets",
        "http://127.0.0.1",
        "http://127.0.0.1:80/x",
        "http://localhost:80",
        "",
        "https://",
    ],
)
def test_a_base_that_keys_may_not_go_to_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"market_data\.yaml: not a vendor's address"):
        require_vendor_base(url, "market_data.yaml")


def test_keys_print_as_stars() -> None:
    assert KEY not in repr(KEYS)


class Unreached(HTTPAdapter):
    """A wire on which nothing may be sent."""

    def send(self, *_: Any, **__: Any) -> Response:
        raise AssertionError("something was sent")
