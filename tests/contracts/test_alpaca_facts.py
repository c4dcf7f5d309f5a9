"""What Alpaca says of itself: account, clock, sessions, assets."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.fakes.alpaca_desk import FEES, AlpacaDesk
from tests.fakes.alpaca_ledger import AlpacaLedger
from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.unit.brokers.builders import entry
from ztrade_core.brokers.alpaca.broker import AlpacaBroker
from ztrade_core.domain.configuration import PAPER_HOST
from ztrade_core.errors import ConfigError, TransientBrokerError


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


def test_whether_the_account_is_long_only_is_told_and_set(desk: AlpacaDesk) -> None:
    ledger = desk.server.ledger
    assert desk.facts().standing().long_only
    ledger.no_shorting = False
    assert not desk.facts().standing().long_only
    desk.facts().make_long_only()
    assert (ledger.no_shorting, desk.server.seen[-1].body) == (True, {"no_shorting": True})
    assert desk.facts().standing().long_only
    assert ledger.violations == []


@pytest.mark.parametrize("body", [b'{"no_shorting": false}', b"{}", b"[]", b'{"no_shorting": "x"}'])
def test_a_setting_that_was_not_taken_is_no_success(desk: AlpacaDesk, body: bytes) -> None:
    path = "/v2/account/configurations"
    desk.server.fault(Fault(method="PATCH", path=path, status=200, body=body, acts=False))
    with pytest.raises(TransientBrokerError):
        desk.facts().make_long_only()
    desk.server.fault(Fault(method="GET", path=path, status=200, body=b"{}"))
    assert not desk.facts().standing().long_only


def test_the_epoch_is_that_of_the_accounts_number_and_asked_for_once(desk: AlpacaDesk) -> None:
    numbers: list[str] = []

    def epoch_of(number: str) -> int:
        numbers.append(number)
        return 7

    broker = AlpacaBroker(
        desk.session(), requests=desk.book.get, fee_bps_by_asset=FEES, epoch_of=epoch_of
    )
    assert [broker.epoch(), broker.epoch()] == [7, 7]
    broker.submit(desk.intend(entry()))
    assert numbers == [desk.server.ledger.account_number]
    assert [seen.path for seen in desk.server.seen].count("/v2/account") == 1


def test_an_account_that_is_not_paper_has_no_epoch() -> None:
    with AlpacaServer(AlpacaLedger(account_number="123456789")) as server:
        with pytest.raises(ConfigError, match="not shown to be a paper account") as told:
            AlpacaDesk(server).broker().epoch()
        assert "123456789" not in str(told.value)


def test_the_broker_says_that_it_is_paper_and_where_it_sends_without_asking() -> None:
    with AlpacaServer() as server:
        broker = AlpacaDesk(server).broker()
        assert (broker.is_paper, broker.host) == (True, PAPER_HOST)
        assert server.seen == []
