"""Answers that come late, and orders that fill in between: nothing is sold twice or left bare."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

import tests.fakes.alpaca_routes as routes
from tests.fakes.alpaca_exchange import FakeQuote
from tests.fakes.alpaca_orders import RefusalError
from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.alpaca_server import Fault as WireFault
from tests.unit.trading.alpaca_world import ADA, World
from tests.unit.trading.builders import BTC
from ztrade_core.domain.orders import Role
from ztrade_core.trading.override import flatten, halt, resume
from ztrade_core.trading.reconciliation import reconcile


def protected(server: AlpacaServer, *agents: Any) -> World:
    world = World(server, *agents).bought(*agents)
    world.later(10).watch()
    world.assert_sound()
    return world


def refusing(world: World, message: str, *, sells: str = "", times: int = 10**6) -> None:
    """Refuse sells (of a type) some times, as Alpaca would say it."""
    real: Callable[[dict[str, Any]], None] = world.ledger._refuse
    left = {"n": times}

    def refuse(body: dict[str, Any]) -> None:
        if body["side"] == "sell" and sells in {"", body["type"]} and left["n"]:
            left["n"] -= 1
            raise RefusalError(403, 40310000, message)
        real(body)

    world.ledger._refuse = refuse  # type: ignore[method-assign]


def test_no_stop_is_sent_for_shares_that_the_target_sold_while_the_legs_were_swapped(
    server: AlpacaServer,
) -> None:
    world = World(server)
    world.quote("TSLA", "100")
    sent: list[tuple[str, Decimal]] = []

    def on(seen: Any) -> None:
        if seen.method == "DELETE" and world.ledger.held["TSLA"]:
            world.ledger.price("TSLA", "107", "107")
        if seen.method == "POST":
            sent.append((seen.body["side"], world.ledger.held.get("TSLA", Decimal(0))))

    server.on_request = on
    world.cycle()
    assert world.ledger.held["TSLA"] == 0
    assert [side for side, _ in sent] == ["buy"]
    assert world.positions() == []  # the fill was taken over in the same look


def test_an_exit_sells_none_of_a_persons_shares_after_our_stop_has_sold_ours(
    server: AlpacaServer,
) -> None:
    world = protected(server)
    world.ledger.held["TSLA"] += 10
    asked = {"positions": 0}

    def on(seen: Any) -> None:
        if seen.path == "/v2/positions":
            asked["positions"] += 1
            if asked["positions"] == 4:  # reconciled twice, the flatten's look, then the last one
                world.ledger.price("TSLA", "96", "96")

    server.on_request = on
    flatten(world.desk(), at=world.later(5).now, **ADA)
    assert asked["positions"] >= 4
    assert world.ledger.held["TSLA"] == 10


def test_a_flatten_whose_exit_died_is_sold_in_the_next_session(server: AlpacaServer) -> None:
    world = protected(server)
    world.ledger.price("TSLA", None, None)
    flatten(world.desk(), at=world.later(5).now, **ADA)
    world.ledger.close_session()
    world.later(8 * 3600).watch()
    assert sum(left for *_, left in world.working()) >= 46  # covered over night
    world.later(16 * 3600)
    world.ledger.open_session()
    world.ledger.price("TSLA", "99", "99")
    for _ in range(3):
        world.later(10).watch()
    assert world.ledger.held["TSLA"] == 0
    assert world.ledger.violations == []


def test_a_resume_after_a_flatten_that_died_keeps_the_position(server: AlpacaServer) -> None:
    world = protected(server)
    world.ledger.price("TSLA", None, None)
    flatten(world.desk(), at=world.later(5).now, **ADA)
    world.ledger.close_session()
    world.later(8 * 3600).watch()
    resume(world.desk(), at=world.later(1).now, **ADA)
    world.later(16 * 3600)
    world.ledger.open_session()
    world.ledger.price("TSLA", "99", "99")
    for _ in range(3):
        world.later(10).watch()
    world.assert_sound()
    assert world.ledger.held["TSLA"] == 46


@pytest.mark.parametrize("how", ["refused", "unclear"])
def test_flatten_leaves_nothing_bare_without_a_daemon(server: AlpacaServer, how: str) -> None:
    world = protected(server)
    world.ledger.quotes.pop("TSLA")  # no quote: the stop is cancelled for a market sell
    if how == "refused":
        refusing(world, "trading of this symbol is suspended", sells="market")
    else:
        server.fault(WireFault(method="POST", path="/v2/orders", acts=False))
    told = flatten(world.desk(), at=world.later(5).now, **ADA)
    assert told.failed
    assert world.working() != []
    assert world.ledger.naked_since == {}


@pytest.mark.parametrize(("age", "sold"), [(14, True), (16, False)])
def test_a_coin_is_sold_on_a_fresh_quote_only(
    server: AlpacaServer, age: int, *, sold: bool
) -> None:
    world = protected(server, BTC).later(10)
    told = world.now - timedelta(seconds=age)
    world.ledger.told_quotes["BTC/USD"] = FakeQuote(bid=Decimal(96), ask=Decimal("96.1"), at=told)
    world.watch()
    assert (world.ledger.held["BTC/USD"] < 1) is sold


def test_positions_that_lag_a_fill_cost_no_stop_and_leave_no_finding(
    server: AlpacaServer,
) -> None:
    world = World(server)
    world.quote("TSLA", "100")
    world.ledger.late_positions = 4
    gone: list[str] = []
    server.on_request = lambda seen: gone.append(seen.path) if seen.method == "DELETE" else None
    world.cycle()
    assert (gone, world.findings()) == ([], ())
    assert world.working() != []
    world.later(10).watch()
    assert world.findings() == ()
    assert world.ledger.late_positions == 0
    world.assert_sound()


def test_a_difference_that_outlives_a_fill_is_found(server: AlpacaServer) -> None:
    world = protected(server)
    world.ledger.held["TSLA"] -= 6
    assert reconcile(world.desk(), world.now).mismatches != ()


def test_a_rest_of_coins_below_the_smallest_order_is_left_alone(server: AlpacaServer) -> None:
    world = protected(server, BTC)
    entry = next(order for order in world.ledger.all_orders() if order.side == "buy")
    entry.status = "canceled"
    entry.quantity += Decimal("0.000005")
    world.ledger.fill(entry, "100", "0.000005")
    for _ in range(3):
        assert world.later(10).watch().did in {(), ("1 fills taken over",)}
    assert len(world.working("BTC/USD")) == 1
    assert world.orders(Role.EXIT) == []


def test_an_increment_coarser_than_our_lot_sells_nothing(
    server: AlpacaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(routes.COIN_GRID, "min_trade_increment", "0.0001")
    world = World(server, BTC).bought(BTC)
    for _ in range(3):
        world.later(10).watch()
    assert len(world.working("BTC/USD")) == 1
    assert world.orders(Role.EXIT) == []


def test_a_reservation_that_lags_its_cancel_is_waited_for(server: AlpacaServer) -> None:
    world = World(server)
    world.quote("TSLA", "100")
    refusing(world, "insufficient qty available for order (available: 0)", times=2)
    world.cycle()
    world.later(10).watch()
    world.later(10).watch()
    world.assert_sound()
    assert world.ledger.held["TSLA"] == 46


def test_a_reservation_that_never_ends_sells_within_thirty_seconds(server: AlpacaServer) -> None:
    world = World(server)
    world.quote("TSLA", "100")
    refusing(world, "insufficient qty available for order (available: 0)", times=3)
    world.cycle()
    world.later(10).watch()
    world.later(10).watch()
    assert len(world.orders(Role.EXIT)) == 1


def test_refused_sells_grow_rare_and_what_is_said_stays_the_same(server: AlpacaServer) -> None:
    world = protected(server)
    world.ledger.cancel(world.ledger.working()[0].id)
    refusing(world, "account is blocked")
    said = {world.later(10).watch().did for _ in range(20)}
    assert len(world.orders(Role.EXIT)) <= 6
    assert len(said) < 10


def test_a_halt_says_what_may_still_fill(server: AlpacaServer) -> None:
    world = World(server)
    world.quote("TSLA", "101.5")  # above the collar: the entry rests
    world.cycle()
    world.ledger.slow_cancel = 10**6
    told = halt(world.desk(), at=world.later(5).now, **ADA)
    assert told.canceled == ()
    assert any("may still fill" in text for text in told.failed)
