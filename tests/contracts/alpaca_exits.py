"""A position under a pair at the fake Alpaca, and how it is left."""

from dataclasses import replace
from decimal import Decimal

from tests.fakes.alpaca_desk import QUICK, AlpacaDesk
from tests.fakes.alpaca_ledger import AlpacaLedger, Refuse
from tests.unit.brokers.builders import sell
from ztrade_core.domain.orders import BrokerOrder, OrderRequest

STOP, TARGET, EXIT = "zt1-stop-2", "zt1-target-2", "zt1-exit"
STEADY = replace(QUICK, connect_seconds=3.0, read_seconds=3.0, deadline_seconds=3.0)
NOT_NEW = Refuse("patch", 422, 42210000, "cannot replace order in accepted status")


def paired(desk: AlpacaDesk) -> None:
    """Ten shares under a pair, the market between its prices, nothing filled by itself."""
    desk.hold("TSLA", "10")
    stop = sell(decided=1, stop="95", order_id=STOP)
    desk.send(replace(stop, target_price=Decimal(110), target_order_id=TARGET))
    desk.server.ledger.price("TSLA", "100", "100.02")


def exit_of(quantity: str = "10", **changes: str) -> OrderRequest:
    return sell(quantity, decided=2, **changes)


def close(desk: AlpacaDesk, request: OrderRequest | None = None) -> BrokerOrder:
    """Close as a process that has just started."""
    return desk.broker().close(desk.intend(exit_of() if request is None else request))


def methods(desk: AlpacaDesk) -> list[str]:
    return [seen.method for seen in desk.server.seen if seen.method != "GET"]


def live(desk: AlpacaDesk) -> list[tuple[str, str]]:
    orders = desk.broker().open_orders()
    return [(order.request.client_order_id, order.request.role.value) for order in orders]


def status(desk: AlpacaDesk, order_id: str) -> tuple[str, str]:
    found = desk.broker().order_by_client_id(order_id)
    assert found is not None
    return found.status.value, str(found.filled_quantity)


def thin(desk: AlpacaDesk, symbol: str = "TSLA") -> None:
    """Let the next matches fill nothing, so that what is sent rests."""
    desk.server.ledger.partial[symbol] = 0


def bury(ledger: AlpacaLedger) -> None:
    """Let four weeks and more than a page of newer orders pass; the page goes back a week and more."""
    ledger.held["AAPL"] = Decimal(1)
    body = {"symbol": "AAPL", "qty": "1", "side": "sell", "type": "market", "time_in_force": "day"}
    for number in range(501):
        if number in {0, 100}:
            ledger.now = ledger.now.replace(month=12, day=1 if number == 0 else 20)
        order = ledger.accept({**body, "client_order_id": f"zt1-later-{number}"})
        ledger.end(order, "canceled")
