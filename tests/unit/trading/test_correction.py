"""What a person sold past us is accepted by a resume of the company, in their name, and once."""

from decimal import Decimal

from tests.fakes.alpaca_kit import EPOCH
from tests.fakes.alpaca_server import AlpacaServer
from tests.unit.trading.alpaca_world import ADA, World
from ztrade_core.domain.accounts import ClosedTrade
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.trading.override import resume


def sold_by_hand(server: AlpacaServer, quantity: str) -> World:
    world = World(server).bought()
    world.later(10).watch()
    world.ledger.cancel(world.ledger.working()[0].id)
    world.quote("TSLA", "101")
    world.ledger.accept(
        {
            "symbol": "TSLA",
            "qty": quantity,
            "side": "sell",
            "type": "market",
            "time_in_force": "day",
            "client_order_id": "by-hand",
        }
    )
    world.later(10).reconcile()
    return world


def trades(world: World) -> list[ClosedTrade]:
    with world.kit.store.reading() as uow:
        return uow.positions.trades("paper", EPOCH)


def test_a_position_that_a_person_sold_is_closed_at_their_price(server: AlpacaServer) -> None:
    world = sold_by_hand(server, "46")
    assert any("our book 46" in text for text in world.findings())
    told = resume(world.desk(), at=world.later(10).now, **ADA)
    assert "TSLA: 46 sold by a person at 101" in told.cleared
    (trade,) = trades(world)
    assert (trade.exit_role, trade.exit_price, trade.pnl_usd) == ("person", 101.0, 46.0)
    (kept,) = [order for order in world.orders(Role.EXIT) if order.status is OrderStatus.FILLED]
    assert kept.reason == "person ada: a test"
    world.later(10).watch()
    assert (world.positions(), world.findings()) == ([], ())
    resume(world.desk(), at=world.later(10).now, **ADA)
    assert len(trades(world)) == 1


def test_a_part_that_a_person_sold_leaves_the_rest_covered(server: AlpacaServer) -> None:
    world = sold_by_hand(server, "6")
    resume(world.desk(), at=world.later(10).now, **ADA)
    (position,) = world.positions()
    assert position.quantity == Decimal(40)
    world.later(10).watch()
    world.assert_sound()
    assert world.findings() == ()
    assert trades(world) == []


def test_nothing_is_accepted_while_an_order_of_ours_works(server: AlpacaServer) -> None:
    world = World(server).bought()
    world.later(10).watch()
    world.ledger.held["TSLA"] -= 6  # the stop still sells 46
    resume(world.desk(), at=world.later(10).now, **ADA)
    assert world.positions()[0].quantity == Decimal(46)


def test_the_resume_of_one_agent_accepts_no_sale(server: AlpacaServer) -> None:
    world = sold_by_hand(server, "46")
    resume(world.desk(), at=world.later(10).now, agent_id="agent_tsla", **ADA)
    assert world.positions()[0].quantity == Decimal(46)
