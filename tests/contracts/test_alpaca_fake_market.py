"""The fake Alpaca's market: matching, sessions, things that take time, and how long a holding was naked."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes.alpaca_bodies import bracket, buy, coin, coin_stop, oco, refused, sell, states
from tests.fakes.alpaca_ledger import AlpacaLedger, Refuse
from tests.fakes.alpaca_routes import Seen
from tests.fakes.alpaca_server import AlpacaServer

MINUTE = timedelta(minutes=1)
STOP = {"type": "stop", "stop_price": "95", "time_in_force": "gtc"}


@pytest.fixture
def ledger() -> AlpacaLedger:
    made = AlpacaLedger()
    made.held["TSLA"] = Decimal(10)
    return made


def test_nothing_fills_without_a_quote(ledger: AlpacaLedger) -> None:
    order = ledger.accept(sell())
    ledger.price("IWM", "1", "2")
    ledger.match()
    assert order.status == "new"


def test_an_order_is_matched_at_once_against_the_quote(ledger: AlpacaLedger) -> None:
    ledger.price("TSLA", "99", "101")
    orders = [
        ledger.accept(buy("below", qty="1")),
        ledger.accept(buy("above", qty="1", limit_price="102")),
        ledger.accept(buy("market", qty="1", type="market", limit_price="101")),
    ]
    assert states(*orders) == ["new", "filled", "filled"]
    assert orders[1].paid == 101
    ledger.patch(orders[0].id, {"limit_price": "101"})
    assert ledger.held["TSLA"] == 13
    sold = ledger.accept(sell())
    assert (sold.status, sold.paid) == ("filled", 990)


def test_a_side_without_an_offer_fills_nothing(ledger: AlpacaLedger) -> None:
    ledger.price("TSLA", None, "101")
    assert ledger.accept(sell()).status == "new"


def test_a_stop_triggers_at_the_bid_and_fills_there(ledger: AlpacaLedger) -> None:
    ledger.price("TSLA", "96", "97")
    stop = ledger.accept(sell(**STOP))
    ledger.price("TSLA", "95.01", "97")
    assert stop.status == "new"
    ledger.price("TSLA", "90", "97")
    assert (stop.status, stop.paid) == ("filled", 900)


def test_a_coins_stop_that_is_gapped_through_rests_until_the_bid_is_back() -> None:
    ledger = AlpacaLedger()
    ledger.held["BTC/USD"] = Decimal("0.09975")
    ledger.price("BTC/USD", "64000", "64010")
    stop = ledger.accept(coin_stop())
    ledger.price("BTC/USD", "58000", "58010")
    assert (stop.status, stop.triggered) == ("new", True)
    assert list(ledger.naked_since) == ["BTC/USD"]
    ledger.price("BTC/USD", "59000", "59010")
    assert (stop.status, stop.paid / stop.filled) == ("filled", 59000)


def test_the_stop_of_a_pair_cancels_its_target(ledger: AlpacaLedger) -> None:
    parent = ledger.accept(oco())
    ledger.price("TSLA", "94", "95")
    assert states(parent, parent.legs[0]) == ["canceled", "filled"]


def test_legs_live_only_when_their_entry_has_filled_wholly(ledger: AlpacaLedger) -> None:
    entry = ledger.accept(bracket())
    ledger.partial["TSLA"] = "0.45"
    ledger.price("TSLA", "90", "91")
    assert (entry.filled, states(entry, *entry.legs)) == (4, ["partially_filled", "held", "held"])
    assert ledger.held["TSLA"] == 14  # below the stop, and nothing was sold
    assert list(ledger.naked_since) == ["TSLA"]
    ledger.match()
    assert states(entry, *entry.legs) == ["filled", "canceled", "filled"]
    assert ledger.held["TSLA"] == 10


def test_a_partial_match_leaves_the_rest_until_the_next(ledger: AlpacaLedger) -> None:
    ledger.price("TSLA", "99", "100")
    ledger.partial["TSLA"] = "0.99"
    order = ledger.accept(buy())
    other = ledger.accept(buy("other", qty="1"))
    assert (order.filled, other.status) == (9, "filled")
    ledger.match()
    assert order.status == "filled"
    ledger.partial["TSLA"] = "0.05"
    assert ledger.accept(buy("none", qty="1")).filled == 0


def test_what_an_ioc_order_cannot_fill_at_once_is_cancelled() -> None:
    ledger = AlpacaLedger()
    ledger.price("BTC/USD", "63990", "64000")
    ledger.partial["BTC/USD"] = "0.5"
    order = ledger.accept(coin())
    assert (order.filled, order.status) == (Decimal("0.05"), "canceled")
    assert ledger.held["BTC/USD"] == Decimal("0.049875")
    assert ledger.accept(coin("low", limit_price="63000")).status == "canceled"


def test_day_orders_expire_at_the_close_and_pairs_till_cancelled_rest(ledger: AlpacaLedger) -> None:
    entry = ledger.accept(bracket())
    ledger.fill(entry, "100")
    waiting, pair = ledger.accept(bracket("w")), ledger.accept(oco())
    coin_order = ledger.accept(coin())
    ledger.close_session()
    assert states(entry, *entry.legs) == ["filled", "expired", "expired"]
    assert states(waiting, *waiting.legs) == ["expired"] * 3
    assert states(pair, *pair.legs, coin_order) == ["new", "held", "new"]


def test_a_closed_session_takes_stock_orders_and_matches_none(ledger: AlpacaLedger) -> None:
    pair = ledger.accept(oco(qty="4"))
    ledger.close_session()
    order = ledger.accept(sell(qty="6"))
    ledger.price("TSLA", "94", "95")
    assert states(order, *pair.legs) == ["accepted", "held"]
    ledger.price("BTC/USD", "1", "64000")
    assert ledger.accept(coin()).status == "filled"
    ledger.open_session()
    assert states(order, *pair.legs) == ["filled", "filled"]


def test_clock_and_calendar_follow_the_ledger() -> None:
    with AlpacaServer() as server:
        ledger = server.ledger
        ledger.now = ledger.now.replace(hour=22)  # Friday, after the close
        ledger.close_session()
        clock = told(server, "/v2/clock")
        assert (clock["is_open"], clock["timestamp"][:16]) == (False, "2026-11-20T17:00")
        assert clock["next_open"] == "2026-11-23T09:30:00-05:00"
        assert clock["next_close"] == "2026-11-23T16:00:00-05:00"
        days = told(server, "/v2/calendar", start="2026-11-20", end="2026-11-24")
        assert [day["date"][-2:] for day in days] == ["20", "23", "24"]


def told(server: AlpacaServer, path: str, method: str = "GET", **query: str) -> Any:
    return answered(server, path, method, **query)[1]


def answered(
    server: AlpacaServer, path: str, method: str = "GET", body: Any = None, **query: str
) -> tuple[int, Any]:
    return server.answer(Seen(method=method, path=path, query=query, headers={}, body=body))


def test_the_fakes_time_is_set_and_only_goes_on(ledger: AlpacaLedger) -> None:
    start = ledger.now
    ledger.now = start + MINUTE
    first, second = ledger.accept(buy()), ledger.accept(buy("c"))
    assert start + MINUTE < first.submitted < second.submitted < start + 2 * MINUTE
    with pytest.raises(ValueError, match="does not run back"):
        ledger.now = start
    ledger.time_from = lambda: start + 5 * MINUTE
    assert ledger.accept(buy("d")).submitted >= start + 5 * MINUTE


def test_a_slow_cancel_is_pending_for_as_many_looks_and_still_reserves() -> None:
    with AlpacaServer() as server:
        ledger = server.ledger
        ledger.held["TSLA"] = Decimal(10)
        order, ledger.slow_cancel = ledger.accept(oco()), 2
        assert answered(server, f"/v2/orders/{order.id}", "DELETE") == (204, None)
        again = answered(server, f"/v2/orders/{order.id}", "DELETE")
        assert again[0] == 422
        looks = [told(server, f"/v2/orders/{order.id}")["status"] for _ in range(2)]
        assert looks == ["pending_cancel"] * 2
        assert ledger.reserved("TSLA") == 10
        assert told(server, f"/v2/orders/{order.id}")["status"] == "canceled"
        assert (order.legs[0].status, ledger.available("TSLA")) == ("canceled", 10)


def test_an_order_may_still_fill_while_its_cancel_is_pending(ledger: AlpacaLedger) -> None:
    ledger.slow_cancel = 3
    order = ledger.accept(sell(**STOP))
    ledger.cancel(order.id)
    ledger.price("TSLA", "94", "95")
    assert order.status == "filled"


def test_a_late_order_is_answered_with_504_and_found_after_n_looks() -> None:
    with AlpacaServer() as server:
        ledger = server.ledger
        ledger.late = 2
        assert answered(server, "/v2/orders", "POST", buy())[0] == 504
        assert told(server, "/v2/orders") == []
        path = "/v2/orders:by_client_order_id"
        looks = [answered(server, path, client_order_id="b")[0] for _ in range(3)]
        assert looks == [404, 404, 200]
        assert len(told(server, "/v2/orders")) == 1
        assert answered(server, "/v2/orders", "POST", buy("c"))[0] == 200
        assert ledger.accepted == {"b": 1, "c": 1}


def test_a_plain_order_against_an_own_open_one_is_a_wash_trade(ledger: AlpacaLedger) -> None:
    ledger.accept(sell(**STOP, qty="4"))
    wash = (403, "potential wash trade detected. use complex orders")
    assert refused(lambda: ledger.accept(buy())) == wash
    entry = ledger.accept(bracket("complex"))
    assert entry.status == "new"
    assert refused(lambda: ledger.accept(sell("s2", qty="1"))) == wash


def test_refusals_on_demand_hit_their_role_as_often_as_asked(ledger: AlpacaLedger) -> None:
    ledger.refuse = [("stop", 403, 40310000, "no stops today", 2), Refuse("cancel", 422, 1, "no")]
    order = ledger.accept(sell(qty="1"))
    for number in range(2):
        no = refused(lambda number=number: ledger.accept(sell(f"x{number}", **STOP, qty="1")))
        assert no == (403, "no stops today")
    ledger.accept(sell("third", **STOP, qty="1"))
    assert refused(lambda: ledger.cancel(order.id)) == (422, "no")
    ledger.cancel(order.id)
    ledger.refuse = [(lambda body: body.get("qty") == "2", 422, 2, "not two")]
    assert refused(lambda: ledger.accept(sell("two", qty="2"))) == (422, "not two")


def test_an_order_may_be_accepted_and_later_rejected() -> None:
    with AlpacaServer() as server:
        server.ledger.held["TSLA"] = Decimal(10)
        server.ledger.refuse = [("stop", 200, 0, "")]
        status, answer = answered(server, "/v2/orders", "POST", sell(**STOP))
        assert (status, answer["status"]) == (200, "accepted")
        assert told(server, f"/v2/orders/{answer['id']}")["status"] == "rejected"


def test_positions_tell_what_is_available(ledger: AlpacaLedger) -> None:
    with AlpacaServer(ledger) as server:
        ledger.accept(sell(**STOP, qty="4"))
        (position,) = told(server, "/v2/positions")
        assert (position["qty"], position["qty_available"]) == ("10", "6")


def test_what_no_client_may_cause_is_kept_as_a_violation(ledger: AlpacaLedger) -> None:
    ledger.accept(buy())
    for body in (buy(), buy(qty="9")):
        refused(lambda body=body: ledger.accept(body))
    assert ["two bodies" in each for each in ledger.violations] == [True]
    assert ledger.repeated == ["b", "b"]
    ledger.accept({key: value for key, value in buy().items() if key != "client_order_id"})
    assert "without client_order_id" in ledger.violations[1]
    entry = ledger.accept(bracket("x"))
    ledger.fill(entry, "100")
    ledger.held["TSLA"] = Decimal(3)
    ledger.match()
    assert ledger.violations[2] == "TSLA: open sells of 10, held 3"
    ledger.fill(entry.legs[1], "95")
    assert ledger.violations[3] == "TSLA is short: -7"
    ledger.match()
    assert len(ledger.violations) == 4


def test_a_post_after_a_look_up_is_no_blind_repeat(ledger: AlpacaLedger) -> None:
    ledger.accept(buy())
    ledger.looked_up("b")
    refused(lambda: ledger.accept(buy()))
    assert (ledger.repeated, ledger.violations) == ([], [])
