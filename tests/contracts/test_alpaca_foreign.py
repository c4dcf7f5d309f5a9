"""What is not ours and not of our form is shown, hides nothing beside it, and is asked for once."""

from collections.abc import Iterator
from typing import Any

import pytest

import tests.fakes.alpaca_routes as routes
from tests.contracts.alpaca_exits import STEADY
from tests.fakes.alpaca_desk import AlpacaDesk
from tests.fakes.alpaca_server import AlpacaServer
from ztrade_core.brokers.alpaca.foreign import order_of
from ztrade_core.errors import TransientBrokerError

ODD: dict[str, dict[str, Any]] = {
    "several legs": {"symbol": "", "asset_class": "", "side": "", "order_class": "mleg"},
    "short sale": {"side": "sell_short"},
    "new state": {"status": "pending_review"},
    "no quantity": {"filled_qty": None, "qty": "many"},
    "no moment": {"submitted_at": None, "updated_at": "soon"},
    "no id": {"id": "none"},
    "legs": {"legs": [{"symbol": None}]},
}


@pytest.fixture
def desk() -> Iterator[AlpacaDesk]:
    with AlpacaServer() as server:
        yield AlpacaDesk(server, limits=STEADY)


def by_hand(desk: AlpacaDesk, client_id: str = "by-hand") -> dict[str, Any]:
    """Return an order of somebody else, working, as the fake shows it."""
    body = {"symbol": "F", "side": "buy", "qty": "1", "type": "limit", "limit_price": "1"}
    order = {**body, "time_in_force": "gtc", "client_order_id": client_id}
    return desk.server.ledger.accept(order).shown(nested=True)


def spoil(monkeypatch: pytest.MonkeyPatch, path: str, change: Any) -> None:
    """Let the fake's list show each row as `change` returns it."""
    real = routes._LISTS[path]
    monkeypatch.setitem(routes._LISTS, path, lambda *asked: [change(row) for row in real(*asked)])


@pytest.mark.parametrize("kind", ODD)
def test_an_order_of_somebody_else_that_is_not_understood_is_shown_beside_ours(
    desk: AlpacaDesk, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    desk.bought()
    by_hand(desk)
    spoil(
        monkeypatch,
        "/orders",
        lambda row: row | ODD[kind] if row["client_order_id"] == "by-hand" else row,
    )
    shown = {o.request.client_order_id: o for o in desk.broker().open_orders()}
    assert shown.keys() == {"zt1-entry-stop", "zt1-entry-target", "by-hand"}
    assert shown["by-hand"].request.agent_id == ""


@pytest.mark.parametrize("kind", [kind for kind in ODD if kind != "no id"])
def test_ours_or_one_without_an_id_that_is_not_understood_is_no_answer(
    desk: AlpacaDesk, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    desk.bought()
    by_hand(desk, "zt1-of-ours")
    names = {"zt1-of-ours"}
    spoil(
        monkeypatch,
        "/orders",
        lambda row: row | ODD[kind] if row["client_order_id"] in names else row,
    )
    with pytest.raises(TransientBrokerError):
        desk.broker().open_orders()
    spoil(monkeypatch, "/orders", lambda row: {**row, "client_order_id": None})
    with pytest.raises(TransientBrokerError):
        desk.broker().open_orders()


def test_what_could_be_read_of_a_foreign_order_is_kept(desk: AlpacaDesk) -> None:
    told = by_hand(desk)
    odd = order_of({**told, "status": "pending_review", "side": "sell_short"})
    assert (odd.symbol, odd.side.value, odd.status.value, odd.qty) == ("F", "sell", "new", 1)
    assert str(odd.id) == told["id"]


def sold_short(desk: AlpacaDesk) -> None:
    desk.bought()
    desk.hold("F", "1")
    body = {"symbol": "F", "side": "sell", "qty": "1", "type": "market", "time_in_force": "day"}
    order = desk.server.ledger.accept({**body, "client_order_id": "by-hand"})
    desk.server.ledger.fill(order, "9")


def test_a_fill_of_somebody_else_is_shown_or_left_out_and_ours_stay(
    desk: AlpacaDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold_short(desk)
    spoil(
        monkeypatch,
        "/account/activities/FILL",
        lambda row: row | {"side": "sell_short"} if row["symbol"] == "F" else row,
    )
    assert [f.client_order_id for f in desk.broker().fills()] == ["zt1-entry", "by-hand"]
    spoil(
        monkeypatch,
        "/account/activities/FILL",
        lambda row: row | {"qty": "many"} if row["symbol"] == "F" else row,
    )
    assert [f.client_order_id for f in desk.broker().fills()] == ["zt1-entry"]
    spoil(monkeypatch, "/account/activities/FILL", lambda row: row | {"qty": "many"})
    with pytest.raises(TransientBrokerError, match="a fill of an order of ours"):
        desk.broker().fills()


@pytest.mark.parametrize(
    ("odd", "shown"),
    [
        ({"asset_class": "us_option", "symbol": "F261218C00010000"}, {"F261218C00010000": 3.0}),
        ({"asset_class": "us_option", "qty": "many"}, {"F": 1.0}),
        ({"asset_class": "us_option", "symbol": None}, {"unreadable": 3.0}),
    ],
)
def test_a_position_in_what_we_do_not_trade_is_shown_beside_ours(
    desk: AlpacaDesk,
    monkeypatch: pytest.MonkeyPatch,
    odd: dict[str, Any],
    shown: dict[str, float],
) -> None:
    desk.bought()
    desk.hold("F", "3")
    spoil(monkeypatch, "/positions", lambda row: row | odd if row["symbol"] == "F" else row)
    assert desk.broker().positions() == {"TSLA": 10.0, **shown}


def test_a_position_in_what_we_trade_that_is_not_understood_is_no_answer(
    desk: AlpacaDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.bought()
    spoil(monkeypatch, "/positions", lambda row: row | {"qty": "many"})
    with pytest.raises(TransientBrokerError):
        desk.broker().positions()


def test_a_used_account_is_read_in_few_questions_and_once(desk: AlpacaDesk) -> None:
    ledger = desk.server.ledger
    ledger.price("F", "10", "10.01")
    body = {"symbol": "F", "qty": "1", "type": "market", "time_in_force": "day"}
    for number in range(110):
        side = "sell" if number % 2 else "buy"
        ledger.accept({**body, "side": side, "client_order_id": f"by-hand-{number}"})
    broker = desk.broker()
    assert len(broker.fills()) == 110
    assert len(desk.server.seen) <= 12
    before = len(desk.server.seen)
    assert len(broker.fills()) == 110
    for number in range(110):
        assert broker.order_by_client_id(f"by-hand-{number}") is not None
    assert len(desk.server.seen) - before <= 12
