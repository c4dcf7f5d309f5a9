"""Each way an exchange with Alpaca can go wrong, and what the broker makes of it.

After every case the fake's ledger is the judge: at most one order an id, and no request repeated.
"""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.fakes.alpaca_desk import API_KEY, SECRET_KEY, AlpacaDesk
from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.unit.brokers.builders import entry
from ztrade_core.brokers.alpaca.broker import AlpacaBroker
from ztrade_core.errors import (
    BrokerError,
    OrderRejectedError,
    OrderStateUnknownError,
    TransientBrokerError,
)

HTML = b"<html><body>502 Bad Gateway</body></html>"
NO = b'{"code": 40310000, "message": "potential wash trade detected. use complex orders"}'
WAYS: dict[str, dict[str, Any]] = {
    "504 after accept": {"how": "status", "status": 504},
    "500": {"how": "status", "status": 500, "acts": False},
    "503 html": {"how": "status", "status": 503, "body": HTML},
    "429": {"how": "status", "status": 429, "acts": False, "body": b'{"message": "too many"}'},
    "429 with code": {
        "how": "status",
        "status": 429,
        "acts": False,
        "body": b'{"code": 42910000, "message": "rate limit exceeded"}',
    },
    "401": {
        "how": "status",
        "status": 401,
        "acts": False,
        "body": b'{"code": 40110000, "message": "access key verification failed"}',
    },
    "403 forbidden": {
        "how": "status",
        "status": 403,
        "acts": False,
        "body": b'{"message": "forbidden."}',
    },
    "403 html": {"how": "status", "status": 403, "acts": False, "body": HTML},
    "404 html": {"how": "status", "status": 404, "acts": False, "body": HTML},
    "reset": {"how": "reset"},
    "truncated": {"how": "truncate"},
    "drip": {"how": "drip", "seconds": 0.45},
    "drip headers": {"how": "drip_headers", "seconds": 0.05},
    "silence": {"how": "silence", "seconds": 2.0},
    "redirect": {"how": "redirect"},
    "html 200": {"how": "status", "status": 200, "body": HTML},
    "empty 200": {"how": "status", "status": 200, "body": b""},
    "empty list": {"how": "status", "status": 200, "body": b'"[]"'},
    "other json": {"how": "status", "status": 200, "body": b'{"status": "filled"}'},
    "huge": {"how": "status", "status": 200, "body": b" " * 300_000},
}


@pytest.fixture
def desk() -> Iterator[AlpacaDesk]:
    with AlpacaServer() as server:
        yield AlpacaDesk(server)


@pytest.fixture(autouse=True)
def no_secret_is_told(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert API_KEY not in caplog.text
    assert SECRET_KEY not in caplog.text


def told(error: pytest.ExceptionInfo[BrokerError]) -> str:
    text = f"{error.value} {error.value!r} {error.value.__cause__!r}"
    assert API_KEY not in text
    assert SECRET_KEY not in text
    return text


def posts(desk: AlpacaDesk) -> int:
    return [seen.method for seen in desk.server.seen].count("POST")


@pytest.mark.parametrize("way", WAYS)
def test_a_submit_that_was_not_understood_is_unknown_and_sent_once(
    desk: AlpacaDesk, way: str
) -> None:
    desk.server.fault(Fault(method="POST", path="/v2/orders", **WAYS[way]))
    with pytest.raises(OrderStateUnknownError) as error:
        desk.send(entry())
    told(error)
    assert posts(desk) == 1
    acted = WAYS[way].get("acts", True)
    found = desk.broker().order_by_client_id("zt1-entry")
    assert (found is not None) is acted
    again = desk.broker().submit(entry())  # whoever asks again gets the one order
    assert again.request.client_order_id == "zt1-entry"
    assert desk.server.ledger.accepted == {"zt1-entry": 1}


UNREAD = {"empty 200", "empty list", "other json"}  # a cancel's 200 is not read: the order is


@pytest.mark.parametrize("way", sorted(WAYS.keys() - UNREAD))
def test_a_cancel_that_was_not_understood_is_unknown_and_sent_once(
    desk: AlpacaDesk, way: str
) -> None:
    desk.send(entry())
    desk.server.fault(Fault(method="DELETE", path="/v2/orders", **{**WAYS[way], "acts": False}))
    with pytest.raises(OrderStateUnknownError) as error:
        desk.broker().cancel("zt1-entry")
    told(error)
    assert [seen.method for seen in desk.server.seen].count("DELETE") == 1
    assert desk.broker().cancel("zt1-entry").status.value == "canceled"


LOOK_UPS: dict[str, tuple[str, Callable[[AlpacaBroker], object]]] = {
    "cash": ("/v2/account", lambda broker: broker.cash()),
    "epoch": ("/v2/account", lambda broker: broker.epoch()),
    "positions": ("/v2/positions", lambda broker: broker.positions()),
    "open orders": ("/v2/orders", lambda broker: broker.open_orders()),
    "order": ("/v2/orders:by", lambda broker: broker.order_by_client_id("zt1-entry")),
    "fills": ("/v2/account/activities", lambda broker: broker.fills()),
    "a fill's order": ("/v2/orders/", lambda broker: broker.fills()),
}


@pytest.mark.parametrize("what", LOOK_UPS)
@pytest.mark.parametrize("way", WAYS)
def test_a_question_without_an_answer_is_never_nothing(
    desk: AlpacaDesk, way: str, what: str
) -> None:
    path, ask = LOOK_UPS[what]
    desk.bought()
    desk.server.fault(Fault(method="GET", path=path, **WAYS[way]))
    with pytest.raises(TransientBrokerError) as error:
        ask(desk.broker())
    told(error)
    assert ask(desk.broker()) is not None


def test_a_definite_no_is_rejected_and_not_repeated(desk: AlpacaDesk) -> None:
    desk.server.fault(Fault(method="POST", path="/v2", status=403, acts=False, body=NO))
    with pytest.raises(OrderRejectedError, match="potential wash trade detected") as error:
        desk.send(entry())
    told(error)
    assert posts(desk) == 1


def test_an_order_that_appears_late_is_found_and_not_doubled(desk: AlpacaDesk) -> None:
    """Accepted, the answer lost, and not yet to be seen: unknown, then the one order."""
    desk.server.fault(Fault(method="POST", path="/v2", how="reset"))
    with pytest.raises(OrderStateUnknownError):
        desk.send(entry())
    ledger = desk.server.ledger
    order = ledger.by_client_id("zt1-entry")
    ledger.hidden.add(order.id)
    assert desk.broker().order_by_client_id("zt1-entry") is None
    with pytest.raises(OrderStateUnknownError, match="must be unique, but it is not found"):
        desk.broker().submit(entry())
    ledger.hidden.clear()
    assert desk.broker().submit(entry()).broker_order_id == order.id
    assert ledger.accepted == {"zt1-entry": 1}


def test_a_taken_id_whose_look_up_fails_stays_unknown(desk: AlpacaDesk) -> None:
    desk.send(entry())
    desk.server.fault(Fault(method="GET", path="/v2/orders:by", status=500))
    with pytest.raises(OrderStateUnknownError):
        desk.broker().submit(entry())
    assert desk.server.ledger.accepted == {"zt1-entry": 1}


def test_an_account_that_cannot_be_asked_for_sends_no_order(desk: AlpacaDesk) -> None:
    desk.server.fault(Fault(method="GET", path="/v2/account", status=500))
    with pytest.raises(OrderStateUnknownError):
        desk.send(entry())
    assert posts(desk) == 0


@pytest.mark.parametrize("way", WAYS)
def test_an_asset_that_cannot_be_asked_for_sends_no_entry(desk: AlpacaDesk, way: str) -> None:
    desk.server.fault(Fault(method="GET", path="/v2/assets", **WAYS[way]))
    with pytest.raises(OrderStateUnknownError) as error:
        desk.send(entry())
    told(error)
    assert posts(desk) == 0
    assert desk.broker().submit(entry()).request == entry()


def test_an_answer_that_tells_of_another_order_is_unknown(desk: AlpacaDesk) -> None:
    desk.server.ledger.accept(
        {
            "symbol": "TSLA",
            "qty": "1",
            "side": "buy",
            "type": "market",
            "time_in_force": "day",
            "client_order_id": "other",
        }
    )
    other = json.dumps(desk.server.ledger.orders[0].shown(nested=True)).encode()
    desk.server.fault(Fault(method="POST", path="/v2", status=200, body=other))
    with pytest.raises(OrderStateUnknownError, match="another order"):
        desk.send(entry())
    desk.server.fault(Fault(method="GET", path="/v2/orders:by", status=200, body=other))
    with pytest.raises(TransientBrokerError, match="another order"):
        desk.broker().order_by_client_id("zt1-entry")


def test_a_cancel_that_comes_too_late_returns_the_filled_order(desk: AlpacaDesk) -> None:
    desk.send(entry())
    ledger, broker = desk.server.ledger, desk.broker()
    too_late = b'{"code": 42210000, "message": "order is already in \\"filled\\" state"}'
    desk.server.fault(Fault(method="DELETE", path="/v2", status=422, acts=False, body=too_late))
    desk.server.on_request = lambda seen: (
        ledger.fill(ledger.orders[0], "99") if seen.method == "DELETE" else None
    )
    ended = broker.cancel("zt1-entry")
    assert (ended.status.value, ended.filled_quantity) == ("filled", 10)


def test_a_cancel_that_another_overtook_is_waited_for(desk: AlpacaDesk) -> None:
    desk.send(entry())
    ledger = desk.server.ledger
    ledger.slow_cancel = 4
    order = ledger.orders[0]
    desk.server.on_request = lambda seen: (
        ledger.cancel(order.id) if seen.method == "DELETE" else None
    )
    assert desk.broker().cancel("zt1-entry").status.value == "canceled"


def test_a_cancel_that_alpaca_refuses_is_rejected_with_its_reason(desk: AlpacaDesk) -> None:
    desk.send(entry())
    refused = b'{"code": 42210000, "message": "order is pending replacement"}'
    desk.server.fault(Fault(method="DELETE", path="/v2", status=422, acts=False, body=refused))
    with pytest.raises(OrderRejectedError, match="pending replacement"):
        desk.broker().cancel("zt1-entry")


def test_pages_that_repeat_themselves_end(desk: AlpacaDesk) -> None:
    """The OpenAPI document's examples repeat one page; a client must not read it for ever."""
    desk.send(entry("100"))
    for _ in range(100):
        desk.fill("zt1-entry", "99", "1")
    page = json.dumps(desk.server.ledger.fills).encode()
    desk.server.fault(
        Fault(method="GET", path="/v2/account/activities", status=200, body=page, times=99)
    )
    with pytest.raises(TransientBrokerError, match="same page of fills came twice"):
        desk.broker().fills()


def test_only_an_order_that_is_not_found_is_none(desk: AlpacaDesk) -> None:
    """A path that moved answers 404 too."""
    moved = b'{"code": 40410000, "message": "endpoint not found"}'
    desk.server.fault(Fault(method="GET", path="/v2/orders:by", status=404, body=moved))
    with pytest.raises(TransientBrokerError, match="endpoint not found"):
        desk.broker().order_by_client_id("zt1-entry")
