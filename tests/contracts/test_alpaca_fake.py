"""The fake Alpaca keeps what is known of the real one: groups, replacements, refusals, quotes."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from requests import Session

from tests.contracts.alpaca_documents import (
    MARKET_DATA,
    answer_faults,
    reported_errors,
    request_faults,
)
from tests.fakes.alpaca_bodies import bracket, buy, oco, refused, sell, states
from tests.fakes.alpaca_ledger import AlpacaLedger
from tests.fakes.alpaca_routes import Seen
from tests.fakes.alpaca_server import AlpacaServer, LoopbackWire


@pytest.fixture
def ledger() -> AlpacaLedger:
    made = AlpacaLedger()
    made.held["TSLA"] = Decimal(10)
    return made


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with AlpacaServer() as made:
        yield made


def test_an_oco_holds_its_stop_beside_the_live_limit_and_reserves_once(
    ledger: AlpacaLedger,
) -> None:
    parent = ledger.accept(oco())
    shown = parent.shown(nested=True)
    assert (shown["client_order_id"], shown["limit_price"], shown["status"]) == ("o", "110", "new")
    (leg,) = shown["legs"]
    assert (leg["type"], leg["stop_price"], leg["status"], leg["qty"]) == (
        "stop",
        "95",
        "held",
        "10",
    )
    assert leg["client_order_id"] != "o"
    assert (ledger.reserved("TSLA"), ledger.available("TSLA")) == (10, 0)
    assert refused(lambda: ledger.accept(sell(qty="1")))[0] == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"side": "buy"},
        {"type": "market"},
        {"time_in_force": "ioc"},
        {"take_profit": {}},
        {"stop_loss": {}},
        {"stop_loss": {"stop_price": "110"}},
        {"symbol": "BTC/USD"},
        {"qty": "0.5"},
    ],
)
def test_an_oco_is_a_sell_of_held_shares_with_both_prices(
    ledger: AlpacaLedger, wrong: dict[str, Any]
) -> None:
    assert refused(lambda: ledger.accept(oco(**wrong)))[0] == 422
    assert ledger.all_orders() == []


def test_an_oco_of_more_than_is_held_is_refused(ledger: AlpacaLedger) -> None:
    ledger.may_short = False
    status, message = refused(lambda: ledger.accept(oco(qty="11")))
    assert (status, "insufficient qty available" in message) == (403, True)


@pytest.mark.parametrize("which", [0, 1])
def test_when_one_of_a_pair_fills_the_other_is_cancelled(ledger: AlpacaLedger, which: int) -> None:
    parent = ledger.accept(oco())
    pair = [parent, parent.legs[0]]
    ledger.fill(pair[which], "100", "4")
    other = pair[1 - which]
    assert (other.quantity, other.is_open, ledger.reserved("TSLA")) == (6, True, 6)
    ledger.fill(pair[which], "100")
    assert states(pair[which], other) == ["filled", "canceled"]
    assert ledger.held["TSLA"] == 0


@pytest.mark.parametrize("which", [0, 1])
def test_cancelling_one_of_a_group_cancels_the_rest(ledger: AlpacaLedger, which: int) -> None:
    parent = ledger.accept(oco())
    ledger.cancel([parent, parent.legs[0]][which].id)
    assert states(parent, *parent.legs) == ["canceled", "canceled"]
    entry = ledger.accept(bracket())
    ledger.fill(entry, "100")
    assert states(entry, *entry.legs) == ["filled", "new", "held"]
    ledger.cancel(entry.legs[which].id)
    assert states(entry, *entry.legs) == ["filled", "canceled", "canceled"]


def test_cancelling_an_entry_that_filled_in_part_takes_its_legs_along(ledger: AlpacaLedger) -> None:
    entry = ledger.accept(bracket())
    ledger.fill(entry, "100", "4")
    ledger.cancel(entry.id)
    assert states(entry, *entry.legs) == ["canceled"] * 3
    assert ledger.held["TSLA"] == 14


def test_a_replaced_oco_limit_keeps_its_stop_and_its_group(ledger: AlpacaLedger) -> None:
    parent = ledger.accept(oco())
    stop = parent.legs[0]
    exit_order = ledger.patch(parent.id, {"limit_price": "99", "client_order_id": "exit"})
    shown = exit_order.shown(nested=True)
    assert (shown["client_order_id"], shown["limit_price"]) == ("exit", "99")
    assert (shown["replaces"], parent.replaced_by, parent.status) == (
        parent.id,
        exit_order.id,
        "replaced",
    )
    assert [leg["id"] for leg in shown["legs"]] == [stop.id]
    assert (stop.status, ledger.reserved("TSLA")) == ("held", 10)
    assert ledger.by_client_id("o") is parent
    ledger.fill(exit_order, "99", "4")
    assert stop.quantity == 6
    ledger.fill(exit_order, "99")
    assert stop.status == "canceled"


def test_the_legs_of_a_replaced_parent_may_stay_behind(ledger: AlpacaLedger) -> None:
    ledger.legs_stay_behind = True
    parent = ledger.accept(oco())
    other = ledger.patch(parent.id, {"limit_price": "99"})
    assert (len(parent.legs), other.legs) == (1, [])
    ledger.fill(other, "99")
    assert parent.legs[0].status == "canceled"


@pytest.mark.parametrize("beneath", [0, 1])
def test_a_replaced_leg_stays_in_its_group(ledger: AlpacaLedger, beneath: int) -> None:
    ledger.nests_replacements = bool(beneath)
    entry = ledger.accept(bracket())
    ledger.fill(entry, "100")
    target, stop = entry.legs
    exit_order = ledger.patch(target.id, {"limit_price": "99", "client_order_id": "exit"})
    assert entry.legs.count(exit_order) == beneath
    assert states(target, exit_order, stop) == ["replaced", "new", "held"]
    ledger.fill(stop, "95")
    assert exit_order.status == "canceled"


def test_what_is_not_open_or_not_yet_at_the_exchange_is_not_replaced(ledger: AlpacaLedger) -> None:
    order = ledger.accept(buy())
    ledger.slow_cancel = 1
    ledger.cancel(order.id)
    pending = refused(lambda: ledger.patch(order.id, {"limit_price": "99"}))
    assert pending == (422, "cannot replace order in pending_cancel status")
    ledger.looked_at(ledger.looked_at(order))
    ended = refused(lambda: ledger.patch(order.id, {"limit_price": "99"}))
    assert ended == (422, "only open orders can be replaced")
    ledger.close_session()
    waiting = ledger.accept(buy("waits"))
    queued = refused(lambda: ledger.patch(waiting.id, {"limit_price": "99"}))
    assert queued == (422, "cannot replace order in accepted status")
    assert refused(lambda: ledger.patch("none", {}))[0] == 404


def test_a_client_id_is_never_taken_twice(ledger: AlpacaLedger) -> None:
    order = ledger.accept(buy())
    other = ledger.accept(buy("c"))
    ledger.cancel(order.id)
    for call in (
        lambda: ledger.accept(buy()),
        lambda: ledger.patch(other.id, {"client_order_id": "b"}),
        lambda: ledger.patch(other.id, {"client_order_id": "c"}),
    ):
        assert refused(call) == (422, "client_order_id must be unique")
    assert ledger.accepted == {"b": 1, "c": 1}


def test_a_replacement_for_more_than_is_held_is_refused(ledger: AlpacaLedger) -> None:
    parent = ledger.accept(oco(qty="6"))
    assert refused(lambda: ledger.patch(parent.id, {"qty": "11"}))[0] == 403
    assert ledger.patch(parent.id, {"qty": "10"}).quantity == 10


def test_a_patch_goes_over_the_wire_as_the_recording_has_it(server: AlpacaServer) -> None:
    order = server.ledger.accept(buy())
    body = {"limit_price": "25.25", "client_order_id": "MY_ORDER_ID_3"}
    answer = asked(
        server.wire(), "PATCH", f"https://paper-api.alpaca.markets/v2/orders/{order.id}", body
    )
    assert answer["client_order_id"] == "MY_ORDER_ID_3"
    assert (answer["replaces"], answer["status"], answer["qty"]) == (order.id, "new", "10")
    assert (answer["limit_price"], answer["filled_qty"]) == ("25.25", "0")


def asked(wire: LoopbackWire, method: str, url: str, body: Any = None) -> Any:
    session = Session()
    session.mount("https://", wire)
    answer = session.request(method, url, json=body, timeout=5)
    return answer.json() if answer.content else answer.status_code


QUESTIONS = (
    "/v2/stocks/TSLA/quotes/latest",
    "/v1beta3/crypto/us/latest/quotes?symbols=BTC/USD",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_quotes_have_the_shape_of_the_market_data_document(
    server: AlpacaServer, question: str
) -> None:
    server.ledger.price("TSLA", "99.98", "100.02")
    server.ledger.price("BTC/USD", "64000.5", None)
    answer = asked(server.data_wire(), "GET", "https://data.alpaca.markets" + question)
    seen = server.seen[-1]
    assert answer_faults(seen, answer, MARKET_DATA) == []
    quote = answer["quote"] if "quote" in answer else answer["quotes"]["BTC/USD"]
    wanted = {"T": (99.98, 100.02), "B": (64000.5, 0)}[
        question.split("/")[3][0] if "TSLA" in question else "B"
    ]
    assert (quote["bp"], quote["ap"]) == wanted


def test_a_symbol_without_a_quote_has_none(server: AlpacaServer) -> None:
    stock, coin = (
        asked(server.data_wire(), "GET", "https://data.alpaca.markets" + q) for q in QUESTIONS
    )
    assert stock == {"code": 40410000, "message": "no quote found for TSLA"}
    assert coin == {"quotes": {}}


def test_a_wire_carries_to_its_own_host_only(server: AlpacaServer) -> None:
    for wire, url in (
        (server.wire(), "https://data.alpaca.markets/v2/stocks/TSLA/quotes/latest"),
        (server.data_wire(), "https://paper-api.alpaca.markets/v2/account"),
    ):
        with pytest.raises(AssertionError):
            asked(wire, "GET", url)
    assert server.seen == []


def test_refusals_are_in_the_words_that_were_reported(ledger: AlpacaLedger) -> None:
    coin = {"symbol": "BTC/USD", "time_in_force": "ioc"}
    ledger.accept(buy("open", qty="1"))
    bodies = [
        buy("a", qty="10000"),
        buy("a", **coin, qty="0.01", limit_price="999.99"),
        sell("a"),
        buy("a", **{**coin, "time_in_force": "day"}),
        buy("a", limit_price="11.055"),
        buy("a", qty="0.5", time_in_force="gtc"),
        bracket("a", qty="0.5"),
    ]
    told = {
        json.dumps([error["status"], error["body"].get("message")]) for error in reported_errors()
    }
    for body in bodies:
        status, message = refused(lambda body=body: ledger.accept(body))
        assert json.dumps([status, message]).replace("999.99", "") in told, message
    assert ledger.accepted == {"open": 1}


def test_a_request_that_no_client_may_make_is_a_violation(server: AlpacaServer) -> None:
    for path in ("/v2/positions", "/v2/positions/TSLA", "/v2/orders"):
        seen = Seen(method="DELETE", path=path, query={}, headers={}, body=None)
        assert server.answer(seen)[0] == 404
    assert len(server.ledger.violations) == 3


def test_pairs_and_replacements_are_answered_in_the_documents_shape(server: AlpacaServer) -> None:
    server.ledger.held["TSLA"] = Decimal(10)
    status, parent = answered(server, "POST", "/v2/orders", oco())
    assert (status, parent["legs"][0]["status"]) == (200, "held")
    change = {"limit_price": "99", "client_order_id": "exit"}
    status, other = answered(server, "PATCH", f"/v2/orders/{parent['id']}", change)
    assert (status, other["replaces"]) == (200, parent["id"])


def answered(server: AlpacaServer, method: str, path: str, body: Any) -> tuple[int, Any]:
    """Answer a request that fits the document, with what fits it too."""
    seen = Seen(method=method, path=path, query={}, headers={}, body=body)
    assert request_faults(seen) == []
    status, answer = server.answer(seen)
    assert answer_faults(seen, json.loads(json.dumps(answer))) == []
    return status, answer
