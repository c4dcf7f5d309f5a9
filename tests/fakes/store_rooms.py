"""Writes and reads in every room of a store, for tests of whole transactions."""

from decimal import Decimal

from tests.fakes.answer_rows import answer, question
from tests.fakes.rebasing_rows import rebasing
from tests.fakes.store_rows import (
    ACCOUNT,
    AGENT,
    NOON,
    decision,
    fill,
    halt,
    mark,
    order,
    position,
    slot_key,
    snapshot,
    tape,
    trade,
)
from ztrade_core.domain.accounts import Reconciliation, ReconciliationReport
from ztrade_core.domain.chain import Anchor
from ztrade_core.domain.orders import OrderStatus
from ztrade_core.ports.store import UnitOfWork


def write_everything(unit: UnitOfWork, number: int) -> None:
    """Write in every room."""
    unit.ledger.append(decision(number), (), "")
    unit.ledger.put_anchor(Anchor(sequence=number, digest="d", anchored_at=NOON, place="here"))
    unit.ledger.put_snapshot(snapshot(number))
    unit.tapes.put_first(tape(number))
    unit.tapes.put_proposal(tape(number), (), "held")
    unit.orders.insert(order(number))
    unit.orders.update(order(number, status=OrderStatus.FILLED))
    unit.orders.add_fill(ACCOUNT, 1, fill(number))
    unit.positions.put(position(quantity=Decimal(number)))
    unit.positions.add_trade(trade(number))
    unit.accounts.add_snapshot(mark(equity=float(number)))
    unit.accounts.acquire_lease(ACCOUNT, AGENT, f"run-{number}", now=NOON, seconds=0)
    unit.accounts.epoch_of(ACCOUNT, "alpaca", f"PA{number}", NOON)
    unit.halts.add(ACCOUNT, halt(number, kind=f"kind-{number}"))
    report = ReconciliationReport(account=ACCOUNT, at=NOON, fills_added=number, orders_updated=0)
    unit.reconciliations.put(Reconciliation(account_epoch=1, report=report))
    unit.rebasings.add(rebasing(number))
    unit.answers.reserve(question(number))
    unit.answers.put(answer(number))


def everything(unit: UnitOfWork) -> list[object]:
    """Read from every room."""
    return [
        unit.ledger.head(),
        [row.digest for row in unit.ledger.rows()],
        unit.ledger.last_anchor(),
        unit.ledger.snapshot(snapshot(2).content_hash()) is None,
        unit.tapes.get(tape(2).key),
        unit.orders.recent(ACCOUNT, 1),
        unit.orders.working(ACCOUNT, 1),
        unit.orders.of_position("position-1"),
        unit.orders.entries_since(ACCOUNT, 1, AGENT, NOON),
        unit.orders.fills(ACCOUNT, 1),
        unit.orders.fills(ACCOUNT, 1, position_id="position-1"),
        unit.positions.all(ACCOUNT, 1),
        unit.positions.trades(ACCOUNT, 1),
        unit.positions.trades(ACCOUNT, 1, AGENT),
        unit.accounts.snapshots(ACCOUNT, 1),
        unit.accounts.last_snapshot(ACCOUNT, 1, kind="mark"),
        unit.accounts.lease(ACCOUNT, AGENT),
        [unit.accounts.broker_account(ACCOUNT, epoch) for epoch in (1, 2, 3)],
        unit.halts.standing(ACCOUNT),
        unit.halts.history(ACCOUNT),
        unit.orders.entries(ACCOUNT, 1, since=NOON),
        unit.orders.newest_entries(ACCOUNT, 1, AGENT, 9),
        unit.reconciliations.recent(ACCOUNT, 1),
        unit.rebasings.all(ACCOUNT, 1),
        unit.answers.of_slot(slot_key(2)),
        unit.answers.of_agent(ACCOUNT, 1, AGENT),
        unit.answers.spent_usd(NOON),
        unit.answers.next_attempt(slot_key(2)),
        unit.answers.reserved(slot_key(2)),
    ]
