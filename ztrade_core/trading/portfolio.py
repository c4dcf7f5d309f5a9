"""The company's portfolio on one account: reconciled, protected, marked and judged.

`take_stock` asks the broker and writes what it learns, as every cycle does before it decides; it
decides nothing and asks no vendor. `book_mark` tells whether an account's book changed between two looks.
"""

from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.accounts import ReconciliationReport, StoredPosition
from ztrade_core.domain.book import AccountSnapshot, Book
from ztrade_core.domain.canonical import canonical_json, sha256_hex
from ztrade_core.domain.chain import ChainFault, ChainHead
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.orders import Order
from ztrade_core.errors import LeaseLostError, TransientBrokerError
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.risk.arithmetic import fraction_of, gross_value, is_covered, within
from ztrade_core.risk.breakers import breaker_trips, daily_loss_of, drawdown_of
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.judging import chain_status
from ztrade_core.trading.leases import release_leases
from ztrade_core.trading.marking import account_facts, build_book
from ztrade_core.trading.observation import bring_up_to
from ztrade_core.trading.protected import Protection
from ztrade_core.trading.protection import protect


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """An account at one moment. Fractions are NaN where a number they need is missing.

    `curve` holds the account's marks in order of time. `breaches` says which limits the standing
    book is over; it is empty within them.
    """

    account: str
    account_epoch: int
    at: datetime
    book: Book
    gross_exposure_usd: float
    gross_exposure_fraction: float
    day_loss_fraction: float
    drawdown_fraction: float
    working: tuple[Order, ...]
    curve: tuple[AccountSnapshot, ...]
    head: ChainHead
    chain_fault: ChainFault | None
    breaches: tuple[str, ...]
    unprotected: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """A portfolio, and what was found and mended while looking."""

    portfolio: Portfolio
    reconciliation: ReconciliationReport
    protection: Protection


def take_stock(desk: TradingDesk, at: datetime, *, holder: str) -> Stock:
    """Play, reconcile, protect, mark, and return the portfolio. Raises TransientBrokerError."""
    report = bring_up_to(desk, desk.market.view(at))
    try:
        protection = protect(desk, at, holder=holder)
    except (LeaseLostError, TransientBrokerError) as error:
        protection = Protection(checked=0, failed=(str(error),))
    finally:
        release_leases(desk, holder=holder)
    return Stock(portfolio=portfolio_of(desk, at), reconciliation=report, protection=protection)


def portfolio_of(desk: TradingDesk, at: datetime) -> Portfolio:
    """Return the account as the book has it; writes nothing."""
    facts = account_facts(desk, desk.market.view(at))
    with desk.store.reading() as uow:
        book = build_book(desk, uow, facts)
        working = tuple(uow.orders.working(desk.account, facts.epoch))
        curve = tuple(uow.accounts.snapshots(desk.account, facts.epoch))
        head, fault = uow.ledger.head(), chain_status(uow).fault
    gross = 0.0
    for position in book.positions:
        gross = gross + gross_value(position.quantity, position.mark)
    share = fraction_of(gross, book.total_capital or 0.0)
    return Portfolio(
        account=desk.account,
        account_epoch=facts.epoch,
        at=at,
        book=book,
        gross_exposure_usd=gross,
        gross_exposure_fraction=share,
        day_loss_fraction=daily_loss_of(book),
        drawdown_fraction=drawdown_of(book),
        working=working,
        curve=curve,
        head=head,
        chain_fault=fault,
        breaches=_breaches(desk, book, share),
        unprotected=_unprotected(book),
    )


def _breaches(desk: TradingDesk, book: Book, gross_share: float) -> tuple[str, ...]:
    limit = desk.company.risk.max_gross_exposure_fraction
    found = [trip.message for trip in breaker_trips(desk.company, book)]
    if limit is not None and book.positions and not within(gross_share, limit):
        found.append(
            f"gross exposure is {gross_share:.2%} of total capital; the limit is {limit:.2%}"
        )
    return tuple(found)


def _unprotected(book: Book) -> tuple[str, ...]:
    return tuple(
        f"{p.agent_id} {p.symbol}: stops cover {p.protected_quantity:g} of {p.quantity:g}"
        for p in book.positions
        if not is_covered(p.protected_quantity, p.quantity, instrument_of(p.symbol).lots_per_unit)
    )


def book_mark(desk: TradingDesk) -> str:
    """Return a digest of positions, working orders and executions: it changes when they do."""
    epoch = desk.broker.epoch()
    with desk.store.reading() as uow:
        content = {
            "epoch": epoch,
            "positions": [_position_mark(p) for p in uow.positions.all(desk.account, epoch)],
            "working": _working_marks(desk.account, epoch, uow),
            "last_fill": uow.orders.last_fill_known_at(desk.account, epoch),
        }
    return sha256_hex(canonical_json(content))


def _position_mark(position: StoredPosition) -> list[object]:
    return [position.agent_id, position.position_id, position.quantity]


def _working_marks(account: str, epoch: int, uow: UnitOfWork) -> list[list[object]]:
    working = uow.orders.working(account, epoch)
    return [[order.request.client_order_id, order.filled_quantity] for order in working]
