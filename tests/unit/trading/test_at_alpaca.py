"""Trading at Alpaca, through the real adapter on the fake: the judge's ledger is what counts."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from tests.fakes.alpaca_kit import at_alpaca, orders_at
from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.alpaca_server import Fault as WireFault
from tests.fakes.desk import at
from tests.fakes.desk_makers import proposal
from tests.unit.trading.alpaca_world import World
from tests.unit.trading.builders import BTC, BUY, IWM, TSLA, at_bar
from ztrade_core.domain.orders import Role


def test_a_stock_is_bought_and_stands_under_a_pair_that_stays(server: AlpacaServer) -> None:
    world = World(server).bought()
    world.assert_sound()
    assert world.working() == [
        ("sell", "limit", "gtc", Decimal(46)),
        ("sell", "stop", "gtc", Decimal(46)),
    ]
    assert all(b - a < timedelta(seconds=30) for _, a, b, _ in world.ledger.naked_spans)
    assert not world.later(10).watch().did


def test_a_coin_is_bought_and_stands_under_a_stop(server: AlpacaServer) -> None:
    world = World(server, BTC).bought(BTC)
    world.assert_sound()
    ((_, kind, tif, _),) = world.working("BTC/USD")
    assert (kind, tif) == ("stop_limit", "gtc")


def test_the_cycle_itself_protects_what_filled_at_once(server: AlpacaServer) -> None:
    world = World(server)
    world.quote("TSLA", "100")
    done = world.cycle().execution
    assert done is not None
    assert len(done.protection.armed) == 1
    world.assert_sound()


def test_a_cycle_whose_broker_goes_silent_after_sending_leaves_protection_to_the_next_look(
    server: AlpacaServer,
) -> None:
    world = World(server)
    world.quote("TSLA", "100")

    def cut(seen: object) -> None:
        if getattr(seen, "method", "") == "POST":
            server.fault(WireFault(method="GET", path="/v2/orders", times=30))

    server.on_request = cut
    done = world.cycle().execution
    assert done is not None
    assert done.protection.failed
    server.on_request = lambda _seen: None
    server._faults.clear()
    world.later(10).watch()
    world.later(10).watch()
    world.assert_sound()


def test_an_entry_that_rests_is_ended_with_its_bar(server: AlpacaServer) -> None:
    world = World(server)
    world.cycle()
    world.set(at(1) - timedelta(seconds=1)).watch()
    assert len(world.ledger.working()) == 3  # the entry and its held legs
    did = world.later(1).watch().did
    assert any("its bar ended" in text for text in did)
    assert world.ledger.working() == []
    assert {o.status.value for o in orders_at(world.kit)} == {"canceled"}


def test_a_part_that_filled_is_covered_once_the_rest_has_had_its_time(
    server: AlpacaServer,
) -> None:
    world = World(server)
    world.ledger.partial["TSLA"] = "0.1"
    world.quote("TSLA", "100")
    world.cycle()
    world.later(9).watch()
    assert "TSLA" in world.ledger.naked_since
    world.later(2).watch()
    world.assert_sound()
    assert world.ledger.held["TSLA"] == Decimal(4)
    assert all(b - a < timedelta(seconds=30) for _, a, b, _ in world.ledger.naked_spans)


def test_an_exit_moves_the_target_and_the_stop_stays_until_it_fills(server: AlpacaServer) -> None:
    world = World(server, script={at_bar(1): proposal("sell")}).bought()
    world.set(at(1)).cycle()
    world.later(10).watch()
    assert world.ledger.held["TSLA"] == 0
    world.assert_sound()
    assert world.ledger.working() == []
    (exit_order,) = world.orders(Role.EXIT)
    assert exit_order.status.value == "filled"


def test_an_exit_that_rests_above_a_falling_bid_is_moved_down_each_look(
    server: AlpacaServer,
) -> None:
    world = World(server, script={at_bar(1): proposal("sell")}).bought()
    world.ledger.partial["TSLA"] = "0.0"
    world.set(at(1)).cycle()
    for bid in ("99.2", "98.9"):
        world.ledger.partial["TSLA"] = "0.0"
        world.quote("TSLA", bid)
        world.later(10).watch()
    world.quote("TSLA", "98.9")
    world.later(10).watch()
    assert world.ledger.held["TSLA"] == 0
    world.assert_sound()


def test_an_exit_after_the_stop_has_filled_sells_nothing(server: AlpacaServer) -> None:
    world = World(server, script={at_bar(1): proposal("sell")}).bought()
    world.set(at(1))
    seen: list[str] = []

    def hit(request: object) -> None:
        path = getattr(request, "path", "")
        if path.endswith("by_client_order_id") and not seen:  # just before it is sent
            seen.append(path)
            world.quote("TSLA", "96")

    observed = world.kit.desk(world.now)
    assert observed is not None
    server.on_request = lambda request: hit(request) if world.orders(Role.EXIT) else None
    world.cycle()
    server.on_request = lambda _seen: None
    world.later(10).watch()
    assert world.ledger.held["TSLA"] == 0
    world.assert_sound()


def test_coins_that_fell_through_their_stop_are_sold(server: AlpacaServer) -> None:
    world = World(server, BTC).bought(BTC)
    world.quote("BTC/USD", "90")  # below the stop's limit of 97 x 0.98
    world.later(10).watch()
    world.later(10).watch()
    assert world.positions() == []
    assert world.ledger.violations == []
    assert world.ledger.held["BTC/USD"] < Decimal("1e-8")


def test_legs_that_died_with_the_session_are_replaced_after_hours(server: AlpacaServer) -> None:
    world = World(server)
    world.quote("TSLA", "100")
    server.fault(WireFault(method="DELETE", path="/v2/orders", times=99, acts=False))
    world.cycle()
    world.ledger.close_session()
    server._faults.clear()
    world.set(datetime.fromisoformat("2022-12-28T21:00:10+00:00")).watch()
    world.later(10).watch()
    assert world.positions()[0].quantity == Decimal(46)
    assert {tif for _, _, tif, _ in world.working()} == {"gtc"}
    assert world.ledger.violations == []


def test_a_slow_cancel_delays_nothing_beyond_the_next_looks(server: AlpacaServer) -> None:
    world = World(server)
    world.quote("TSLA", "100")
    world.ledger.slow_cancel = 60
    world.cycle()
    for _ in range(4):
        world.later(10).watch()
    world.ledger.slow_cancel = 0
    for _ in range(2):
        world.later(10).watch()
    world.assert_sound()
    assert {tif for _, _, tif, _ in world.working()} == {"gtc"}


def test_two_agents_in_one_account_sum_to_what_the_broker_holds(server: AlpacaServer) -> None:
    world = World(server, TSLA, IWM, BTC).bought(TSLA, IWM, BTC)
    world.assert_sound()
    assert len(world.positions()) == 3
    assert world.findings() == ()


def test_requests_of_an_idle_look_and_of_one_with_three_positions(server: AlpacaServer) -> None:
    world = World(server, TSLA, IWM, BTC)
    world.kit = at_alpaca(world.kit, server.url, warm=True)
    world.watch()
    before = len(server.seen)
    world.later(10).watch()
    assert len(server.seen) == before  # idle within the minute
    world.later(60).watch()
    assert len(server.seen) - before == 5
    world.set(at(1))
    world.kit = replace(world.kit, script={at_bar(1, a.agent_id): BUY for a in (TSLA, IWM, BTC)})
    world.bought(TSLA, IWM, BTC)
    world.later(10).watch()
    world.later(10).watch()
    before = len(server.seen)
    assert not world.later(10).watch().did
    asked = [seen.path for seen in server.seen[before:]]
    assert len([path for path in asked if not path.startswith("/v1beta3")]) <= 10
    assert len(asked) <= 11
