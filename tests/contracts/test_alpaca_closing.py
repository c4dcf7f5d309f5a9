"""Leaving a position whose shares are reserved: the stop stays if it can, and nothing is sold twice.

After every case the fake's ledger is the judge: never short, never more sells than shares, no id twice.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.contracts.alpaca_exits import (
    EXIT,
    NOT_NEW,
    STEADY,
    STOP,
    TARGET,
    close,
    exit_of,
    live,
    methods,
    paired,
    status,
    thin,
)
from tests.fakes.alpaca_desk import AlpacaDesk
from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.unit.brokers.builders import entry, sell
from ztrade_core.brokers.alpaca.habits import Habits
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.errors import ConfigError, OrderRejectedError, OrderStateUnknownError

LEGS = ("zt1-entry-stop", "zt1-entry-target")


@pytest.fixture
def desk() -> Iterator[AlpacaDesk]:
    with AlpacaServer() as server:
        made = AlpacaDesk(server, limits=STEADY)
        yield made
        assert server.ledger.violations == []
        assert set(server.ledger.accepted.values()) <= {1}


@pytest.mark.parametrize("stay", [False, True])
def test_the_target_of_a_pair_becomes_the_exit_and_the_stop_stays(
    desk: AlpacaDesk, *, stay: bool
) -> None:
    """Wherever Alpaca shows the stop of a replaced order, it is our live stop."""
    desk.server.ledger.legs_stay_behind = stay
    paired(desk)
    thin(desk)
    sent = close(desk)
    assert methods(desk) == ["POST", "PATCH"]
    patched = desk.server.seen[[s.method for s in desk.server.seen].index("PATCH")]
    assert patched.body == {"limit_price": "99.80", "client_order_id": EXIT}
    assert (sent.request, sent.status) == (exit_of(), OrderStatus.ACCEPTED)
    assert live(desk) == [(EXIT, "exit"), (STOP, "stop")]
    found = desk.broker().order_by_client_id(TARGET)
    assert found is not None
    assert found.status is OrderStatus.CANCELED
    assert found.reason.startswith("replaced by")
    assert status(desk, STOP) == ("accepted", "0")
    desk.server.ledger.match()
    assert status(desk, EXIT) == ("filled", "10")
    assert status(desk, STOP) == ("canceled", "0")
    assert [(f.client_order_id, f.role) for f in desk.broker().fills()] == [(EXIT, Role.EXIT)]
    assert desk.broker().positions() == {}


@pytest.mark.parametrize("nested", [False, True])
def test_the_target_of_a_bracket_becomes_the_exit(desk: AlpacaDesk, *, nested: bool) -> None:
    desk.server.ledger.nests_replacements = nested
    desk.bought()
    desk.server.ledger.price("TSLA", "100", "100.02")
    thin(desk)
    assert close(desk).request.role is Role.EXIT
    assert methods(desk) == ["POST", "PATCH"]
    assert live(desk) == [("zt1-entry-stop", "stop"), (EXIT, "exit")]
    assert status(desk, LEGS[1]) == ("canceled", "0")
    desk.server.ledger.price("TSLA", "99.9", "100")
    fills = desk.broker().fills()
    assert [fill.client_order_id for fill in fills] == ["zt1-entry", EXIT]
    assert status(desk, LEGS[0]) == ("canceled", "0")


def test_a_refused_change_cancels_what_protects_and_sells(desk: AlpacaDesk) -> None:
    paired(desk)
    desk.server.ledger.refuse = [NOT_NEW]
    close(desk)
    assert methods(desk) == ["POST", "PATCH", "DELETE", "POST"]
    assert desk.server.seen[-1].body["type"] == "market"
    assert status(desk, EXIT) == ("filled", "10")
    assert live(desk) == []


@pytest.mark.parametrize("bid", [None, "0.00001"])
def test_without_a_bid_what_protects_is_cancelled_and_the_shares_sold(
    desk: AlpacaDesk, bid: str | None
) -> None:
    """A bid so low that nothing is left below it is none."""
    paired(desk)
    desk.server.ledger.quotes.pop("TSLA")
    if bid is not None:
        desk.server.ledger.quotes["TSLA"] = quote(desk, bid)
    thin(desk)
    close(desk)
    assert methods(desk) == ["POST", "DELETE", "POST"]
    assert live(desk) == [(EXIT, "exit")]


def quote(desk: AlpacaDesk, bid: str) -> object:
    desk.server.ledger.price("NONE", bid, None)
    return desk.server.ledger.quotes["NONE"]


def test_a_quote_that_cannot_be_had_does_not_keep_us_in(desk: AlpacaDesk) -> None:
    paired(desk)
    desk.server.fault(Fault(method="GET", path="/v2/stocks", status=500))
    close(desk)
    assert status(desk, EXIT) == ("filled", "10")


def test_a_plain_stop_is_cancelled_and_the_shares_sold(desk: AlpacaDesk) -> None:
    desk.hold("TSLA", "10")
    desk.send(sell(decided=1, stop="95", order_id=STOP))
    desk.server.ledger.price("TSLA", "100", "100.02")
    close(desk)
    assert methods(desk) == ["POST", "DELETE", "POST"]
    assert (status(desk, STOP), status(desk, EXIT)) == (("canceled", "0"), ("filled", "10"))


def test_nothing_protects_and_one_sell_is_sent(desk: AlpacaDesk) -> None:
    desk.hold("TSLA", "10")
    close(desk)
    assert methods(desk) == ["POST"]


def test_a_cancel_that_takes_its_time_is_waited_for(desk: AlpacaDesk) -> None:
    desk.hold("TSLA", "10")
    desk.send(sell(decided=1, stop="95", order_id=STOP))
    desk.server.ledger.slow_cancel = 5
    close(desk)
    assert methods(desk) == ["POST", "DELETE", "POST"]
    assert status(desk, STOP) == ("canceled", "0")


def test_while_a_cancel_is_pending_nothing_is_sold_and_the_next_call_goes_on(
    desk: AlpacaDesk,
) -> None:
    desk.hold("TSLA", "10")
    desk.send(sell(decided=1, stop="95", order_id=STOP))
    now = [0.0]
    desk.habits = Habits(
        pause=lambda seconds: now.__setitem__(0, now[0] + seconds), monotonic=lambda: now[0]
    )
    desk.server.ledger.slow_cancel = 30
    with pytest.raises(OrderStateUnknownError, match=f"{STOP} is not cancelled yet"):
        close(desk)
    assert now[0] == pytest.approx(2.0, abs=0.11)
    assert methods(desk) == ["POST", "DELETE"]
    close(desk)
    assert methods(desk) == ["POST", "DELETE", "POST"]


def test_a_pending_cancel_is_returned_as_working_once_the_wait_is_over(desk: AlpacaDesk) -> None:
    desk.send(entry())
    desk.server.ledger.slow_cancel = 10_000
    assert desk.broker().cancel("zt1-entry").status is OrderStatus.ACCEPTED
    assert desk.broker().cancel("zt1-entry").status is OrderStatus.ACCEPTED
    assert methods(desk) == ["POST", "DELETE"]


@pytest.mark.parametrize("patch_first", [False, True])
def test_a_stop_that_fills_meanwhile_is_not_sold_again(
    desk: AlpacaDesk, *, patch_first: bool
) -> None:
    paired(desk)
    ledger = desk.server.ledger
    if not patch_first:
        ledger.quotes.pop("TSLA")
    when = "PATCH" if patch_first else "DELETE"
    leg = ledger.by_client_id(STOP).legs[0]
    desk.server.on_request = lambda seen: (
        ledger.fill(leg, "94.5") if seen.method == when and leg.is_open else None
    )
    with pytest.raises(OrderRejectedError, match="leaving already"):
        close(desk)
    assert methods(desk).count("POST") == 1
    assert desk.broker().positions() == {}


def test_what_a_stop_sold_in_part_meanwhile_is_left_out_of_the_exit(desk: AlpacaDesk) -> None:
    desk.hold("TSLA", "10")
    desk.send(sell(decided=1, stop="95", order_id=STOP))
    ledger = desk.server.ledger
    stop = ledger.by_client_id(STOP)
    desk.server.on_request = lambda seen: (
        ledger.fill(stop, "94.5", "4") if seen.method == "DELETE" else None
    )
    sent = close(desk)
    assert sent.request == replace(exit_of(), quantity=Decimal(6))
    assert desk.server.seen[-1].body["qty"] == "6"


def test_a_target_that_has_filled_in_part_leaves_with_the_rest(desk: AlpacaDesk) -> None:
    """A change that names no quantity would sell the filled part again (Alpaca-API issue 165)."""
    paired(desk)
    ledger = desk.server.ledger
    ledger.fill(ledger.by_client_id(STOP), "110", "4")
    close(desk, exit_of("6"))
    (patched,) = [seen.body for seen in desk.server.seen if seen.method == "PATCH"]
    assert patched == {"limit_price": "99.80", "client_order_id": EXIT, "qty": "6"}
    fills = desk.broker().fills()
    assert [(f.client_order_id, f.quantity) for f in fills] == [(TARGET, 4), (EXIT, 6)]
    assert (status(desk, TARGET), status(desk, EXIT)) == (("canceled", "4"), ("filled", "6"))


def test_an_exit_of_a_part_cancels_and_sells_the_part(desk: AlpacaDesk) -> None:
    paired(desk)
    close(desk, exit_of("3"))
    assert methods(desk) == ["POST", "DELETE", "POST"]
    assert (status(desk, EXIT), live(desk)) == (("filled", "3"), [])
    assert desk.broker().positions() == {"TSLA": 7.0}


def test_only_the_position_that_leaves_loses_its_stop(desk: AlpacaDesk) -> None:
    paired(desk)
    desk.hold("TSLA", "15")
    other = sell("5", decided=1, stop="90", order_id="zt1-their-stop", position_id="zt1-theirs")
    desk.send(other)
    desk.server.ledger.quotes.pop("TSLA")
    close(desk)
    assert live(desk) == [(EXIT, "exit"), ("zt1-their-stop", "stop")]


def test_coins_are_left_by_cancel_and_a_market_order_now_or_never(desk: AlpacaDesk) -> None:
    desk.hold("BTC/USD", "0.09975")
    desk.send(sell("0.09975", decided=1, stop="61000", order_id=STOP, symbol="BTC/USD"))
    desk.server.ledger.price("BTC/USD", "64000", "64010")
    close(desk, exit_of("0.09975", symbol="BTC/USD"))
    assert methods(desk) == ["POST", "DELETE", "POST"]
    body = desk.server.seen[-1].body
    assert (body["type"], body["time_in_force"], body["qty"]) == ("market", "ioc", "0.09975")
    assert status(desk, EXIT) == ("filled", "0.09975")


def test_the_first_close_waits_until_the_account_is_shown_to_be_paper(desk: AlpacaDesk) -> None:
    paired(desk)
    desk.server.ledger.account_number = "123456789"
    with pytest.raises(ConfigError, match="not shown to be a paper account"):
        close(desk)
    assert methods(desk) == ["POST"]
