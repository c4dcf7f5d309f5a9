"""The fake Alpaca as judge of naked time, and as one that several threads talk to."""

from datetime import timedelta
from decimal import Decimal
from threading import Thread

import pytest

from tests.fakes.alpaca_bodies import bracket, buy, oco, sell
from tests.fakes.alpaca_ledger import AlpacaLedger
from tests.fakes.alpaca_routes import Seen
from tests.fakes.alpaca_server import SEEN_KEPT, AlpacaServer

MINUTE = timedelta(minutes=1)
STOP = {"type": "stop", "stop_price": "95", "time_in_force": "gtc"}


@pytest.fixture
def ledger() -> AlpacaLedger:
    made = AlpacaLedger()
    made.fill(made.accept(buy("held")), "100")
    return made


def test_a_holding_is_naked_from_its_fill_until_a_stop_covers_all_of_it(
    ledger: AlpacaLedger,
) -> None:
    bought = ledger.orders[0].updated
    assert ledger.naked_since == {"TSLA": bought}
    ledger.now += MINUTE
    ledger.accept(sell("part", **STOP, qty="9"))
    assert ledger.naked_since == {"TSLA": bought}
    ledger.accept(sell("rest", **STOP, qty="1"))
    ((symbol, start, stop, quantity),) = ledger.naked_spans
    assert (symbol, start, quantity, ledger.naked_since) == ("TSLA", bought, 10, {})
    assert timedelta(0) < stop - start - MINUTE < timedelta(seconds=1)


def test_a_pair_covers_and_cancelling_it_uncovers(ledger: AlpacaLedger) -> None:
    pair = ledger.accept(oco())
    assert ledger.naked_since == {}
    exit_order = ledger.patch(pair.id, {"limit_price": "99"})
    assert ledger.naked_since == {}
    ledger.cancel(exit_order.id)
    assert list(ledger.naked_since) == ["TSLA"]


def test_held_legs_of_an_entry_that_waits_cover_nothing(ledger: AlpacaLedger) -> None:
    ledger.accept(sell("stop", **STOP))
    entry = ledger.accept(bracket())
    ledger.fill(entry, "100", "9")
    assert list(ledger.naked_since) == ["TSLA"]
    ledger.fill(entry, "100")
    assert ledger.naked_since == {}


def test_an_exit_covers_when_it_would_fill_and_a_resting_one_does_not(
    ledger: AlpacaLedger,
) -> None:
    ledger.close_session()
    ledger.accept(sell("market", qty="4"))
    ledger.price("TSLA", "99", "100")
    ledger.accept(sell("limit", type="limit", limit_price="99", qty="6"))
    assert ledger.naked_since == {}
    ledger.price("TSLA", "98", "100")
    assert list(ledger.naked_since) == ["TSLA"]


def test_dust_is_flat() -> None:
    ledger = AlpacaLedger()
    ledger.held |= {"BTC/USD": Decimal("0.0000139"), "TSLA": Decimal("0.5")}
    ledger.match()
    assert ledger.naked_since == {}


def test_a_holding_that_is_sold_is_no_longer_naked(ledger: AlpacaLedger) -> None:
    ledger.fill(ledger.accept(sell()), "100")
    assert ledger.naked_since == {}
    assert len(ledger.naked_spans) == 1


def test_threads_see_whole_moments_only() -> None:
    ledger = AlpacaLedger(cash="100000000")
    wrong: list[str] = []

    def trade(name: str) -> None:
        for number in range(40):
            with ledger.lock:
                order = ledger.accept(buy(f"{name}-{number}", qty="1", order_class="bracket"))
                ledger.fill(order, "100")
            if ledger.held["TSLA"] < 1 or len(ledger.fills) < number:
                wrong.append(name)

    threads = [Thread(target=trade, args=(f"t{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, ledger.held["TSLA"], len(ledger.fills)) == ([], 160, 160)
    assert len({order.number for order in ledger.all_orders()}) == 160


def test_a_request_waits_while_the_lock_is_held() -> None:
    with AlpacaServer() as server:
        told: list[object] = []
        seen = Seen(method="GET", path="/v2/positions", query={}, headers={}, body=None)
        with server.lock:
            asking = Thread(target=lambda: told.append(server.answer(seen)))
            asking.start()
            asking.join(0.05)
            assert told == []
            server.ledger.held["TSLA"] = Decimal(1)
        asking.join()
        assert told[0][1][0]["qty"] == "1"  # type: ignore[index]


def test_of_many_requests_the_last_are_kept_and_all_are_counted() -> None:
    with AlpacaServer() as server:
        for number in range(2 * SEEN_KEPT + 5):
            server.note(
                Seen(method="GET", path=f"/v2/assets/{number}", query={}, headers={}, body=None)
            )
        assert SEEN_KEPT <= len(server.seen) < 2 * SEEN_KEPT
        assert server.seen[-1].path.endswith(str(2 * SEEN_KEPT + 4))
        assert server.requests == {"GET assets": 2 * SEEN_KEPT + 5}


def test_another_ledger_may_take_its_place_between_cases() -> None:
    with AlpacaServer() as server:
        server.ledger = AlpacaLedger(account_number="PA3FAKE00002")
        seen = Seen(method="GET", path="/v2/account", query={}, headers={}, body=None)
        assert server.answer(seen)[1]["account_number"] == "PA3FAKE00002"
        assert server.lock is server.ledger.lock


def test_what_strangers_hold_is_not_ours_to_cover() -> None:
    ledger = AlpacaLedger()
    ledger.held["IWM"] = ledger.foreign_held["IWM"] = Decimal(3)
    ledger.match()
    assert ledger.naked_since == {}
    ledger.held["IWM"] = Decimal(4)
    ledger.match()
    assert list(ledger.naked_since) == ["IWM"]
