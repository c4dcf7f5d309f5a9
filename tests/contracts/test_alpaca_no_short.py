"""Nothing is sold that is no longer held: at Alpaca such a sell opens a short, and the fake lets it.

After every case the fake's ledger is the judge: its holding is never negative.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.contracts.alpaca_exits import EXIT, STEADY, STOP, close, exit_of, methods, paired, status
from tests.fakes.alpaca_bodies import coin, refused
from tests.fakes.alpaca_bodies import sell as sell_body
from tests.fakes.alpaca_desk import AlpacaDesk
from tests.fakes.alpaca_ledger import AlpacaLedger
from tests.fakes.alpaca_routes import Seen
from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.unit.brokers.builders import sell
from ztrade_core.errors import OrderRejectedError, OrderStateUnknownError

NOTHING = "the broker holds nothing of it to sell"


@pytest.fixture
def desk() -> Iterator[AlpacaDesk]:
    with AlpacaServer() as server:
        made = AlpacaDesk(server, limits=STEADY)
        yield made
        assert server.ledger.violations == []
        assert server.ledger.held.get("TSLA", 0) >= 0


def before(desk: AlpacaDesk, path: str, act: object) -> None:
    """Let something happen at the exchange right before the first question of a path is answered."""
    done: list[str] = []

    def on(seen: Seen) -> None:
        if seen.method == "GET" and seen.path == path and not done:
            done.append(path)
            act()  # type: ignore[operator]

    desk.server.on_request = on


@pytest.mark.parametrize(
    "path", ["/v2/orders:by_client_order_id", "/v2/orders", "/v2/account", "/v2/positions"]
)
def test_a_stop_that_fills_before_any_question_leaves_nothing_to_sell(
    desk: AlpacaDesk, path: str
) -> None:
    paired(desk)
    desk.server.ledger.quotes.pop("TSLA")
    stop = desk.server.ledger.by_client_id(STOP).legs[0]
    before(desk, path, lambda: desk.server.ledger.fill(stop, "94.5"))
    with pytest.raises(OrderRejectedError, match=f"{NOTHING}|leaving already"):
        close(desk)
    assert methods(desk).count("POST") == 1
    assert desk.broker().order_by_client_id(EXIT) is None


def test_what_a_sell_by_hand_took_meanwhile_is_left_out(desk: AlpacaDesk) -> None:
    desk.hold("TSLA", "10")
    before(desk, "/v2/positions", lambda: desk.hold("TSLA", "4"))
    assert close(desk).request == replace(exit_of(), quantity=Decimal(4))
    assert desk.server.seen[-1].body["qty"] == "4"
    assert desk.server.ledger.held["TSLA"] == 4


def test_what_other_orders_reserve_is_left_out(desk: AlpacaDesk) -> None:
    desk.hold("TSLA", "10")
    desk.send(sell("3", decided=1, stop="90", order_id="zt1-other", position_id="zt1-theirs"))
    desk.server.ledger.price("TSLA", "100", "100.02")
    close(desk)
    assert status(desk, EXIT) == ("filled", "7")
    assert desk.server.ledger.held["TSLA"] == 3


def test_a_coins_rest_goes_to_its_increment(desk: AlpacaDesk) -> None:
    desk.hold("BTC/USD", "0.0123456789123")
    close(desk, exit_of("0.1", symbol="BTC/USD"))
    assert desk.server.seen[-1].body["qty"] == "0.012345678"


@pytest.mark.parametrize("stop", [None, "95"])
def test_neither_a_sell_nor_a_stop_is_sent_for_what_is_not_held(
    desk: AlpacaDesk, stop: str | None
) -> None:
    with pytest.raises(OrderRejectedError, match=NOTHING):
        desk.send(sell(decided=1, stop=stop))
    assert methods(desk) == []


def test_a_holding_that_cannot_be_asked_for_sends_no_sell(desk: AlpacaDesk) -> None:
    desk.hold("TSLA", "10")
    desk.server.fault(Fault(method="GET", path="/v2/positions", status=500))
    with pytest.raises(OrderStateUnknownError):
        close(desk)
    assert methods(desk) == []
    close(desk)
    assert methods(desk) == ["POST"]


def test_the_fake_lets_a_stock_go_short_and_calls_it_a_violation() -> None:
    ledger = AlpacaLedger()
    ledger.held["TSLA"] = Decimal(4)
    ledger.price("TSLA", "100", "100.02")
    ledger.accept(sell_body("s"))
    assert ledger.held["TSLA"] == -6
    assert ledger.violations == ["TSLA is short: -6"]


def test_the_fake_refuses_a_short_of_coins_or_where_it_may_not() -> None:
    ledger = AlpacaLedger()
    ledger.may_short = False
    assert refused(lambda: ledger.accept(sell_body("s")))[0] == 403
    ledger.may_short = True
    short = coin("c", side="sell", type="market")
    assert refused(lambda: ledger.accept(short))[0] == 403
