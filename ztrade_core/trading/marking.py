"""Marking the account: equity now, the day's base at 00:00 New York, the peak, the book.

Equity = cash + sum(quantity x mark), added in order of agent id. A missing mark makes the equity
None, and rules deny on it. So does a book that is behind the broker's: its cash and our positions
do not belong together then, and a breaker would trip on the difference.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.accounts import Reconciliation, StoredPosition
from ztrade_core.domain.book import AccountSnapshot, AgentRecord, Book, OpenEntry, Position
from ztrade_core.domain.instruments import GRID_TOLERANCE, instrument_of
from ztrade_core.domain.orders import AT_BROKER, Order, Role
from ztrade_core.domain.time import new_york_date, new_york_midnight
from ztrade_core.ports.market import MarketView
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.awaiting import awaited_now, book_scale
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.failures import failures_in_a_row, last_pardon
from ztrade_core.trading.rebasing import fractions_left


def marks_of(
    desk: TradingDesk, view: MarketView, *, until: datetime | None = None
) -> dict[str, float]:
    """Return the last complete close by symbol; symbols without bars are absent.

    While a split is awaited at an exchange the mark is on the scale of our book.
    """
    waiting, marks = awaited_now(desk, view.as_of), {}
    factors = book_scale(desk, view, waiting, until=until)
    for agent in desk.company.agents:
        mark = view.mark(agent.symbol, agent.timeframe, until=until)
        if mark is not None:
            marks[agent.symbol] = mark * factors.get(agent.symbol, 1.0)
    return marks


def equity_of(
    cash: float, positions: list[StoredPosition], marks: Mapping[str, float]
) -> float | None:
    """Return cash plus the marked positions; None when a mark is missing."""
    equity = cash
    for position in positions:
        mark = marks.get(position.symbol)
        if mark is None:
            return None
        equity = equity + float(position.quantity) * mark
    return equity


def gross_exposure_of(positions: list[StoredPosition], marks: Mapping[str, float]) -> float:
    """Return the sum of marked positions; a missing mark falls back to the average price."""
    exposure = 0.0
    for position in positions:
        mark = marks.get(position.symbol, position.average_price)
        exposure = exposure + float(position.quantity) * mark
    return exposure


def differences(
    positions: list[StoredPosition],
    held: Mapping[str, float],
    fractions: Mapping[str, float] | None = None,
) -> list[tuple[str, float, float]]:
    """Return (symbol, our quantity, the broker's) where they differ by half a lot or more.

    `fractions` is what splits may have left of a share at the broker beyond ours.
    """
    left = fractions or {}
    ours: dict[str, float] = {}
    for position in positions:
        ours[position.symbol] = ours.get(position.symbol, 0.0) + float(position.quantity)
    found = []
    for symbol in sorted(ours.keys() | held.keys()):
        half_lot = 0.5 / instrument_of(symbol).lots_per_unit
        mine, theirs = ours.get(symbol, 0.0), held.get(symbol, 0.0)
        is_left_over = mine <= theirs <= mine + left.get(symbol, 0.0) + GRID_TOLERANCE
        if not abs(mine - theirs) < half_lot and not is_left_over:
            found.append((symbol, mine, theirs))
    return found


def agrees(
    positions: list[StoredPosition],
    held: Mapping[str, float],
    fractions: Mapping[str, float] | None = None,
) -> bool:
    """Return whether our book holds what the broker holds."""
    return not differences(positions, held, fractions)


def cash_and_held(desk: TradingDesk) -> tuple[float, dict[str, float]]:
    """Return the broker's cash and holdings of one moment: a fill in between is asked again."""
    cash = desk.broker.cash()
    while True:
        held = desk.broker.positions()
        still = desk.broker.cash()
        if still == cash:
            return cash, held
        cash = still


def has_day_base(desk: TradingDesk, at: datetime) -> bool:
    """Return whether the equity at the last 00:00 New York is stored."""
    midnight = new_york_midnight(new_york_date(at))
    epoch = desk.broker.epoch()
    with desk.store.reading() as uow:
        return bool(uow.accounts.snapshots(desk.account, epoch, kind="day_base", since=midnight))


def store_mark(
    desk: TradingDesk, at: datetime, kind: str, marks: Mapping[str, float]
) -> AccountSnapshot | None:
    """Store equity, cash and exposure at `at`; return it, or None when a mark is missing."""
    epoch = desk.broker.epoch()
    cash, held = cash_and_held(desk)
    with desk.store.locked() as uow:
        positions = uow.positions.all(desk.account, epoch)
        settled = agrees(positions, held, fractions_left(desk, uow, epoch))
        equity = equity_of(cash, positions, marks) if settled else None
        if equity is None:
            return None
        last = uow.accounts.last_snapshot(desk.account, epoch)
        peak = equity if last is None or kind == "resume" else max(last.peak_equity, equity)
        snapshot = AccountSnapshot(
            account=desk.account,
            account_epoch=epoch,
            at=at,
            kind=kind,
            equity=equity,
            cash=cash,
            gross_exposure=gross_exposure_of(positions, marks),
            peak_equity=peak,
        )
        uow.accounts.add_snapshot(snapshot)
        return snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What was asked of broker and market before a transaction begins.

    `base_marks` are the marks at the day's base, on a dry run only: it may be the first of a day, or
    of an account, and stores neither base nor peak. So is `survey`: a dry run reconciles nothing.
    """

    epoch: int
    cash: float
    held: Mapping[str, float]
    marks: Mapping[str, float]
    at: datetime
    base_marks: Mapping[str, float] | None = None
    survey: Reconciliation | None = None


def account_facts(desk: TradingDesk, view: MarketView) -> AccountFacts:
    """Ask broker and market for what the book needs, as of the view."""
    cash, held = cash_and_held(desk)
    return AccountFacts(
        epoch=desk.broker.epoch(),
        cash=cash,
        held=held,
        marks=marks_of(desk, view),
        at=view.as_of,
    )


def build_book(desk: TradingDesk, uow: UnitOfWork, facts: AccountFacts) -> Book:
    """Return the book the rules judge, read inside the caller's transaction."""
    account, epoch = desk.account, facts.epoch
    positions = uow.positions.all(account, epoch)
    working = uow.orders.working(account, epoch)
    last = uow.accounts.last_snapshot(account, epoch)
    base, peak = (
        _day_base(uow, account, epoch, facts.at),
        None if last is None else last.peak_equity,
    )
    settled = agrees(positions, facts.held, fractions_left(desk, uow, epoch))
    equity = equity_of(facts.cash, positions, facts.marks) if settled else None
    if facts.base_marks is not None and equity is not None:
        base = equity_of(facts.cash, positions, facts.base_marks) if base is None else base
        peak = equity if peak is None else peak
    return Book(
        account=account,
        account_epoch=epoch,
        equity=equity,
        cash=facts.cash,
        day_base_equity=base,
        peak_equity=peak,
        positions=tuple(_position(p, facts.marks, working) for p in positions),
        open_entries=tuple(
            OpenEntry(
                client_order_id=order.request.client_order_id,
                agent_id=order.request.agent_id,
                symbol=order.request.symbol,
                reserved_usd=_still_reserved(order),
            )
            for order in working
            if order.request.role is Role.ENTRY
        ),
        records=tuple(
            _record(uow, facts, account, agent.agent_id) for agent in desk.company.agents
        ),
        halts=tuple(uow.halts.standing(account)),
    )


def _still_reserved(order: Order) -> float:
    """Return the worst cost of what is left to fill: what is filled counts as a position."""
    if not order.filled_quantity:
        return order.reserved_usd
    left = order.request.quantity - order.filled_quantity
    return order.reserved_usd * (float(left) / float(order.request.quantity))


def _day_base(uow: UnitOfWork, account: str, epoch: int, at: datetime) -> float | None:
    midnight = new_york_midnight(new_york_date(at))
    marked = uow.accounts.snapshots(account, epoch, kind="day_base", since=midnight)
    resumed = uow.accounts.snapshots(account, epoch, kind="resume", since=midnight)
    if resumed:
        return resumed[-1].equity
    return marked[0].equity if marked else None  # of two runs' marks the earlier


def _position(stored: StoredPosition, marks: Mapping[str, float], working: list[Order]) -> Position:
    protected = Decimal(0)
    for order in working:
        request = order.request
        if (
            request.role is Role.STOP
            and request.position_id == stored.position_id
            and order.status in AT_BROKER
        ):
            protected += request.quantity - order.filled_quantity
    return Position(
        agent_id=stored.agent_id,
        symbol=stored.symbol,
        position_id=stored.position_id,
        quantity=float(stored.quantity),
        average_price=stored.average_price,
        mark=marks.get(stored.symbol, math.nan),
        opened_at=stored.opened_at,
        stop_price=None if stored.stop_price is None else float(stored.stop_price),
        target_price=None if stored.target_price is None else float(stored.target_price),
        protected_quantity=float(protected),
    )


def _record(uow: UnitOfWork, facts: AccountFacts, account: str, agent_id: str) -> AgentRecord:
    midnight = new_york_midnight(new_york_date(facts.at))
    return AgentRecord(
        agent_id=agent_id,
        trades_today=uow.orders.entries_since(account, facts.epoch, agent_id, midnight),
        consecutive_losses=_losing_streak(uow, account, facts.epoch, agent_id),
        failures_in_a_row=failures_in_a_row(uow, account, facts.epoch, agent_id),
    )


def _losing_streak(uow: UnitOfWork, account: str, epoch: int, agent_id: str) -> int:
    trades = uow.positions.trades(account, epoch, agent_id)
    if not trades or trades[-1].pnl_usd >= 0.0:
        return 0
    forgiven = last_pardon(uow, account, agent_id)
    streak = 0
    for trade in reversed(trades):
        if trade.pnl_usd >= 0.0 or (forgiven is not None and trade.closed_at <= forgiven):
            break
        streak += 1
    return streak
