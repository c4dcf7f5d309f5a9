"""Is the broker fit to trade at: each thing that is not fine has its sentence."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from typing_extensions import override

from tests.fakes.desk import at, kit_in_memory
from ztrade_core.domain.brokerage import (
    AccountStanding,
    BrokerAsset,
    BrokerClock,
    BrokerSession,
    Quote,
)
from ztrade_core.errors import TransientBrokerError
from ztrade_core.ports.broker import Broker
from ztrade_core.ports.broker_facts import BrokerFacts
from ztrade_core.trading.broker_check import BrokerCheck, check_broker

NOW = at(5)
SOUND = AccountStanding(
    cash=Decimal(100_000),
    equity=Decimal(100_000),
    buying_power=Decimal(200_000),
    currency="USD",
    is_paper=True,
    may_trade=True,
    status="ACTIVE",
    long_only=True,
)
OPEN = BrokerClock(
    now=NOW, is_open=True, next_open=NOW + timedelta(days=1), next_close=NOW + timedelta(hours=5)
)
TRADABLE = BrokerAsset(
    symbol="TSLA",
    tradable=True,
    minimum_quantity=None,
    quantity_increment=Decimal("0.000000001"),
    price_increment=None,
)
QUOTE = Quote(symbol="TSLA", bid=Decimal("99.9"), ask=None, at=NOW - timedelta(seconds=3))


@dataclass
class ToldFacts(BrokerFacts):
    """Answers what it was told; `silent_after` questions it answers no more."""

    account: AccountStanding = SOUND
    time: BrokerClock = OPEN
    held: BrokerAsset | None = TRADABLE
    silent_after: int = 99
    asked: list[str] = field(default_factory=list)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if len(self.asked) > self.silent_after:
            raise TransientBrokerError(f"{what}: nobody answers")

    @override
    def standing(self) -> AccountStanding:
        self._ask("standing")
        return self.account

    @override
    def clock(self) -> BrokerClock:
        self._ask("clock")
        return self.time

    @override
    def sessions(self, start: date, stop: date) -> tuple[BrokerSession, ...]:
        raise AssertionError("a check asks for no calendar")

    @override
    def asset(self, symbol: str) -> BrokerAsset | None:
        self._ask("asset")
        return self.held


class Quoting:
    """A broker that has a quote."""

    def __init__(self, inner: Broker, quote: Quote | None) -> None:
        self._inner = inner
        self._quote = quote

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def quote(self, symbol: str) -> Quote | None:
        return self._quote


def check(facts: ToldFacts, quote: Quote | None = QUOTE, *, now: datetime = NOW) -> BrokerCheck:
    kit = kit_in_memory(wrap=lambda broker: Quoting(broker, quote))
    return check_broker(replace(kit.desk(NOW, now=now), facts=facts))


def test_a_sound_broker_has_no_problem_and_every_figure() -> None:
    found = check(ToldFacts())
    assert found.problems == ()
    assert found.account_epoch == 1
    assert {each.what: each.value for each in found.findings} == {
        "paper account": "yes",
        "may trade": "ACTIVE",
        "long only": "yes",
        "currency": "USD",
        "equity": "100,000.00",
        "cash": "100,000.00",
        "buying power": "200,000.00",
        "clock": "ours is +0.0 s",
        "stock session": "open until 2022-12-28T20:00:00Z",
        "TSLA asset": "tradable (lot 0.000000001)",
        "TSLA quote": "99.9 / none, 3 s old",
    }


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"is_paper": False}, "paper account: this is no paper account: nothing is sent to it"),
        (
            {"may_trade": False, "status": "ACCOUNT_CLOSED"},
            "may trade: the broker would refuse orders (ACCOUNT_CLOSED)",
        ),
        ({"currency": "EUR"}, "currency: our book is kept in USD"),
        ({"buying_power": Decimal(0)}, "buying power: nothing can be bought"),
    ],
)
def test_what_is_wrong_with_an_account_is_named(change: dict[str, Any], problem: str) -> None:
    assert check(ToldFacts(account=replace(SOUND, **change))).problems == (problem,)


@pytest.mark.parametrize(("seconds", "fine"), [(5.0, True), (-5.0, True), (5.1, False)])
def test_a_clock_off_by_more_than_the_limit_is_named(seconds: float, fine: bool) -> None:  # noqa: FBT001
    found = check(ToldFacts(), now=NOW + timedelta(seconds=seconds))
    assert (found.problems == ()) is fine
    if not fine:
        assert found.problems == (
            "clock: our clock is off by 5.1 s; at most 5 s are allowed (RULE_012)",
        )


def test_an_asset_that_is_not_traded_is_named() -> None:
    halted = check(ToldFacts(held=replace(TRADABLE, tradable=False)))
    assert halted.problems == ("TSLA asset: the broker does not trade it now",)
    assert check(ToldFacts(held=None)).problems == ("TSLA asset: the broker has no such asset",)


@pytest.mark.parametrize(
    ("is_open", "seconds", "fine"),
    [(True, 900, True), (True, 901, False), (False, 90_000, True)],
)
def test_a_quote_may_be_old_only_while_its_market_is_closed(
    is_open: bool,  # noqa: FBT001
    seconds: int,
    fine: bool,  # noqa: FBT001
) -> None:
    quote = replace(QUOTE, at=NOW - timedelta(seconds=seconds))
    found = check(ToldFacts(time=replace(OPEN, is_open=is_open)), quote)
    assert (found.problems == ()) is fine


def test_no_quote_in_an_open_market_is_named() -> None:
    assert check(ToldFacts(), None).problems == (
        "TSLA quote: an exit would go to the market without a limit",
    )
    assert check(ToldFacts(time=replace(OPEN, is_open=False)), None).problems == ()


@pytest.mark.parametrize(("answers", "asked"), [(0, 1), (1, 2), (2, 3)])
def test_who_does_not_answer_is_asked_no_further(answers: int, asked: int) -> None:
    facts = ToldFacts(silent_after=answers)
    found = check(facts)
    assert len(facts.asked) == asked
    assert found.problems == (f"answer: {facts.asked[-1]}: nobody answers",)
    assert (found.account_epoch is None) is (answers == 0)


def test_a_simulated_broker_is_fine_and_says_that_nothing_was_contacted() -> None:
    found = check_broker(kit_in_memory().desk(NOW))
    assert found.problems == ()
    assert "nothing is contacted" in found.findings[0].value
