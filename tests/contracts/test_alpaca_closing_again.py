"""An exit that is asked for again, or whose answer was lost: moved or found, never doubled."""

from collections.abc import Iterator
from typing import Any

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
from tests.fakes.alpaca_ledger import Refuse
from tests.fakes.alpaca_server import AlpacaServer, Fault
from ztrade_core.domain.orders import OrderStatus
from ztrade_core.errors import OrderRejectedError, OrderStateUnknownError


@pytest.fixture
def desk() -> Iterator[AlpacaDesk]:
    with AlpacaServer() as server:
        made = AlpacaDesk(server, limits=STEADY)
        yield made
        assert server.ledger.violations == []
        assert set(server.ledger.accepted.values()) <= {1}


UNCLEAR: dict[str, dict[str, Any]] = {
    "504 after acting": {"how": "status", "status": 504},
    "reset after acting": {"how": "reset"},
    "truncated": {"how": "truncate"},
    "silence": {"how": "silence", "seconds": 6.0},
    "other json": {"how": "status", "status": 200, "body": b'{"status": "filled"}'},
    "keys refused": {"how": "status", "status": 401, "body": b'{"code": 40110000, "message": "x"}'},
}


@pytest.mark.parametrize("way", UNCLEAR)
def test_an_unclear_change_is_looked_up_by_the_exits_id_and_not_repeated(
    desk: AlpacaDesk, way: str
) -> None:
    paired(desk)
    thin(desk)
    desk.server.fault(Fault(method="PATCH", path="/v2/orders", **UNCLEAR[way]))
    with pytest.raises(OrderStateUnknownError):
        close(desk)
    assert methods(desk) == ["POST", "PATCH"]
    found = desk.broker().order_by_client_id(EXIT)
    assert found is not None
    assert found.request == exit_of()
    assert close(desk) == found
    assert methods(desk) == ["POST", "PATCH"]
    assert live(desk) == [(EXIT, "exit"), (STOP, "stop")]


def test_an_unclear_change_that_never_arrived_is_made_by_the_next_call(desk: AlpacaDesk) -> None:
    paired(desk)
    desk.server.fault(Fault(method="PATCH", path="/v2/orders", status=504, acts=False))
    with pytest.raises(OrderStateUnknownError):
        close(desk)
    assert desk.broker().order_by_client_id(EXIT) is None
    close(desk)
    assert status(desk, EXIT) == ("filled", "10")


def test_a_second_close_of_an_exit_at_the_market_changes_nothing(desk: AlpacaDesk) -> None:
    paired(desk)
    thin(desk)
    first = close(desk)
    assert close(desk) == first
    desk.server.ledger.match()
    assert close(desk).status is OrderStatus.FILLED
    assert methods(desk) == ["POST", "PATCH"]


def test_an_exit_that_rests_is_moved_twice_and_its_partial_fills_are_one_orders(
    desk: AlpacaDesk,
) -> None:
    """Each of Alpaca's orders keeps its own fills; what is sent names only the rest."""
    paired(desk)
    ledger = desk.server.ledger
    ledger.partial["TSLA"] = "0.4"
    close(desk)
    assert status(desk, EXIT) == ("partially_filled", "4")
    thin(desk)
    ledger.price("TSLA", "98", "98.02")
    ledger.partial["TSLA"] = "0.5"
    assert close(desk).filled_quantity == 7
    thin(desk)
    ledger.price("TSLA", "97", "97.02")
    thin(desk)
    moved = close(desk)
    assert (moved.status, moved.filled_quantity) == (OrderStatus.PARTIALLY_FILLED, 7)
    assert moved.request == exit_of()
    bodies = [seen.body for seen in desk.server.seen if seen.method == "PATCH"]
    assert bodies == [
        {"limit_price": "99.80", "client_order_id": EXIT},
        {"limit_price": "97.80", "qty": "6"},
        {"limit_price": "96.80", "qty": "3"},
    ]
    shown = {o.request.client_order_id: o for o in desk.broker().open_orders()}
    assert shown.keys() == {EXIT, STOP}
    assert (shown[EXIT].filled_quantity, shown[EXIT].request) == (7, exit_of())
    ledger.match()
    fills = desk.broker().fills()
    assert [(f.client_order_id, f.quantity) for f in fills] == [(EXIT, 4), (EXIT, 3), (EXIT, 3)]
    assert len({fill.fill_id for fill in fills}) == 3
    assert status(desk, EXIT) == ("filled", "10")


def test_an_exit_that_cannot_be_moved_is_returned_as_it_is_and_never_rejected(
    desk: AlpacaDesk,
) -> None:
    """It works at the broker: to call it rejected would lose it."""
    paired(desk)
    thin(desk)
    close(desk)
    thin(desk)
    desk.server.ledger.price("TSLA", "98", "98.02")
    no = Refuse("patch", 403, 40310000, "insufficient qty available for order")
    desk.server.ledger.refuse = [NOT_NEW, no]
    for _ in range(2):
        assert close(desk).status is OrderStatus.ACCEPTED
    thin(desk)
    assert close(desk).status is OrderStatus.ACCEPTED
    patched = [seen.body["limit_price"] for seen in desk.server.seen if seen.method == "PATCH"]
    assert patched == ["99.80", "97.80", "97.80", "97.80"]


def test_a_moved_target_without_the_exits_id_is_no_exit(desk: AlpacaDesk) -> None:
    """If Alpaca kept an id of its own, the position leaves by its target: nothing is sold twice."""
    paired(desk)
    thin(desk)
    ledger = desk.server.ledger
    amend = ledger.amend
    ledger.amend = lambda order_id, body: amend(  # type: ignore[method-assign]
        order_id, {k: v for k, v in body.items() if k != "client_order_id"}
    )
    with pytest.raises(OrderRejectedError, match=f"the position leaves by {TARGET}"):
        close(desk)
    assert live(desk) == [(STOP, "stop"), (TARGET, "target")]
    ledger.match()
    assert [fill.client_order_id for fill in desk.broker().fills()] == [TARGET]


def test_a_close_whose_look_up_fails_sends_nothing(desk: AlpacaDesk) -> None:
    paired(desk)
    for path in ("/v2/orders:by", "/v2/orders", "/v2/account"):
        desk.server.fault(Fault(method="GET", path=path, status=500))
        with pytest.raises(OrderStateUnknownError):
            close(desk)
    assert methods(desk) == ["POST"]
