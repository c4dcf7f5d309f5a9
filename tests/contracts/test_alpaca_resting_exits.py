"""Exits that would rest: an old quote prices none, and one that has rested for long goes to the market."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.contracts.alpaca_exits import (
    EXIT,
    STEADY,
    STOP,
    close,
    live,
    methods,
    paired,
    status,
    thin,
)
from tests.fakes.alpaca_desk import AlpacaDesk
from tests.fakes.alpaca_server import AlpacaServer, Fault
from ztrade_core.errors import OrderRejectedError, OrderStateUnknownError

MARKET = f"{EXIT}-at-market"


@pytest.fixture
def desk() -> Iterator[AlpacaDesk]:
    with AlpacaServer() as server:
        made = AlpacaDesk(server, limits=STEADY)
        yield made
        assert server.ledger.violations == []
        assert set(server.ledger.accepted.values()) <= {1}


def silent_for(desk: AlpacaDesk, seconds: float) -> None:
    """Let the last quote be that old."""
    ledger = desk.server.ledger
    at = ledger.now - timedelta(seconds=seconds)
    ledger.quotes["TSLA"] = replace(ledger.quotes["TSLA"], at=at, stands=False)


def later(desk: AlpacaDesk, seconds: float) -> None:
    desk.server.ledger.now += timedelta(seconds=seconds)


@pytest.mark.parametrize(("age", "how"), [(59, "PATCH"), (61, "DELETE")])
def test_only_a_fresh_quote_prices_an_exit(desk: AlpacaDesk, age: float, how: str) -> None:
    paired(desk)
    silent_for(desk, age)
    close(desk)
    assert methods(desk)[1] == how
    assert status(desk, EXIT) == ("filled", "10")


def test_while_the_session_is_closed_the_last_quote_stands(desk: AlpacaDesk) -> None:
    paired(desk)
    desk.server.ledger.close_session()
    silent_for(desk, 7200)
    close(desk)
    later(desk, 3600)
    close(desk)
    assert methods(desk) == ["POST", "PATCH"]
    assert live(desk) == [(EXIT, "exit"), (STOP, "stop")]


def test_a_clock_that_cannot_be_asked_prices_nothing_and_keeps_nobody_in(desk: AlpacaDesk) -> None:
    paired(desk)
    desk.server.fault(Fault(method="GET", path="/v2/clock", status=500))
    close(desk)
    assert methods(desk) == ["POST", "DELETE", "POST"]
    assert status(desk, EXIT) == ("filled", "10")


@pytest.mark.parametrize(("waited", "goes"), [(29, False), (31, True)])
def test_an_exit_that_rests_for_long_goes_to_the_market(
    desk: AlpacaDesk, *, waited: float, goes: bool
) -> None:
    paired(desk)
    thin(desk)
    close(desk)
    later(desk, waited)
    close(desk)
    assert methods(desk) == ["POST", "PATCH", *(["DELETE", "POST"] if goes else [])]
    if not goes:
        assert live(desk) == [(EXIT, "exit"), (STOP, "stop")]
        return
    assert desk.server.seen[-1].method == "GET"
    assert desk.server.ledger.by_client_id(MARKET).type == "market"
    assert status(desk, EXIT) == ("filled", "10")
    assert [(f.client_order_id, f.quantity) for f in desk.broker().fills()] == [(EXIT, 10)]
    assert desk.broker().positions() == {}
    assert close(desk).filled_quantity == 10
    assert methods(desk).count("POST") == 2


def test_its_fills_before_and_after_are_one_exits(desk: AlpacaDesk) -> None:
    paired(desk)
    ledger = desk.server.ledger
    ledger.partial["TSLA"] = "0.4"
    close(desk)
    thin(desk)
    later(desk, 31)
    ledger.partial["TSLA"] = "0.5"
    close(desk)
    assert ledger.by_client_id(MARKET).quantity == Decimal(6)
    (working,) = desk.broker().open_orders()
    assert (working.request.client_order_id, working.filled_quantity) == (EXIT, 7)
    assert status(desk, EXIT) == ("partially_filled", "7")
    close(desk)
    ledger.match()
    assert status(desk, EXIT) == ("filled", "10")
    fills = desk.broker().fills()
    assert [(f.client_order_id, f.quantity) for f in fills] == [(EXIT, 4), (EXIT, 3), (EXIT, 3)]


def test_an_exit_that_fills_while_it_is_cancelled_is_not_sold_again(desk: AlpacaDesk) -> None:
    paired(desk)
    thin(desk)
    close(desk)
    later(desk, 31)
    ledger = desk.server.ledger
    desk.server.on_request = lambda seen: ledger.match() if seen.method == "DELETE" else None
    assert close(desk).filled_quantity == 10
    assert methods(desk).count("POST") == 1


def test_an_unclear_sell_of_the_rest_is_found_and_not_repeated(desk: AlpacaDesk) -> None:
    paired(desk)
    thin(desk)
    close(desk)
    later(desk, 31)
    desk.server.fault(Fault(method="POST", path="/v2/orders", status=504))
    with pytest.raises(OrderStateUnknownError):
        close(desk)
    assert status(desk, EXIT) == ("filled", "10")
    assert close(desk).filled_quantity == 10
    assert desk.server.ledger.posted[MARKET] == 1


def test_nothing_is_sold_when_a_hand_sold_it_meanwhile(desk: AlpacaDesk) -> None:
    paired(desk)
    thin(desk)
    close(desk)
    later(desk, 31)
    desk.server.on_request = lambda seen: (
        desk.hold("TSLA", "0") if seen.path == "/v2/positions" else None
    )
    with pytest.raises(OrderRejectedError, match="holds nothing of it to sell"):
        close(desk)
