"""Our book against the broker's: fills and states are taken over, differences are reported.

Contract: asks the broker first, then writes one transaction, its report (RULE_015) with it. A failed lookup raises
TransientBrokerError and changes nothing: a question without an answer is never "flat". Orders at
the broker with our prefix that we do not know are adopted (`adoption`); others are foreign and
reported. An intent that never reached the broker ends only when it is too late to send it, or its
position is closed, and nobody holds the agent's lease. The writing half is `takeover`.
"""

from dataclasses import replace
from datetime import datetime

from ztrade_core.domain.accounts import ReconciliationReport
from ztrade_core.domain.orders import BrokerOrder, Fill, Order
from ztrade_core.domain.time import MICROSECOND
from ztrade_core.trading.adoption import adopt_unattributed
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.takeover import Answer, Look, Takeover


def reconcile(desk: TradingDesk, at: datetime) -> ReconciliationReport:
    """Bring our book to what the broker says; store and return what was found and done.

    Positions that differ are asked for twice: between two questions, and between the answer and the
    write, another run may have taken a fill over. Only what differs both times is a mismatch.
    """
    epoch = desk.broker.epoch()
    first = _look(desk, epoch, at, suspected=None)
    if not first.differing:
        return first.report
    second = _look(desk, epoch, at, suspected=first.differing)
    return _together(first.report, second.report)


def _look(
    desk: TradingDesk, epoch: int, at: datetime, *, suspected: tuple[str, ...] | None
) -> Look:
    with desk.store.reading() as uow:
        working = uow.orders.working(desk.account, epoch)
        positions = uow.positions.all(desk.account, epoch)
        last_known = uow.orders.last_fill_known_at(desk.account, epoch)
    answer = _ask(desk, epoch, working, last_known)
    adopted = adopt_unattributed(desk, epoch, at, answer.orders)
    if adopted.order_ids:  # the broker completes legs and fills from our book: it knows more now
        answer = _ask(desk, epoch, working, last_known)
    looking = Takeover(desk, epoch, at, suspected, adopted)
    if not (working or positions or answer.orders or answer.fills or answer.held):
        return looking.nothing()
    return looking.write(answer)


def _ask(
    desk: TradingDesk, epoch: int, working: list[Order], last_known: datetime | None
) -> Answer:
    theirs = {order.request.client_order_id: order for order in desk.broker.open_orders()}
    for order in working:
        _find(desk, theirs, order.request.client_order_id)
    after = None if last_known is None else last_known - MICROSECOND
    fills = desk.broker.fills(after=after)
    new = _new_fills(desk, epoch, fills)
    for client_order_id in dict.fromkeys(fill.client_order_id for fill in new):
        _find(desk, theirs, client_order_id)
    told = () if desk.splits is None else desk.broker.rebasings()
    return Answer(orders=theirs, fills=fills, held=desk.broker.positions(), told=told)


def _new_fills(desk: TradingDesk, epoch: int, fills: tuple[Fill, ...]) -> list[Fill]:
    """Return the executions that our book has not: a broker tells late ones by telling many again."""
    if not fills:
        return []
    with desk.store.reading() as uow:
        known = {
            stored.fill_id
            for position_id in dict.fromkeys(fill.position_id for fill in fills)
            for stored in uow.orders.fills(desk.account, epoch, position_id=position_id)
        }
    return [fill for fill in fills if fill.fill_id not in known]


def _find(desk: TradingDesk, theirs: dict[str, BrokerOrder], client_order_id: str) -> None:
    if client_order_id not in theirs:
        found = desk.broker.order_by_client_id(client_order_id)
        if found is not None:
            theirs[client_order_id] = found


def _together(first: ReconciliationReport, second: ReconciliationReport) -> ReconciliationReport:
    return replace(
        second,
        fills_added=first.fills_added + second.fills_added,
        orders_updated=first.orders_updated + second.orders_updated,
        adopted=(*first.adopted, *second.adopted),
        mismatches=(*first.mismatches, *second.mismatches),
        rebased=(*first.rebased, *second.rebased),
    )
