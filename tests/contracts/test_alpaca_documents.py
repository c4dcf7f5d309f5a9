"""What we send and what we read, against Alpaca's own OpenAPI document and recorded answers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from tests.contracts.alpaca_documents import (
    MARKET_DATA,
    TRADING,
    answer_faults,
    document,
    faults_of,
    operation_of,
    recordings,
    reported_errors,
    request_faults,
    require_documents,
)
from tests.fakes.alpaca_desk import COIN, AlpacaDesk
from tests.fakes.alpaca_routes import Seen
from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.unit.brokers.builders import entry, sell
from ztrade_core.brokers.alpaca.answers import (
    CalendarDayAnswer,
    ClockAnswer,
    FillAnswer,
    OrderAnswer,
    PositionAnswer,
    parsed,
    parsed_list,
)
from ztrade_core.brokers.alpaca.client import AlpacaClient, RefusedError, UnclearError
from ztrade_core.brokers.alpaca.fence import PAPER_URL
from ztrade_core.domain.orders import OrderType, Role


@pytest.fixture
def desk() -> Iterator[AlpacaDesk]:
    require_documents()
    with AlpacaServer() as server:
        yield AlpacaDesk(server)


def ask_everything(desk: AlpacaDesk) -> None:
    """Make every kind of request that we can make."""
    desk.bought()
    desk.send(entry(order_id="zt1-oto", target=None))
    desk.send(entry("0.12345678", limit="64123.57", stop="61000", order_id="zt1-coin", **COIN))
    desk.fill("zt1-coin", "64000.01")
    desk.send(sell("0.1", decided=0, order_id="zt1-s", symbol="BTC/USD", stop="61000"))
    desk.send(sell("0.01", decided=0, order_id="zt1-x", symbol="BTC/USD"))
    desk.hold("NVDA", "4")
    desk.send(sell("1", decided=0, order_id="zt1-stop", symbol="NVDA", stop="3.5"))
    desk.send(sell("1", decided=0, order_id="zt1-market", symbol="NVDA"))
    target = sell("1", decided=0, order_id="zt1-target", symbol="NVDA")
    desk.send(replace(target, role=Role.TARGET, type=OrderType.LIMIT, limit_price=Decimal("9.99")))
    broker = desk.broker()
    broker.cancel("zt1-stop")
    leave_a_pair(desk)
    broker.cancel("zt1-entry-stop")
    broker.open_orders()
    broker.positions()
    broker.cash()
    fills = broker.fills()
    broker.fills(after=fills[0].known_at)
    facts = desk.facts()
    facts.standing()
    facts.make_long_only()
    facts.clock()
    facts.sessions(date(2026, 11, 20), date(2026, 11, 20))
    facts.asset("TSLA")
    facts.asset("BTC/USD")


def leave_a_pair(desk: AlpacaDesk) -> None:
    """Leave a pair twice, with a partial fill between, beside an order of somebody else."""
    desk.hold("AMD", "10")
    pair = sell(decided=0, order_id="zt1-pair", symbol="AMD", stop="95", position_id="zt1-amd")
    desk.send(replace(pair, target_price=Decimal("110.5"), target_order_id="zt1-pair-target"))
    desk.server.ledger.price("AMD", "100", "100.02")
    desk.server.ledger.partial["AMD"] = "0.4"
    leave = sell(decided=0, order_id="zt1-leave", symbol="AMD", position_id="zt1-amd")
    desk.broker().close(desk.intend(leave))
    desk.server.ledger.partial["AMD"] = 0
    desk.server.ledger.price("AMD", "90", "90.02")
    desk.broker().close(leave)
    body = {"symbol": "AMD", "side": "sell", "qty": "1", "type": "limit", "limit_price": "500"}
    desk.hold("AMD", "7")
    desk.server.ledger.accept({**body, "time_in_force": "gtc", "client_order_id": "by-hand"})


def test_every_request_is_one_that_the_document_describes(desk: AlpacaDesk) -> None:
    ask_everything(desk)
    trading, data = asked_of_each_host(desk)
    kinds = {(seen.method, seen.path.split("/")[2]) for seen in trading}
    assert kinds == {
        ("POST", "orders"),
        ("PATCH", "orders"),
        ("PATCH", "account"),
        ("DELETE", "orders"),
        ("GET", "orders"),
        ("GET", "orders:by_client_order_id"),
        ("GET", "positions"),
        ("GET", "account"),
        ("GET", "clock"),
        ("GET", "calendar"),
        ("GET", "assets"),
    }
    for seen in trading:
        is_order = seen.path.startswith("/v2/orders")
        faults = (
            change_faults(seen) if seen.method == "PATCH" and is_order else request_faults(seen)
        )
        assert faults == [], seen
    assert data
    for seen in data:
        assert request_faults(seen, MARKET_DATA) == [], seen
    classes = {seen.body.get("order_class") for seen in trading if seen.method == "POST"}
    assert classes == {None, "bracket", "oto", "oco"}
    changes = [set(seen.body) for seen in trading if seen.method == "PATCH"]
    assert changes[:2] == [{"limit_price", "client_order_id"}, {"limit_price", "qty"}]
    assert changes[2:] == [{"no_shorting"}]
    assert any("symbols" in seen.query for seen in trading)


def change_faults(seen: Seen) -> list[str]:
    """Return what the document finds wrong with a change of an order."""
    body = operation_of(seen)["requestBody"]["content"]["application/json"]["schema"]
    schema = document()["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    unknown = [f"unknown field {name}" for name in seen.body if name not in schema["properties"]]
    return [*unknown, *faults_of(seen.body, schema), *map("{} in the query".format, seen.query)]


def asked_of_each_host(desk: AlpacaDesk) -> tuple[list[Seen], list[Seen]]:
    data = [seen for seen in desk.server.seen if "quotes" in seen.path]
    return [seen for seen in desk.server.seen if seen not in data], data


def test_the_validator_finds_what_is_wrong() -> None:
    require_documents()
    sound = {"symbol": "TSLA", "qty": "1", "type": "market", "time_in_force": "day"}
    bodies = [{**sound, "qty": 1}, {**sound, "type": "oco"}, {**sound, "quantity": "1"}, {}, None]
    for change in ({"limit_price": 1}, {"price": "1"}, {"client_order_id": "x" * 129}):
        path = "/v2/orders/0e5f1a3c-4f7e-4a53-8b5d-6c43a9f5b001"
        assert change_faults(Seen(method="PATCH", path=path, query={}, headers={}, body=change)), (
            change
        )
    for body in bodies:
        seen = Seen(method="POST", path="/v2/orders", query={}, headers={}, body=body)
        assert request_faults(seen), body
    for query in ({"status": "opened"}, {"nested": "yes"}, {"page": "1"}):
        assert request_faults(
            Seen(method="GET", path="/v2/orders", query=query, headers={}, body=None)
        )
    with pytest.raises(AssertionError, match="has no GET"):
        request_faults(
            Seen(method="GET", path="/v2/positions/BTC/USD", query={}, headers={}, body=None)
        )


def test_the_fake_answers_as_the_document_says(desk: AlpacaDesk) -> None:
    ask_everything(desk)
    trading, data = asked_of_each_host(desk)
    for name, asked in ((TRADING, trading), (MARKET_DATA, data)):
        for seen in asked:
            status, answer = desk.server.answer(seen) if seen.method == "GET" else (0, None)
            if status == 200:
                assert answer_faults(seen, json.loads(json.dumps(answer)), name) == [], seen


def test_recorded_orders_are_read() -> None:
    (bracket,) = recordings("new_order__supports_bracket")
    order = parsed(OrderAnswer, with_id(bracket))
    assert (order.client_order_id, order.qty, order.limit_price) == ("BRACKET_ORDER_ID", 5, 325)
    assert [(leg.type, leg.status.value, leg.side.value) for leg in order.legs or ()] == [
        ("limit", "held", "sell"),
        ("stop", "held", "sell"),
    ]
    for start in (
        "new_order__places",
        "new_order__supports_f",
        "new_order__supports_n",
        "order__r",
    ):
        for each in recordings(start):
            if each["response"]["status"] == 200:
                parsed(OrderAnswer, with_id(each))
    (listed,) = recordings("orders__returns")
    assert len(parsed_list(OrderAnswer, json.loads(listed["response"]["body"]))) == 5


def with_id(recording: dict[str, Any]) -> Any:
    """The recordings have `<ID>` where an order's id was."""
    return json.loads(recording["response"]["body"].replace("<ID>", str(uuid4())))


def test_recorded_fills_positions_clock_and_calendar_are_read() -> None:
    (fills,) = recordings("account_activities__returns_an_Array_of_TradeActivity")
    read = parsed_list(FillAnswer, json.loads(fills["response"]["body"]))
    assert (read[0].qty, str(read[0].price), read[0].side.value) == (26, "186.98", "buy")
    (positions,) = recordings("positions__returns_an_Array_of_Position_objects_with")
    held = parsed_list(PositionAnswer, json.loads(positions["response"]["body"]))
    assert [(each.our_symbol, each.qty) for each in held] == [("FB", -100)]
    (clock,) = recordings("clock__")
    assert parsed(ClockAnswer, json.loads(clock["response"]["body"])).next_open.hour == 13
    (calendar,) = recordings("calendar__")
    assert len(parsed_list(CalendarDayAnswer, json.loads(calendar["response"]["body"]))) == 21


def test_each_reported_refusal_is_a_definite_no_or_unclear() -> None:
    """Bad keys and rate limits say nothing of the order; all else is Alpaca's own no."""
    with AlpacaServer() as server:
        client = AlpacaClient(AlpacaDesk(server).session(), base_url=PAPER_URL)
        for error in reported_errors():
            body = json.dumps(error["body"]).encode()
            status = error["status"]
            server.fault(Fault(method="POST", path="/v2", status=status, acts=False, body=body))
            expected = UnclearError if status in {401, 429} else RefusedError
            with pytest.raises(expected):
                client.post("/orders", {"symbol": "TSLA"})


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "teleported"},
        {"filled_qty": "NaN"},
        {"filled_qty": "-1"},
        {"filled_qty": None},
        {"qty": "Infinity"},
        {"submitted_at": "2026-11-20T15:00:00"},
        {"id": "not-a-uuid"},
        {"side": "hold"},
        {"symbol": ""},
        {"legs": {"a": 1}},
    ],
)
def test_an_order_of_another_shape_is_not_understood(broken: dict[str, Any]) -> None:
    with AlpacaServer() as server:
        desk = AlpacaDesk(server)
        desk.send(entry())
        shown = server.ledger.by_client_id("zt1-entry").shown(nested=True)
    parsed(OrderAnswer, shown)
    with pytest.raises(UnclearError) as told:
        parsed(OrderAnswer, {**shown, **broken})
    assert "teleported" not in str(told.value)
