"""The last requests of a minute belong to stops and exits: no entry takes them."""

from collections.abc import Iterator

import pytest

from tests.fakes.alpaca_desk import AlpacaDesk
from tests.fakes.alpaca_server import AlpacaServer
from tests.unit.brokers.builders import entry, sell
from ztrade_core.brokers.alpaca.allowance import Allowance
from ztrade_core.errors import OrderStateUnknownError


@pytest.fixture
def desk() -> Iterator[AlpacaDesk]:
    with AlpacaServer() as server:
        yield AlpacaDesk(server)


def test_an_entry_waits_below_the_reserve_and_a_stop_and_an_exit_go_on(desk: AlpacaDesk) -> None:
    desk.hold("TSLA", "10")
    broker = desk.broker()
    assert broker.requests_left is None
    desk.server.requests_left = 39
    broker.positions()
    assert broker.requests_left == 39
    before = len(desk.server.seen)
    with pytest.raises(OrderStateUnknownError, match="nothing was sent: 39 requests are left"):
        broker.submit(desk.intend(entry()))
    assert len(desk.server.seen) == before
    broker.submit(desk.intend(sell("4", decided=1, stop="95", order_id="zt1-stop")))
    broker.close(desk.intend(sell("3", decided=2, position_id="zt1-other")))
    assert desk.server.ledger.accepted == {"zt1-stop": 1, "zt1-exit": 1}
    desk.server.requests_left = 40
    broker.positions()
    assert broker.submit(desk.intend(entry())).request == entry()


def test_a_figure_is_kept_for_a_minute_and_read_only_where_it_is_one() -> None:
    now = [0.0]
    allowance = Allowance(lambda: now[0])
    for told in ("", "-1", "many", "1" * 30, "\u0663"):
        allowance.note({"X-RateLimit-Remaining": told})
        assert allowance.left() is None
    allowance.note({"X-RateLimit-Remaining": "7"})
    allowance.note({})
    assert allowance.left() == 7
    now[0] = 60.0
    assert allowance.left() is None
