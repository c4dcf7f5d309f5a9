"""A mind sees its own agent's open orders, as they stand when the moment is frozen; in a backtest none."""

from dataclasses import replace

from sqlalchemy.engine import Engine

from tests.fakes.desk import at, kit_on
from tests.unit.risk.builders import IWM, TSLA
from tests.unit.trading.builders import BUY, at_bar, house, kit, orders
from ztrade_core.domain.orders import OrderType, Role, Side
from ztrade_core.domain.snapshots import OpenOrder
from ztrade_core.store.sql_store import SqlStore
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest

FLAT = (100.0,) * 6


def test_the_stop_and_target_of_the_agents_position_are_seen_and_nobody_elses() -> None:
    both = house(TSLA, IWM)
    answers = {at_bar(0): BUY, at_bar(0, IWM.agent_id): BUY}
    desk_kit = kit(answers, closes={"TSLA": FLAT, "IWM": FLAT}, of=both)
    for number in (0, 1):
        for agent in (TSLA, IWM):
            result = desk_kit.cycle(at(number), agent.agent_id)
    seen = result.observed.snapshot
    assert seen.key.agent_id == IWM.agent_id
    working = [each for each in orders(desk_kit) if each.is_working]
    assert {each.request.agent_id for each in working} == {TSLA.agent_id, IWM.agent_id}
    own = [each for each in working if each.request.agent_id == IWM.agent_id]
    assert [each.role for each in seen.open_orders] == [each.request.role for each in own]
    stop = next(each for each in seen.open_orders if each.role is Role.STOP)
    assert seen.position is not None
    assert stop == OpenOrder(
        role=Role.STOP,
        side=Side.SELL,
        type=OrderType.STOP,
        quantity=seen.position.quantity,
        filled_quantity=0.0,
        limit_price=None,
        stop_price=seen.position.stop_price,
        target_price=None,
        created_at=at(1),
    )
    assert not seen.entry_pending


def test_an_entry_that_waits_is_seen_with_its_legs() -> None:
    desk_kit = kit({at_bar(0): BUY}, closes=FLAT)
    desk_kit.cycle(at(0))
    again = desk_kit.cycle(at(0), dry_run=True).observed.snapshot
    (entry,) = again.open_orders
    assert (entry.role, entry.side, entry.filled_quantity) == (Role.ENTRY, Side.BUY, 0.0)
    assert entry.stop_price is not None
    assert entry.stop_price < 100.0 < (entry.target_price or 0.0)
    assert again.entry_pending


def test_what_was_seen_is_kept_with_the_moment(engine: Engine) -> None:
    desk_kit = kit_on(engine, script={at_bar(0): BUY})
    desk_kit.put_bars({"TSLA": FLAT})
    desk_kit.cycle(at(0))
    observed = desk_kit.cycle(at(1)).observed
    assert observed.snapshot.open_orders
    with SqlStore(engine).reading() as uow:
        kept = uow.ledger.snapshot(observed.snapshot_hash)
    assert kept is not None
    assert kept.open_orders == observed.snapshot.open_orders


def test_a_desk_that_tells_no_orders_freezes_the_same_moment_without_them() -> None:
    desk_kit = kit({at_bar(0): BUY}, closes=FLAT)
    desk_kit.cycle(at(0))
    silent = replace(desk_kit.desk(at(1)), tells_orders=False)
    request = CycleRequest(agent_id=TSLA.agent_id, as_of=at(1), holder="run", dry_run=True)
    without = run_cycle(silent, request).observed.snapshot
    told = run_cycle(desk_kit.desk(at(1)), request).observed.snapshot
    assert told.open_orders
    assert without.open_orders == ()
    assert replace(told, open_orders=()).content_hash() == without.content_hash()
