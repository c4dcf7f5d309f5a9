"""What the broker has and our book has not: ours is adopted, anything else waits for a person."""

from dataclasses import replace
from decimal import Decimal

from tests.fakes.alpaca_kit import at_alpaca
from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.desk import at
from tests.unit.trading.alpaca_world import World
from tests.unit.trading.builders import BTC, BUY, IWM, TSLA, at_bar
from tests.unit.trading.floor import bought, entered
from ztrade_core.domain.decisions import Outcome
from ztrade_core.domain.orders import Role
from ztrade_core.store.memory import MemoryStore
from ztrade_core.trading.override import resume

ADA = {"who": "ada", "why": "a test"}


def posted(world: World, order_id: str, **changes: str) -> None:
    """Send an order to the exchange past our book."""
    body = {
        "symbol": "TSLA",
        "qty": "3",
        "side": "buy",
        "type": "limit",
        "time_in_force": "day",
        "limit_price": "90",
        "client_order_id": order_id,
    }
    world.ledger.accept({**body, **changes})


def forgotten(world: World) -> World:
    """Our book is lost; the exchange remembers all."""
    world.kit = at_alpaca(replace(world.kit, store=MemoryStore()), world.server.url)
    return world


def test_a_position_our_book_forgot_is_adopted_whole_for_its_symbols_agent(
    server: AlpacaServer,
) -> None:
    world = World(server)
    world.quote("TSLA", "100")
    world.cycle()  # filled, its pair in place
    lost = forgotten(world)
    lost.later(10)
    report = lost.reconcile()
    assert len(report.adopted) >= 1
    (held,) = lost.positions()
    assert (held.agent_id, held.quantity) == (TSLA.agent_id, Decimal(46))
    for _ in range(2):
        lost.later(10).watch()
    lost.assert_sound()
    assert lost.findings() == ()


def test_a_filled_coin_entry_is_adopted_with_its_fee_and_covered(server: AlpacaServer) -> None:
    world = World(server, BTC)
    world.quote("BTC/USD", "100")
    posted(
        world,
        "zt1-lost",
        symbol="BTC/USD",
        qty="1",
        limit_price="101",
        time_in_force="ioc",
    )
    world.later(10).watch()
    (held,) = world.positions()
    assert (held.agent_id, held.position_id) == (BTC.agent_id, "zt1-lost")
    assert held.quantity == Decimal("0.9975")
    world.assert_sound()
    assert world.findings() == ()


def test_an_adopted_entry_that_rests_ends_when_a_bar_after_it_is_complete(
    server: AlpacaServer,
) -> None:
    world = World(server)
    posted(world, "zt1-lost")
    assert world.reconcile().adopted == ("zt1-lost",)
    (ours,) = world.orders(Role.ENTRY)
    assert ours.reserved_usd == 270.0  # 3 x 90
    world.set(at(2)).watch()
    assert world.ledger.working() == []


def test_an_order_of_ours_that_no_agent_trades_is_nobodys_and_blocks(server: AlpacaServer) -> None:
    world = World(server)
    posted(world, "zt1-lost", symbol="SPY")
    report = world.reconcile()
    assert report.mismatches == ("order zt1-lost has our prefix, but no agent trades SPY",)
    assert world.cycle().validated.outcome is Outcome.DENIED
    assert world.reconcile().mismatches == ()  # told once, and standing until a person resumes
    assert len(world.findings()) == 1


def test_a_foreign_order_blocks_until_a_person_resumes_and_is_then_accepted(
    server: AlpacaServer,
) -> None:
    world = World(server, script={at_bar(n): BUY for n in range(4)})
    posted(world, "by-hand")
    assert world.cycle().validated.outcome is Outcome.DENIED
    resume(world.desk(), at=world.now, **ADA)
    world.set(at(1))
    world.reconcile()
    assert world.findings() == ()
    world.quote("TSLA", "89")  # the accepted order fills: that moves the account
    world.later(10).reconcile()
    assert world.positions() == []
    assert "TSLA: our book 0.0, the broker 3.0" in world.findings()
    assert world.set(at(2)).cycle().validated.outcome is Outcome.DENIED


def test_a_foreign_order_is_never_touched(server: AlpacaServer) -> None:
    world = World(server).bought()
    posted(world, "by-hand", symbol="IWM", limit_price="10")
    for _ in range(3):
        world.later(10).watch()
    assert [o.client_order_id for o in world.ledger.working() if o.symbol == "IWM"] == ["by-hand"]


def test_a_foreign_sale_of_our_shares_is_told_and_our_stop_shrinks_with_them(
    server: AlpacaServer,
) -> None:
    world = World(server).bought()
    world.ledger.held["TSLA"] = Decimal(40)
    world.later(10).watch()
    assert "TSLA: our book 46, the broker 40.0" in {
        text.replace("46.0", "46") for text in world.findings()
    }
    assert {remaining for *_, remaining in world.working()} == {Decimal(40)}


def test_an_order_that_appears_late_is_taken_back_and_no_second_is_sent(
    server: AlpacaServer,
) -> None:
    world = World(server)
    world.quote("TSLA", "100")
    world.ledger.late = 4
    world.cycle()
    for _ in range(4):
        world.later(10).watch()
    world.assert_sound()
    assert set(world.ledger.accepted.values()) == {1}


def test_fills_told_out_of_order_make_the_same_book() -> None:
    made = entered()
    made.exchange.fill(made.only(Role.ENTRY), "100")
    late = made.exchange.executions.pop()  # the buy is not told yet
    made.later(seconds=5)
    made.exchange.fill(made.only(Role.STOP), "97")
    report = made.reconcile()
    assert len(report.mismatches) == 1
    assert "nothing is held" in report.mismatches[0]
    made.exchange.executions.insert(0, late)
    made.later(seconds=10).reconcile()
    assert made.position() is None
    with made.kit.store.reading() as uow:
        (trade,) = uow.positions.trades("paper", 1)
    assert (trade.quantity, trade.pnl_usd) == (Decimal(46), -138.0)  # 46 x 3


def test_an_order_that_fills_more_than_it_asked_for_is_told_and_covered() -> None:
    made = bought()
    entry_id = made.orders(Role.ENTRY)[0].request.client_order_id
    made.exchange.fill(entry_id, "100", "4")
    report = made.later(seconds=10).reconcile()
    assert report.mismatches == (f"order {entry_id} filled 50 of 46",)
    made.protect()
    made.later(seconds=10).reconcile()
    made.protect()
    assert made.exchange.left(Role.STOP) == Decimal(50)


def test_a_fill_told_twice_is_booked_once(server: AlpacaServer) -> None:
    world = World(server).bought()
    world.ledger.fills.append(dict(world.ledger.fills[0]))
    world.later(10).reconcile()
    assert world.positions()[0].quantity == Decimal(46)
    assert world.findings() == ()


def test_two_agents_that_our_book_forgot_are_told_apart(server: AlpacaServer) -> None:
    world = World(server, TSLA, IWM)
    for agent in (TSLA, IWM):
        world.quote(agent.symbol, "100" if agent is TSLA else "200")
        world.cycle(agent)
    lost = forgotten(world)
    lost.later(10).watch()
    assert {p.agent_id for p in lost.positions()} == {TSLA.agent_id, IWM.agent_id}
    lost.later(10).watch()
    lost.assert_sound()
