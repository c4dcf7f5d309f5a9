"""A split of what is held at Alpaca: the judge's ledger, with the position of before in our book.

46 TSLA are bought at 100 on the eve, under a pair of 97 and 106; the split is 3:1 unless said. `evening` is
after the eve's close: the pair rests as GTC.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.desk_points import Meanwhile
from tests.fakes.series import series_of_closes
from tests.fakes.split_days import MIDNIGHT, on
from tests.unit.trading.alpaca_world import World
from tests.unit.trading.floor import DiedError
from tests.unit.trading.split_evening import (
    NEXT_OPEN,
    assert_covered,
    evening,
    learn,
    opened,
    quantities,
    rows,
    stops,
)
from ztrade_core.domain.time import Timeframe

PAIR = [("sell", "limit", "gtc", Decimal(138)), ("sell", "stop", "gtc", Decimal(138))]


@pytest.mark.parametrize("legs", ["left", "canceled"])
def test_once_the_broker_shows_it_book_and_pair_are_rebased(
    server: AlpacaServer, legs: str
) -> None:
    world = evening(server)
    world.set(MIDNIGHT).watch()
    world.set(MIDNIGHT + timedelta(hours=4))
    world.ledger.split("TSLA", "3", legs=legs)
    did = world.later(5).watch().did
    assert "re-based TSLA 3:1: 46 to 138 shares" in did
    assert quantities(world) == [Decimal(138)]
    assert world.working() == PAIR
    assert stops(world) == [(Decimal(138), Decimal("32.34"))]
    assert world.findings() == ()
    assert_covered(world)
    opened(world, "33.33")
    assert not world.later(10).watch().did
    assert world.ledger.held["TSLA"] == 138
    world.assert_sound()


@pytest.mark.parametrize("legs", ["left", "canceled"])
def test_nobody_looked_all_night_the_first_look_before_the_open_mends_it(
    server: AlpacaServer, legs: str
) -> None:
    world = evening(server)
    world.set(NEXT_OPEN - timedelta(minutes=5))
    world.ledger.split("TSLA", "3", legs=legs)
    world.later(5).watch()
    assert world.working() == PAIR
    opened(world, "33.33")
    world.later(10).watch()
    world.assert_sound()
    assert quantities(world) == [Decimal(138)]


@pytest.mark.parametrize("rest", ["kept", "paid"])
def test_a_reverse_split_leaves_whole_shares_under_their_stop(
    server: AlpacaServer, rest: str
) -> None:
    """46 at 1:10: 4 shares; the broker keeps 0.6 of one or pays it, and neither is a difference."""
    world = evening(server, ratio=0.1)
    world.set(MIDNIGHT).watch()
    assert stops(world) == [(Decimal(46), Decimal(97))]
    assert len(world.working()) == 1
    world.ledger.split("TSLA", "0.1", legs="canceled", rest=rest)
    world.later(5).watch()
    assert quantities(world) == [Decimal(4)]
    assert stops(world) == [(Decimal(4), Decimal(970))]
    opened(world, "1000")
    world.later(10).watch()
    world.later(10).watch()
    assert world.findings() == ()
    assert world.ledger.held["TSLA"] == (Decimal("4.6") if rest == "kept" else Decimal(4))
    assert world.ledger.violations == []
    (row,) = rows(world)
    assert row.fraction == pytest.approx(0.6)


def test_the_watch_runs_through_the_night_while_it_happens(server: AlpacaServer) -> None:
    world = evening(server)
    world.set(MIDNIGHT - timedelta(seconds=30))
    for number in range(12):
        if number == 7:
            world.ledger.split("TSLA", "3")
        world.later(10).watch()
    assert quantities(world) == [Decimal(138)]
    assert world.working() == PAIR
    assert len(rows(world)) == 1
    assert world.findings() == ()
    assert_covered(world)


@pytest.mark.parametrize("point", ["rebasing", "freed"])
@pytest.mark.parametrize("shown", [False, True])
def test_killed_around_the_cancel_the_next_look_arms(
    server: AlpacaServer, point: str, *, shown: bool
) -> None:
    world = evening(server)
    world.set(MIDNIGHT)
    if shown:
        world.ledger.split("TSLA", "3")

    def die() -> None:
        raise DiedError

    whole = world.kit
    world.kit = replace(whole, checkpoints=Meanwhile({point: die}))
    with pytest.raises(DiedError):
        world.watch()
    world.kit = whole
    world.later(10).watch()
    world.later(10).watch()
    expected = (Decimal(138) if shown else Decimal(46), Decimal("32.34"))
    assert stops(world) == [expected]
    assert_covered(world)
    assert len(rows(world)) == (1 if shown else 0)


def test_two_looks_at_once_rebase_once(server: AlpacaServer) -> None:
    world = evening(server)
    world.set(MIDNIGHT)
    world.ledger.split("TSLA", "3")
    other = World.watch
    whole = world.kit
    world.kit = replace(whole, checkpoints=Meanwhile({"rebasing": lambda: other(_twin(world))}))
    world.watch()
    world.kit = whole
    world.later(10).watch()
    assert quantities(world) == [Decimal(138)]
    assert len(rows(world)) == 1
    assert sum((quantity for quantity, _ in stops(world)), Decimal(0)) == 138
    assert world.ledger.violations == []


def _twin(world: World) -> World:
    """The same world as another process sees it, with no checkpoint to stop at."""
    twin = World.__new__(World)
    twin.__dict__.update(world.__dict__)
    twin.kit = replace(world.kit, checkpoints=Meanwhile({}))
    return twin


def test_learnt_after_the_open_the_book_takes_the_brokers_position(server: AlpacaServer) -> None:
    world = evening(server, known=False)
    world.ledger.split("TSLA", "3", legs="canceled")
    opened(world, "33.33")
    learn(world)
    did = world.later(60).watch().did
    assert "re-based TSLA 3:1: 46 to 138 shares" in did
    assert quantities(world) == [Decimal(138)]
    assert world.working() == PAIR
    assert world.findings() == ()


def test_a_stop_of_before_that_sold_at_the_open_is_booked_after_the_split(
    server: AlpacaServer,
) -> None:
    """46 of 138 sold at 33.33: 92 are left; they cost 4,600 x 92/138, and 1,533.18 - 1,533.33 is lost."""
    world = evening(server, known=False)
    world.ledger.split("TSLA", "3", legs="left")
    opened(world, "33.33")
    assert world.ledger.held["TSLA"] == 92
    learn(world)
    world.later(10).watch()
    world.later(10).watch()
    (held,) = world.positions()
    assert held.quantity == 92
    assert held.realised_usd == pytest.approx(46 * 33.33 - 4600.0 / 3)
    assert held.cost_usd == pytest.approx(4600.0 * 2 / 3)
    assert stops(world) == [(Decimal(92), Decimal("32.34"))]
    assert world.ledger.violations == []


def test_a_fraction_is_worth_what_the_market_had_last_however_far_it_went_since_the_purchase(
    server: AlpacaServer,
) -> None:
    """46 at 21:20 are 48.3: 0.3 x 103 / 1.05, shown so from midnight on; the purchase was at 100."""
    world = evening(server, ratio=1.05)
    opened_at = [on(0, number) for number in range(78)]
    last = series_of_closes("TSLA", Timeframe.M5, opened_at, [100.0] * 77 + [103.0], wick=0.001)
    world.kit.bars.upsert([last], source="stub:raw", ingested_at=on(0, 78), replace=True)
    world.set(MIDNIGHT).watch()
    world.ledger.split("TSLA", "1.05", legs="canceled", rest="kept")
    world.later(5).watch()
    (row,) = rows(world)
    assert row.fraction == pytest.approx(0.3)
    assert row.cash_in_lieu_usd == pytest.approx(0.3 * 103.0 / 1.05)
