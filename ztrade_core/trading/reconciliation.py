"""Our book against the broker's: fills and states are taken over, differences are reported.

Contract: asks the broker first, then writes one transaction, its report (RULE_015) with it. A failed lookup raises
TransientBrokerError and changes nothing: a question without an answer is never "flat". Orders at
the broker with our prefix that we do not know are adopted; others are foreign and reported. An
intent that never reached the broker ends only when it is too late to send it, or its position is
closed, and nobody holds the agent's lease.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from ztrade_core.domain.accounts import ReconciliationReport
from ztrade_core.domain.configuration import StopReference
from ztrade_core.domain.orders import (
    ORDER_PREFIX,
    TERMINAL,
    BrokerOrder,
    Fill,
    Order,
    OrderStatus,
    Role,
)
from ztrade_core.domain.time import MICROSECOND
from ztrade_core.logs import get_logger
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.bookkeeping import book_fill, whole_trade, with_levels_from_fill
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.intents import is_held, reserved_usd, too_late_to_send
from ztrade_core.trading.leases import someone_is_at_work
from ztrade_core.trading.marking import differences
from ztrade_core.trading.reconciled import difference_text, keep

_NEVER_SENT = frozenset({OrderStatus.INTENDED, OrderStatus.SUBMITTING, OrderStatus.UNKNOWN})
log = get_logger(__name__)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One question and its answer; `differing` says where positions differed."""

    report: ReconciliationReport
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What the broker said: orders by our id, executions, quantities by symbol."""

    orders: dict[str, BrokerOrder]
    fills: tuple[Fill, ...]
    held: dict[str, float]


def _look(
    desk: TradingDesk, epoch: int, at: datetime, *, suspected: tuple[str, ...] | None
) -> _Look:
    with desk.store.reading() as uow:
        working = uow.orders.working(desk.account, epoch)
        positions = uow.positions.all(desk.account, epoch)
        last_known = uow.orders.last_fill_known_at(desk.account, epoch)
    answer = _ask(desk, working, last_known)
    looking = _Reconciliation(desk, epoch, at, suspected)
    if not (working or positions or answer.orders or answer.fills or answer.held):
        return looking.nothing()
    return looking.write(answer)


def _ask(desk: TradingDesk, working: list[Order], last_known: datetime | None) -> _Answer:
    theirs = {order.request.client_order_id: order for order in desk.broker.open_orders()}
    for order in working:
        _find(desk, theirs, order.request.client_order_id)
    after = None if last_known is None else last_known - MICROSECOND
    fills = desk.broker.fills(after=after)
    for client_order_id in dict.fromkeys(fill.client_order_id for fill in fills):
        _find(desk, theirs, client_order_id)
    return _Answer(orders=theirs, fills=fills, held=desk.broker.positions())


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
    )


class _Reconciliation:
    """The writing half, in one transaction. `suspected` None is the first look of two."""

    def __init__(
        self, desk: TradingDesk, epoch: int, at: datetime, suspected: tuple[str, ...] | None
    ) -> None:
        self._desk = desk
        self._epoch = epoch
        self._at = at
        self._suspected = suspected
        self._added = 0
        self._updated = 0
        self._adopted: list[str] = []
        self._foreign: list[str] = []
        self._mismatches: list[str] = []

    def nothing(self) -> _Look:
        """Store that both books are empty."""
        with self._desk.store.locked() as uow:
            report = self._report()
            keep(uow, self._epoch, report)
        return _Look(report=report, differing=())

    def write(self, answer: _Answer) -> _Look:
        with self._desk.store.locked() as uow:
            for order in answer.orders.values():
                self._take_order(uow, order)
            for fill in answer.fills:
                self._take_fill(uow, fill)
            self._end_unsent(uow, answer.orders)
            differing = self._differing(uow, answer.held)
            self._mismatches += [text for text in differing if text in (self._suspected or ())]
            report = self._report()
            keep(uow, self._epoch, report)
        if not report.clean or report.adopted:
            log.warning(
                "reconciliation_found",
                account=report.account,
                adopted=report.adopted,
                foreign=report.foreign,
                mismatches=report.mismatches,
            )
        return _Look(report=report, differing=tuple(differing))

    def _report(self) -> ReconciliationReport:
        return ReconciliationReport(
            account=self._desk.account,
            at=self._at,
            fills_added=self._added,
            orders_updated=self._updated,
            adopted=tuple(self._adopted),
            foreign=tuple(self._foreign),
            mismatches=tuple(self._mismatches),
        )

    def _take_order(self, uow: UnitOfWork, theirs: BrokerOrder) -> None:
        client_order_id = theirs.request.client_order_id
        ours = uow.orders.get(client_order_id)
        if ours is None:
            self._adopt(uow, theirs)
            return
        if _is_older_news(ours, theirs):
            return
        request = ours.request
        if request.role in {Role.STOP, Role.TARGET}:  # a broker shrinks its legs to the position
            request = replace(request, quantity=theirs.request.quantity)
        changed = replace(
            ours,
            request=request,
            status=theirs.status,
            broker_order_id=theirs.broker_order_id,
            filled_quantity=theirs.filled_quantity,
            reserved_usd=reserved_usd(self._desk, theirs),
            reason=theirs.reason or ours.reason,
        )
        if changed != ours:
            uow.orders.update(replace(changed, updated_at=self._at))
            self._updated += 1

    def _adopt(self, uow: UnitOfWork, theirs: BrokerOrder) -> None:
        request = theirs.request
        if not request.client_order_id.startswith(ORDER_PREFIX):
            self._foreign.append(request.client_order_id)
            return
        expected_leg = request.role in {Role.STOP, Role.TARGET} and bool(
            uow.orders.of_position(request.position_id)
        )
        if not expected_leg:
            self._adopted.append(request.client_order_id)
        uow.orders.insert(
            Order(
                request=request,
                account=self._desk.account,
                account_epoch=self._epoch,
                decision_id=None,
                status=theirs.status,
                created_at=self._at,
                updated_at=self._at,
                reserved_usd=reserved_usd(self._desk, theirs),
                broker_order_id=theirs.broker_order_id,
                filled_quantity=theirs.filled_quantity,
                reason=theirs.reason if expected_leg else "adopted from the broker",
            )
        )
        self._updated += 1

    def _take_fill(self, uow: UnitOfWork, fill: Fill) -> None:
        if not uow.orders.add_fill(self._desk.account, self._epoch, fill):
            return
        self._added += 1
        order = uow.orders.get(fill.client_order_id)
        if order is None:
            self._mismatches.append(f"fill {fill.fill_id} is of a foreign order")
            return
        self._book(uow, fill, order)

    def _book(self, uow: UnitOfWork, fill: Fill, order: Order) -> None:
        account = self._desk.account
        position = uow.positions.get(account, self._epoch, fill.agent_id)
        request = order.request
        if self._desk.company.broker.costs.stop_reference is StopReference.FILL:
            request = with_levels_from_fill(request, fill)
        try:
            booked = book_fill(account, self._epoch, position, fill, request)
        except ValueError as error:
            self._mismatches.append(str(error))
            return
        if booked.position is None:
            uow.positions.remove(account, self._epoch, fill.agent_id)
        else:
            uow.positions.put(booked.position)
        if booked.trade is not None:
            position_id = booked.trade.position_id
            fills = uow.orders.fills(account, self._epoch, position_id=position_id)
            uow.positions.add_trade(whole_trade(booked.trade, fills))

    def _end_unsent(self, uow: UnitOfWork, theirs: dict[str, BrokerOrder]) -> None:
        for order in uow.orders.working(self._desk.account, self._epoch):
            request = order.request
            if order.status not in _NEVER_SENT or request.client_order_id in theirs:
                continue
            if someone_is_at_work(self._desk, uow, request.agent_id):
                continue
            if too_late_to_send(self._desk, order, self._at):
                self._end(uow, order, OrderStatus.EXPIRED, "its bar has passed")
            elif request.role is not Role.ENTRY and not is_held(uow, order):
                self._end(uow, order, OrderStatus.CANCELED, "its position is closed")

    def _end(self, uow: UnitOfWork, order: Order, status: OrderStatus, why: str) -> None:
        reason = f"never reached the broker, and {why}"
        ended = replace(order, status=status, reserved_usd=0.0, updated_at=self._at, reason=reason)
        uow.orders.update(ended)
        self._updated += 1

    def _differing(self, uow: UnitOfWork, held: dict[str, float]) -> list[str]:
        positions = uow.positions.all(self._desk.account, self._epoch)
        return [difference_text(*each) for each in differences(positions, held)]


def _is_older_news(ours: Order, theirs: BrokerOrder) -> bool:
    """Return whether we know more than this answer says: another run asked later and wrote first.

    What the broker ended stays ended. An order that we ended because it never reached the broker,
    and that appeared there after all, is news.
    """
    ended_there = ours.status in TERMINAL and ours.broker_order_id is not None
    return theirs.filled_quantity < ours.filled_quantity or (
        ended_there and theirs.status not in TERMINAL
    )
