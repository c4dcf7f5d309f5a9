"""The watch: what looks after the account between cycles, every few seconds.

Cheap when there is nothing to look after: two reads of our own book. Else it reconciles, mends
stops and, while a halt stands, cancels the open entries that the halt is about. An exchange moves by
itself: there it reconciles once a minute even so. It asks no mind and no vendor, and moves no
simulated time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ztrade_core.domain.accounts import ReconciliationReport
from ztrade_core.domain.orders import Order, OrderStatus, Role
from ztrade_core.errors import LeaseLostError
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.leases import release_leases
from ztrade_core.trading.override import cancel_halted
from ztrade_core.trading.plan import within
from ztrade_core.trading.protected import Protection
from ztrade_core.trading.protection import protect
from ztrade_core.trading.reconciliation import reconcile

BETWEEN_LOOKS = timedelta(minutes=1)
IDLE = "no position and no working order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the watch saw and did. `did` names each thing that a person should find recorded."""

    idle: bool
    did: tuple[str, ...]
    note: str


def watch(desk: TradingDesk, at: datetime, *, holder: str) -> Watched:
    """Look after the account once. Raises TransientBrokerError when the broker cannot be asked."""
    epoch = desk.broker.epoch()
    held, working, due = _to_look_after(desk, epoch, at)
    if not (held or working or due):
        return Watched(idle=True, did=(), note=IDLE)
    report = reconcile(desk, at)
    if due:
        held, working, _ = _to_look_after(desk, epoch, at)
        if not (held or working):
            return Watched(idle=True, did=_found(report), note=f"{IDLE}; reconciled")
    canceled = cancel_halted(desk, at) if any(_may_enter(order) for order in working) else ()
    try:
        protection = protect(desk, at, holder=holder)
    except LeaseLostError as error:
        return Watched(idle=False, did=(*_found(report), *canceled), note=str(error))
    finally:
        release_leases(desk, holder=holder)
    note = f"{held} positions and {len(working)} working orders are looked after"
    did = (*_found(report), *canceled, *_mended(protection))
    return Watched(idle=False, did=did, note=note)


def _to_look_after(desk: TradingDesk, epoch: int, at: datetime) -> tuple[int, list[Order], bool]:
    """Return how much is held, what works, and whether a look at an exchange is due."""
    with desk.store.reading() as uow:
        held = len(uow.positions.all(desk.account, epoch))
        working = uow.orders.working(desk.account, epoch)
        last = uow.reconciliations.last(desk.account, epoch)
    fresh = last is not None and within(at - last.report.at, BETWEEN_LOOKS)
    return held, working, desk.broker.is_external and not fresh


def _may_enter(order: Order) -> bool:
    return order.request.role is Role.ENTRY and order.status is not OrderStatus.INTENDED


def _found(report: ReconciliationReport) -> tuple[str, ...]:
    found = [f"adopted {order_id}" for order_id in report.adopted]
    found += [f"foreign order {order_id}" for order_id in report.foreign]
    found += list(report.mismatches)
    found += list(report.rebased)
    if report.fills_added:
        found.append(f"{report.fills_added} fills taken over")
    return tuple(found)


def _mended(protection: Protection) -> tuple[str, ...]:
    return (
        *(f"stop armed: {text}" for text in protection.armed),
        *(f"flattened: {text}" for text in protection.flattened),
        *(f"ended: {text}" for text in protection.ended),
        *(f"not mended: {text}" for text in protection.failed),
    )
