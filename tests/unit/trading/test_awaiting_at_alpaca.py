"""While a split is awaited at Alpaca: differences, marks, entries and executions of before."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.series import series_of_closes
from tests.fakes.split_days import MIDNIGHT, after, on, split
from tests.fakes.split_store import MemorySplitStore
from tests.unit.trading.floor import bought as bought_at_exchange
from tests.unit.trading.split_evening import (
    NEXT_OPEN,
    assert_covered,
    evening,
    opened,
    quantities,
    stops,
)
from ztrade_core.domain.decisions import Outcome
from ztrade_core.domain.orders import Role
from ztrade_core.domain.time import Timeframe
from ztrade_core.trading.intents import too_late_to_send
from ztrade_core.trading.portfolio import portfolio_of, take_stock
from ztrade_core.trading.reconciliation import reconcile


def test_nothing_changes_before_the_ex_date(server: AlpacaServer) -> None:
    world = evening(server)
    world.set(MIDNIGHT - timedelta(seconds=1))
    assert not world.watch().did
    assert stops(world) == [(Decimal(46), Decimal(97))]


def test_from_midnight_on_the_stop_rests_at_the_lower_scale_without_a_target(
    server: AlpacaServer,
) -> None:
    world = evening(server)
    world.set(MIDNIGHT).watch()
    assert stops(world) == [(Decimal(46), Decimal("32.34"))]
    assert len(world.working()) == 1
    assert quantities(world) == [Decimal(46)]
    assert world.findings() == ()
    assert_covered(world)
    assert not world.later(10).watch().did


def test_a_split_that_is_never_shown_becomes_a_difference_half_an_hour_after_the_open(
    server: AlpacaServer,
) -> None:
    world = evening(server)
    world.set(MIDNIGHT).watch()
    opened(world, "33.33")
    world.set(NEXT_OPEN + timedelta(minutes=29)).watch()
    assert world.findings() == ()
    world.set(NEXT_OPEN + timedelta(minutes=30)).watch()
    assert world.findings() == ("TSLA: the broker does not show the split 3:1 of 2022-12-29",)


def test_a_holding_that_is_gone_for_a_moment_is_no_difference_while_it_is_awaited(
    server: AlpacaServer,
) -> None:
    world = evening(server)
    world.set(MIDNIGHT).watch()
    world.ledger.late_positions = 3
    world.later(10).watch()
    assert world.findings() == ()


def test_equity_is_not_marked_across_scales_while_it_is_awaited(server: AlpacaServer) -> None:
    """95,400 in cash and 46 at 100: the bars tell 33.33 already, our book is of before."""
    world = evening(server)
    world.set(MIDNIGHT).watch()
    bars = series_of_closes("TSLA", Timeframe.M5, [on(1, 0)], [100 / 3])
    opened(world, "33.34")
    world.kit.bars.upsert([bars], source="test", ingested_at=on(1, 1))
    world.set(after(1, 0))
    stock = take_stock(world.desk(), world.now, holder="test")
    assert stock.portfolio.book.equity == pytest.approx(100_000.0)
    world.ledger.split("TSLA", "3")
    reconcile(world.desk(), world.now)
    assert portfolio_of(world.desk(), world.now).book.equity == pytest.approx(100_000.0)


def test_a_decision_meanwhile_is_told_what_is_awaited(server: AlpacaServer) -> None:
    world = evening(server)
    world.set(MIDNIGHT).watch()
    bars = series_of_closes("TSLA", Timeframe.M5, [on(1, 0)], [100 / 3])
    opened(world, "33.34")
    world.kit.bars.upsert([bars], source="test", ingested_at=on(1, 1))
    done = world.set(after(1, 0)).cycle()
    assert "TSLA awaits its split 3:1 of 2022-12-29 at the broker" in done.observed.snapshot.issues
    assert done.validated.outcome is Outcome.HELD
    assert not any(order.request.role is Role.EXIT for order in world.orders(Role.EXIT))


def test_an_entry_of_a_daily_bar_is_too_late_once_a_split_came(server: AlpacaServer) -> None:
    """Decided on the eve's bar for the next session: without the split it would still be sent."""
    world = evening(server)
    (entry,) = world.orders(Role.ENTRY)
    eve = MIDNIGHT - timedelta(days=1)
    request = replace(entry.request, timeframe=Timeframe.D1, decided_bar=eve)
    daily = replace(entry, request=request)
    desk = world.desk()
    assert too_late_to_send(desk, daily, MIDNIGHT)
    assert not too_late_to_send(replace(desk, splits=None), daily, MIDNIGHT)
    assert not too_late_to_send(desk, daily, MIDNIGHT - timedelta(seconds=1))


def test_an_execution_of_before_that_is_told_after_the_split_is_booked_on_its_scale() -> None:
    """46 and 4 bought at 100 are 50 at 5,000; tripled they are 150, of which 30 were sold meanwhile."""
    place = bought_at_exchange()
    first = place.exchange.executions[0]
    place.kit = replace(place.kit, splits=MemorySplitStore([split()]))
    place.now = MIDNIGHT
    place.exchange.held["TSLA"] *= 3
    place.reconcile()
    place.later(seconds=1).exchange.fill(place.only(Role.STOP), "32.34", "30")
    place.reconcile()
    earlier = first.filled_at - timedelta(seconds=10)
    late = replace(first, fill_id="late", quantity=Decimal(4), filled_at=earlier)
    place.exchange.executions.append(late)
    place.exchange.held["TSLA"] += 12
    assert place.later(seconds=10).reconcile().clean
    held = place.position()
    assert held is not None
    assert first.quantity == 46
    assert (held.quantity, held.stop_price) == (Decimal(120), Decimal("32.34"))
    assert held.average_price == pytest.approx(100 / 3)
    assert held.cost_usd == pytest.approx(4_000.0)
    assert held.realised_usd == pytest.approx(30 * 32.34 - 1_000.0)
