"""A world at the fake Alpaca on the evening before a split: 46 TSLA, bought at 100, under a GTC pair of 97 and 106."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.desk import SESSION_OPENS
from tests.fakes.split_days import on, split
from tests.fakes.split_store import MemorySplitStore
from tests.unit.trading.alpaca_world import World
from ztrade_core.domain.rebasing import Rebasing

NEXT_OPEN = SESSION_OPENS + timedelta(days=1)


def evening(server: AlpacaServer, *, known: bool = True, ratio: float = 3.0) -> World:
    world = World(server).bought()
    world.later(10).watch()
    world.set(on(0, 78))
    world.ledger.close_session()
    world.watch()
    assert len(world.working()) == 2
    if known:
        learn(world, ratio)
    return world


def learn(world: World, ratio: float = 3.0) -> None:
    world.kit = replace(world.kit, splits=MemorySplitStore([split(ratio)]))


def opened(world: World, price: str) -> World:
    """The next session opens at a price; its first bars are stored as time goes on."""
    world.set(NEXT_OPEN)
    world.quote("TSLA", price)
    world.ledger.open_session()
    return world


def rows(world: World) -> list[Rebasing]:
    with world.kit.store.reading() as uow:
        return uow.rebasings.all("paper", 2)


def quantities(world: World) -> list[Decimal]:
    return [position.quantity for position in world.positions()]


def stops(world: World) -> list[tuple[Decimal, Decimal | None]]:
    live = [o for o in world.ledger.working() if o.type == "stop"]
    return [(order.remaining, order.stop_price) for order in live]


def assert_covered(world: World) -> None:
    """Every time without a stop was short, and none goes on."""
    assert world.ledger.naked_since == {}
    assert all(b - a < timedelta(seconds=30) for _, a, b, _ in world.ledger.naked_spans)
    assert world.ledger.violations == []
