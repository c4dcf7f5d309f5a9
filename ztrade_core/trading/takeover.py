"""The writing half of reconciliation: what the broker said is taken over in one transaction.

States only move on: what the broker ended stays ended, an answer that knows less than we do is
passed over. A fill is booked once, for the agent and position of the order in our book; one that is
older than what was booked already has its position booked anew, oldest first. A split is applied before
the first fill of after it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.accounts import ReconciliationReport
from ztrade_core.domain.configuration import StopReference
from ztrade_core.domain.orders import (
    ORDER_PREFIX,
    TERMINAL,
    BrokerOrder,
    Fill,
    Order,
    OrderRequest,
    OrderStatus,
    Role,
)
from ztrade_core.domain.rebasing import Rebasing, on_new_scale
from ztrade_core.logs import get_logger
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.adoption import ADOPTED, Adopted, adopted_order
from ztrade_core.trading.bookkeeping import book_fill, whole_trade, with_levels_from_fill
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.intents import is_held, reserved_usd, too_late_to_send
from ztrade_core.trading.leases import someone_is_at_work
from ztrade_core.trading.rebasing import Rebaser
from ztrade_core.trading.reconciled import differing_texts, keep
from ztrade_core.trading.settling import is_settling

_NEVER_SENT = frozenset({OrderStatus.INTENDED, OrderStatus.SUBMITTING, OrderStatus.UNKNOWN})
log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One question and its answer; `differing` says where positions differed."""

    report: ReconciliationReport
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the broker said: orders by our id, executions, quantities by symbol, splits applied."""

    orders: dict[str, BrokerOrder]
    fills: tuple[Fill, ...]
    held: dict[str, float]
    told: tuple[Rebasing, ...] = ()


class Takeover:
    """One look's transaction. `suspected` None is the first look of two; `adopted` was before it."""

    def __init__(
        self,
        desk: TradingDesk,
        epoch: int,
        at: datetime,
        suspected: tuple[str, ...] | None,
        adopted: Adopted,
    ) -> None:
        self._desk = desk
        self._epoch = epoch
        self._at = at
        self._suspected = suspected
        self._added = 0
        self._updated = len(adopted.order_ids)
        self._adopted = list(adopted.order_ids)
        self._foreign: list[str] = []
        self._mismatches = list(adopted.mismatches)
        self._rebaser = Rebaser(desk, epoch, at, ())

    def nothing(self) -> Look:
        """Store that both books are empty."""
        with self._desk.store.locked() as uow:
            report = self._report()
            keep(uow, self._epoch, report)
        return Look(report=report, differing=())

    def write(self, answer: Answer) -> Look:
        """Take an answer over and store what was found."""
        self._rebaser = Rebaser(self._desk, self._epoch, self._at, answer.told)
        with self._desk.store.locked() as uow:
            for order in answer.orders.values():
                self._take_order(uow, order)
            for fill in answer.fills:
                self._take_fill(uow, fill)
            self._rebaser.follow(uow, answer.held)
            self._end_unsent(uow, answer.orders)
            differing = self._differing(uow, answer.held)
            self._mismatches += [text for text in differing if self._stands(uow, text)]
            report = self._report()
            keep(uow, self._epoch, report)
        if not report.clean or report.adopted or report.rebased:
            log.warning(
                "reconciliation_found",
                account=report.account,
                adopted=report.adopted,
                foreign=report.foreign,
                mismatches=report.mismatches,
                rebased=report.rebased,
            )
        return Look(report=report, differing=tuple(differing))

    def _report(self) -> ReconciliationReport:
        return ReconciliationReport(
            account=self._desk.account,
            at=self._at,
            fills_added=self._added,
            orders_updated=self._updated,
            adopted=tuple(self._adopted),
            foreign=tuple(self._foreign),
            mismatches=tuple(self._mismatches),
            rebased=tuple(self._rebaser.did),
        )

    def _take_order(self, uow: UnitOfWork, theirs: BrokerOrder) -> None:
        client_order_id = theirs.request.client_order_id
        ours = uow.orders.get(client_order_id)
        if ours is None:
            self._adopt(uow, theirs)
            return
        if _is_older_news(ours, theirs):
            return
        if theirs.filled_quantity > max(ours.request.quantity, theirs.request.quantity):
            self._mismatches.append(
                f"order {client_order_id} filled {float(theirs.filled_quantity):g}"
                f" of {float(ours.request.quantity):g}"
            )
        request = ours.request
        if request.role in {Role.STOP, Role.TARGET}:  # a broker shrinks its legs to the position
            request = replace(request, quantity=theirs.request.quantity)
        if request.role is not Role.ENTRY and self._rebaser.is_told:
            request = theirs.request  # what rests at a simulated account goes along with a split
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
        reason = theirs.reason if expected_leg else ADOPTED
        row = adopted_order(self._desk, self._epoch, self._at, theirs, reason=reason)
        uow.orders.insert(row)
        self._updated += 1

    def _take_fill(self, uow: UnitOfWork, fill: Fill) -> None:
        order = uow.orders.get(fill.client_order_id)
        if order is not None:
            fill = _as_in_our_book(fill, order.request)
        is_late = self._is_late(uow, fill)
        if not uow.orders.add_fill(self._desk.account, self._epoch, fill):
            return
        self._added += 1
        if order is None:
            self._mismatches.append(f"fill {fill.fill_id} is of a foreign order")
        elif is_late:
            self._book_anew(uow, fill)
        else:
            self._book(uow, fill, order.request)
        if order is not None and order.broker_order_id is None:
            self._note_executed(uow, order)

    def _note_executed(self, uow: UnitOfWork, order: Order) -> None:
        """Note what executions prove of an order that the broker took and does not show (yet)."""
        position_id = order.request.position_id
        filled = Decimal(0)
        for fill in uow.orders.fills(self._desk.account, self._epoch, position_id=position_id):
            if fill.client_order_id == order.request.client_order_id:
                filled += fill.quantity
        noted = replace(order, filled_quantity=filled, updated_at=self._at)
        if filled >= order.request.quantity:
            noted = replace(noted, status=OrderStatus.FILLED, reserved_usd=0.0)
        uow.orders.update(noted)
        self._updated += 1

    def _is_late(self, uow: UnitOfWork, fill: Fill) -> bool:
        """Return whether a later fill of the position is booked already; an exchange may tell so."""
        if not self._desk.broker.is_external:
            return False
        known = uow.orders.fills(self._desk.account, self._epoch, position_id=fill.position_id)
        return any(other.filled_at > fill.filled_at for other in known)

    def _book_anew(self, uow: UnitOfWork, late: Fill) -> None:
        """Book all fills of a position from the first on, in order of time."""
        account, epoch = self._desk.account, self._epoch
        standing = uow.positions.get(account, epoch, late.agent_id)
        if standing is not None and standing.position_id != late.position_id:
            self._mismatches.append(f"fill {late.fill_id} is of a position before the one held")
            return
        uow.positions.remove(account, epoch, late.agent_id)
        known = uow.orders.fills(account, epoch, position_id=late.position_id)
        rows = uow.rebasings.of_position(account, epoch, late.position_id)
        for fill in sorted(known, key=lambda each: (each.filled_at, each.fill_id)):
            rows = self._rebaser.anew(uow, rows, fill)
            order = uow.orders.get(fill.client_order_id)
            if order is not None:
                self._book(uow, fill, order.request)
        self._rebaser.anew(uow, rows, None)

    def _book(self, uow: UnitOfWork, fill: Fill, request: OrderRequest) -> None:
        account = self._desk.account
        self._rebaser.before(uow, fill)
        position = uow.positions.get(account, self._epoch, fill.agent_id)
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
            rows = uow.rebasings.of_position(account, self._epoch, position_id)
            uow.positions.add_trade(whole_trade(booked.trade, on_new_scale(fills, rows)))

    def _end_unsent(self, uow: UnitOfWork, theirs: dict[str, BrokerOrder]) -> None:
        for order in uow.orders.working(self._desk.account, self._epoch):
            request = order.request
            if order.status not in _NEVER_SENT or request.client_order_id in theirs:
                continue
            if order.filled_quantity > 0:
                continue  # it did reach the broker, which does not show it yet
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

    def _stands(self, uow: UnitOfWork, difference: str) -> bool:
        """Return whether a difference was seen twice, and is not what a fill of moments ago makes."""
        if difference not in (self._suspected or ()):
            return False
        symbol = difference.partition(":")[0]
        return not is_settling(self._desk, uow, self._epoch, symbol, self._at)

    def _differing(self, uow: UnitOfWork, held: dict[str, float]) -> list[str]:
        waiting = self._rebaser.awaited(uow)
        return differing_texts(self._desk, uow, self._epoch, held, (waiting, self._at))


def _is_older_news(ours: Order, theirs: BrokerOrder) -> bool:
    """Return whether we know more than this answer says: another run asked later and wrote first.

    What the broker ended stays ended. An order that we ended because it never reached the broker,
    and that appeared there after all, is news.
    """
    ended_there = ours.status in TERMINAL and ours.broker_order_id is not None
    return theirs.filled_quantity < ours.filled_quantity or (
        ended_there and theirs.status not in TERMINAL
    )


def _as_in_our_book(fill: Fill, request: OrderRequest) -> Fill:
    """Return an execution told of nobody as one of the order's agent."""
    if fill.agent_id:
        return fill
    return replace(
        fill, agent_id=request.agent_id, position_id=request.position_id, role=request.role
    )
