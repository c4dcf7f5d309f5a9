"""What is asked of an exchange before an entry: its clock, its word on the account, and when."""

import math
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from typing_extensions import override

from tests.fakes.alpaca_kit import EPOCH, at_alpaca, orders_at
from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.desk import at, kit_on
from tests.fakes.desk_exchange import AWAY
from tests.unit.trading.builders import BTC, BUY, TSLA, at_bar, house
from tests.unit.trading.floor import Floor, bought, floor
from ztrade_core.domain.brokerage import AccountStanding, BrokerAsset, BrokerClock, BrokerSession
from ztrade_core.domain.decisions import Outcome
from ztrade_core.ports.broker_facts import BrokerFacts
from ztrade_core.trading.watch import watch

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Facts(BrokerFacts):
    """An exchange whose clock is `ahead` seconds of ours; None: it does not answer."""

    now: datetime
    ahead: float | None = 0.0
    may_trade: bool | None = True
    long_only: bool = True

    @override
    def standing(self) -> AccountStanding:
        if self.may_trade is None:
            raise AWAY
        return AccountStanding(
            cash=Decimal(0),
            equity=Decimal(0),
            buying_power=Decimal(0),
            currency="USD",
            is_paper=True,
            may_trade=self.may_trade,
            status="ACTIVE" if self.may_trade else "ACCOUNT_CLOSED",
            long_only=self.long_only,
        )

    @override
    def clock(self) -> BrokerClock:
        if self.ahead is None:
            raise AWAY
        now = self.now + timedelta(seconds=self.ahead)
        return BrokerClock(now=now, is_open=True, next_open=now, next_close=now)

    @override
    def sessions(self, start: date, stop: date) -> tuple[BrokerSession, ...]:
        return ()

    @override
    def asset(self, symbol: str) -> BrokerAsset | None:
        return BrokerAsset(
            symbol=symbol,
            tradable=True,
            minimum_quantity=Decimal("0.001"),
            quantity_increment=None,
            price_increment=None,
        )


def asked(**facts: float | bool | None) -> Floor:
    made = floor()
    made.now = at(0)
    made.kit = replace(made.kit, facts=Facts(at(0), **facts))  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(
    ("ahead", "outcome"),
    [
        (0.0, Outcome.APPROVED),
        (5.0, Outcome.APPROVED),  # exactly at the limit
        (-5.001, Outcome.DENIED),
        (5.001, Outcome.DENIED),
        (None, Outcome.DENIED),
    ],
)
def test_an_entry_is_denied_when_the_clocks_are_apart_or_cannot_be_compared(
    ahead: float | None, outcome: Outcome
) -> None:
    result = asked(ahead=ahead).kit.cycle(at(0))
    skew = result.observed.snapshot.clock_skew_seconds
    assert math.isnan(skew) if ahead is None else skew == ahead
    assert result.validated.outcome is outcome
    assert ("RULE_012" in result.validated.reason) is (outcome is Outcome.DENIED)


def test_an_account_that_may_not_trade_denies_the_entry_and_says_so() -> None:
    result = asked(may_trade=False).kit.cycle(at(0))
    assert result.validated.outcome is Outcome.DENIED
    assert "account paper may not trade: ACCOUNT_CLOSED" in result.validated.reason
    assert "account paper may not trade: ACCOUNT_CLOSED" in result.observed.notes


def test_an_account_that_may_sell_short_denies_the_entry_and_names_the_remedy() -> None:
    result = asked(long_only=False).kit.cycle(at(0))
    assert result.validated.outcome is Outcome.DENIED
    assert "RULE_012" in result.validated.reason
    assert any("ztrade broker long-only" in note for note in result.observed.notes)


def test_an_account_that_cannot_be_asked_about_denies_the_entry() -> None:
    result = asked(may_trade=None).kit.cycle(at(0))
    assert result.validated.outcome is Outcome.DENIED
    assert "RULE_012" in result.validated.reason


def test_a_simulated_account_has_neither_another_clock_nor_issues() -> None:
    made = floor()
    made.now = at(0)
    snapshot = made.kit.cycle(at(0)).observed.snapshot
    assert (snapshot.clock_skew_seconds, snapshot.issues) == (0.0, ())


def test_an_idle_watch_asks_an_exchange_once_a_minute() -> None:
    made = floor()

    def looks(seconds: float) -> int:
        made.later(seconds=seconds)
        before = made.exchange.asked.total()
        watch(made.desk(), made.now, holder="watch")
        return made.exchange.asked.total() - before

    assert looks(0) > 0
    assert looks(59) == 0
    assert looks(1) > 0
    assert looks(10) == 0


def test_what_an_idle_watch_finds_is_told() -> None:
    made = floor()
    made.exchange.held["TSLA"] = Decimal(3)
    seen = watch(made.desk(), made.now, holder="watch")
    assert seen.did == ("TSLA: our book 0.0, the broker 3.0",)


def test_coins_below_what_the_exchange_sells_are_dust_and_left_alone() -> None:
    made = bought(BTC)
    made.kit = replace(made.kit, facts=Facts(made.now))
    made.exchange.held["BTC/USD"] = Decimal("0.0005")
    assert not made.protect().acted
    made.exchange.held["BTC/USD"] = Decimal("0.001")
    assert len(made.protect().armed) == 1


def test_any_database_holds_the_books_of_an_account_at_alpaca(
    engine: Engine, server: AlpacaServer
) -> None:
    parts = {"company": house(TSLA), "script": {at_bar(0): BUY}}
    kit = at_alpaca(kit_on(engine, **parts), server.url)
    kit.put_bars({"TSLA": (100.0,) * 6})
    server.ledger.now = at(0)
    server.ledger.price("TSLA", "100", "100")
    kit.cycle(at(0))
    assert server.ledger.naked_since == {}
    assert {order.account_epoch for order in orders_at(kit)} == {EPOCH}


def test_a_child_process_makes_the_kit_from_plain_strings(
    sqlite_url: str, server: AlpacaServer
) -> None:
    code = (
        "from tests.fakes.alpaca_kit import alpaca_kit_at;"
        "from tests.fakes.desk import at;"
        f"desk = alpaca_kit_at({sqlite_url!r}, {server.url!r}).desk(at(0));"
        "print(desk.broker.epoch(), desk.broker.positions())"
    )
    child = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert child.stdout.split("\n")[-2] == f"{EPOCH} {{}}"
