"""What is sent lies on the grid that Alpaca names, over real HTTP."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.fakes.alpaca_desk import COIN, AlpacaDesk
from tests.fakes.alpaca_server import AlpacaServer
from tests.unit.brokers.builders import entry
from ztrade_core.errors import OrderRejectedError


@pytest.fixture
def desk() -> Iterator[AlpacaDesk]:
    with AlpacaServer() as server:
        yield AlpacaDesk(server)


def test_an_order_is_fitted_to_alpacas_grid_and_shown_as_it_was_taken(desk: AlpacaDesk) -> None:
    """0.1234567891 BTC goes down to the increment that Alpaca names: a billionth."""
    sent = desk.send(entry("0.1234567891", limit="64123.579", stop="61000.01", **COIN))
    (body,) = [seen.body for seen in desk.server.seen if seen.method == "POST"]
    assert Decimal(body["qty"]) % increment(desk) == 0
    assert Decimal(body["limit_price"]) == Decimal("64123.57")
    assert sent.request.quantity == Decimal(body["qty"])


def increment(desk: AlpacaDesk) -> Decimal:
    asset = desk.facts().asset("BTC/USD")
    assert asset is not None
    assert asset.quantity_increment is not None
    return asset.quantity_increment


def test_an_order_below_alpacas_smallest_is_rejected_and_not_sent(desk: AlpacaDesk) -> None:
    with pytest.raises(OrderRejectedError, match="the smallest order: nothing was sent"):
        desk.send(entry("0.000001", limit="64000", stop="61000", **COIN))
    assert desk.server.ledger.posted == {}
