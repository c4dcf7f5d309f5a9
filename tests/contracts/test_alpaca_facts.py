"""What Alpaca says of itself: account, clock, sessions, assets."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.fakes.alpaca_desk import AlpacaDesk
from tests.fakes.alpaca_server import AlpacaServer
from ztrade_core.domain.configuration import PAPER_HOST


@pytest.fixture
def desk() -> Iterator[AlpacaDesk]:
    with AlpacaServer() as server:
        yield AlpacaDesk(server)


def test_account_clock_sessions_and_assets_are_told(desk: AlpacaDesk) -> None:
    facts = desk.facts()
    standing = facts.standing()
    assert (standing.is_paper, standing.may_trade, standing.cash) == (True, True, 100_000)
    clock = facts.clock()
    assert clock.now == datetime(2026, 11, 20, 15, 0, 0, 427247, tzinfo=UTC)
    assert (clock.is_open, clock.next_close.hour) == (True, 21)
    (session,) = facts.sessions(date(2026, 7, 6), date(2026, 7, 6))
    assert session.opens == datetime(2026, 7, 6, 13, 30, tzinfo=UTC)
    coin = facts.asset("BTC/USD")
    assert coin is not None
    assert (coin.tradable, coin.quantity_increment) == (True, Decimal("1e-9"))
    stock = facts.asset("TSLA")
    assert stock is not None
    assert (stock.tradable, stock.quantity_increment) == (True, None)
    assert facts.asset("NONE") is None


def test_the_broker_says_that_it_is_paper_and_where_it_sends_without_asking() -> None:
    with AlpacaServer() as server:
        broker = AlpacaDesk(server).broker()
        assert (broker.is_paper, broker.host) == (True, PAPER_HOST)
        assert server.seen == []
