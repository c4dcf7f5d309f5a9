"""What stands after a reconciliation: kept, cleared by a person, or only looked at.

A finding stands from the moment it is made until a person clears it, even when a later look finds
nothing. A foreign order that was cleared is accepted: to find it again is no news. A difference
that was cleared and is still there stands again at the next look.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ztrade_core.domain.accounts import Reconciliation, ReconciliationReport
from ztrade_core.domain.orders import ORDER_PREFIX
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.awaiting import Awaited, awaited_now, overdue
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.marking import differences
from ztrade_core.trading.rebasing import fractions_left

MOST_FINDINGS = 50


def keep(uow: UnitOfWork, epoch: int, report: ReconciliationReport) -> Reconciliation:
    """Store a report with what stands after it; return that.

    Of two runs the one of the earlier moment may write later (a day's base is reconciled as of
    midnight): the account stays reconciled as of the later one.
    """
    found = _standing(uow.reconciliations.last(report.account, epoch), epoch, report)
    uow.reconciliations.put(found)
    return found


def clear(
    uow: UnitOfWork, account: str, epoch: int, *, who: str, why: str, at: datetime
) -> tuple[str, ...]:
    """Clear what stands, in a person's name; return it. Nothing standing changes nothing."""
    last = uow.reconciliations.last(account, epoch)
    if last is None or last.clean:
        return ()
    cleared = replace(
        last,
        report=ReconciliationReport(
            account=account, at=last.report.at, fills_added=0, orders_updated=0
        ),
        foreign=(),
        mismatches=(),
        accepted=_merged(last.accepted, last.foreign),
        cleared_by=who,
        cleared_why=why,
        cleared_at=at,
    )
    uow.reconciliations.put(cleared)
    return last.findings


def survey(desk: TradingDesk, at: datetime) -> Reconciliation:
    """Return what reconciling would find, by asking only: for a dry run."""
    epoch = desk.broker.epoch()
    orders, held = desk.broker.open_orders(), desk.broker.positions()
    foreign = tuple(
        order.request.client_order_id
        for order in orders
        if not order.request.client_order_id.startswith(ORDER_PREFIX)
    )
    waiting = awaited_now(desk, at)
    with desk.store.reading() as uow:
        mismatches = differing_texts(desk, uow, epoch, held, (waiting, at))
        last = uow.reconciliations.last(desk.account, epoch)
    report = ReconciliationReport(
        account=desk.account,
        at=at,
        fills_added=0,
        orders_updated=0,
        foreign=foreign,
        mismatches=tuple(mismatches),
    )
    return _standing(last, epoch, report)


def differing_texts(
    desk: TradingDesk,
    uow: UnitOfWork,
    epoch: int,
    held: Mapping[str, float],
    waiting: tuple[Awaited, datetime],
) -> list[str]:
    """Say where our book and what the broker holds differ, and which splits are overdue there.

    `waiting` are the splits awaited at a moment: a symbol of theirs may differ for a while.
    """
    awaited, at = waiting
    late = overdue(desk, awaited, at)
    patient = {symbol for symbol in awaited if not any(t.startswith(f"{symbol}:") for t in late)}
    positions = uow.positions.all(desk.account, epoch)
    found = differences(positions, held, fractions_left(desk, uow, epoch))
    return [
        *(
            f"{symbol}: our book {ours}, the broker {theirs}"
            for symbol, ours, theirs in found
            if symbol not in patient
        ),
        *late,
    ]


def _standing(
    last: Reconciliation | None, epoch: int, report: ReconciliationReport
) -> Reconciliation:
    if last is None:
        last = Reconciliation(account_epoch=epoch, report=report)
    report = replace(report, at=max(report.at, last.report.at))
    news = tuple(order_id for order_id in report.foreign if order_id not in last.accepted)
    return Reconciliation(
        account_epoch=epoch,
        report=report,
        foreign=_merged(last.foreign, news)[:MOST_FINDINGS],
        mismatches=_merged(last.mismatches, report.mismatches)[:MOST_FINDINGS],
        accepted=last.accepted,
    )


def _merged(known: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))
