"""A person's hand: halt, resume, flatten. Each records who and why, and works on its own.

A halt stops entries and cancels open ones; exits and stops go on. A resume lifts halts and stores
new baselines (peak, streak, day base). Flatten halts first, then sells every position; it needs
neither model, vendor, web page nor daemon: only the store and the broker.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.accounts import StoredPosition
from ztrade_core.domain.book import Halt
from ztrade_core.domain.canonical import sha256_hex
from ztrade_core.domain.orders import AT_BROKER, TERMINAL, Order, OrderStatus, Role
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import BrokerError, InputError, LeaseLostError
from ztrade_core.logs import get_logger
from ztrade_core.trading.correction import accept_sales
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.exchange import push
from ztrade_core.trading.guard import Guard
from ztrade_core.trading.intents import sellable
from ztrade_core.trading.leases import release_leases, release_strangers
from ztrade_core.trading.marking import marks_of, store_mark
from ztrade_core.trading.protection import protect
from ztrade_core.trading.reconciled import clear
from ztrade_core.trading.reconciliation import reconcile
from ztrade_core.trading.submission import NOTHING_TO_SELL

MANUAL_KIND = "manual"
log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overridden:
    """What an override did; `failed` names what the broker would not do, and why.

    `cleared` is what stood against our book since a reconciliation, and does no more (RULE_015), and
    what a person had sold past us.
    """

    account: str
    halts: tuple[Halt, ...] = ()
    canceled: tuple[str, ...] = ()
    sold: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()


def halt(
    desk: TradingDesk, *, who: str, why: str, at: datetime, agent_id: str | None = None
) -> Overridden:
    """Stop entries of an agent, or of the company, until a person resumes."""
    _require_reason(who, why)
    _require_known(desk, agent_id)
    with desk.store.locked() as uow:
        number = len(uow.halts.history(desk.account))
        text = f"{desk.account}|{agent_id}|{MANUAL_KIND}|{iso_z(at)}|{number}"
        standing = Halt(
            halt_id="halt-" + sha256_hex(text)[:16],
            agent_id=agent_id,
            kind=MANUAL_KIND,
            who=who,
            why=why,
            since=at,
        )
        uow.halts.add(desk.account, standing)
        halts = tuple(uow.halts.standing(desk.account))
    canceled, failed = cancel_entries(desk, at, agent_id=agent_id)
    log.warning("halted", account=desk.account, agent_id=agent_id, who=who, why=why)
    return Overridden(account=desk.account, halts=halts, canceled=canceled, failed=failed)


def resume(
    desk: TradingDesk, *, who: str, why: str, at: datetime, agent_id: str | None = None
) -> Overridden:
    """Store new baselines, then lift the halts of an agent, or every halt that stands now.

    Resuming the company also clears what reconciling found against our book, and accepts what a
    person sold at the exchange. A resume that fails lifts nothing: the broker is asked first.
    """
    _require_reason(who, why)
    _require_known(desk, agent_id)
    epoch = desk.broker.epoch()
    with desk.store.reading() as uow:
        lifted = [
            each
            for each in uow.halts.standing(desk.account)
            if agent_id is None or each.agent_id == agent_id
        ]
    sales = () if agent_id is not None else accept_sales(desk, who=who, why=why, at=at)
    if any(each.agent_id is None for each in lifted):
        store_mark(desk, at, "resume", marks_of(desk, desk.market.view(at)))
    cleared: tuple[str, ...] = ()
    with desk.store.locked() as uow:
        for each in lifted:
            uow.halts.lift(desk.account, each.halt_id, who=who, why=why, at=at)
        if agent_id is None:
            cleared = clear(uow, desk.account, epoch, who=who, why=why, at=at)
    log.warning("resumed", account=desk.account, agent_id=agent_id, who=who, why=why)
    return Overridden(account=desk.account, halts=tuple(lifted), cleared=(*sales, *cleared))


def flatten(
    desk: TradingDesk, *, who: str, why: str, at: datetime, agent_id: str | None = None
) -> Overridden:
    """Halt, then sell every position (of one agent, or of all) at market; protect what stays.

    The halt stands whatever the broker says; one that does not answer sells nothing, which is told.
    """
    _require_reason(who, why)
    halted = halt(desk, who=who, why=f"flatten: {why}", at=at, agent_id=agent_id)
    try:
        epoch = desk.broker.epoch()
    except BrokerError as error:
        told = f"halted, but nothing could be sold: {error}"
        return replace(halted, failed=(*halted.failed, told))
    failed = [*halted.failed, *_reconciled(desk, at)]
    with desk.store.reading() as uow:
        positions = [
            p
            for p in uow.positions.all(desk.account, epoch)
            if agent_id is None or p.agent_id == agent_id
        ]
        working = uow.orders.working(desk.account, epoch)
        legs = {p.position_id: uow.orders.of_position(p.position_id) for p in positions}
    sold: list[str] = []
    holder, held = f"flatten by {who}", _broker_holds(desk)
    for position in positions:
        failed += _pushed(desk, position, working)
        guard = Guard(desk, position, legs[position.position_id], at, holder)
        done, text = _sell(guard, position, working, held)
        (sold if done else failed).append(f"{position.symbol}: {text}")
    failed += _covered(desk, at, holder, sold, bad=bool(failed))
    release_leases(desk, holder=holder)
    release_strangers(desk, positions, holder=holder)
    return Overridden(
        account=desk.account,
        halts=halted.halts,
        canceled=halted.canceled,
        sold=tuple(sold),
        failed=tuple(failed),
    )


def _covered(
    desk: TradingDesk, at: datetime, holder: str, sold: list[str], *, bad: bool
) -> list[str]:
    """Sell or cover at an exchange what a failed sale (`bad`) has freed; return what failed.

    No daemon may be there to do it.
    """
    if not desk.broker.is_external:
        return []
    failed = _reconciled(desk, at)
    try:
        found = protect(desk, at, holder=holder)
    except (BrokerError, LeaseLostError) as error:
        return [*failed, f"protection: {error}"]
    sold += found.flattened
    return [*failed, *found.failed, *(f"a stop was placed: {text}" for text in found.armed if bad)]


def _broker_holds(desk: TradingDesk) -> Mapping[str, float] | None:
    """Return what an exchange holds; None where our book alone tells, or the question failed."""
    if not desk.broker.is_external:
        return None
    try:
        return desk.broker.positions()
    except BrokerError as error:
        log.warning("positions_unknown", error=str(error))
        return None


def _pushed(desk: TradingDesk, position: StoredPosition, working: list[Order]) -> list[str]:
    """Move the exits that rest at an exchange to the market; return what failed."""
    if not desk.broker.is_external:
        return []
    leaving = [order for order in working if _is_exit_of(order, position.position_id)]
    return [failure for failure in (push(desk, order.request) for order in leaving) if failure]


def _sell(
    guard: Guard,
    position: StoredPosition,
    working: list[Order],
    held: Mapping[str, float] | None,
) -> tuple[bool, str]:
    """Sell what no exit sells yet; return whether the broker has it, and what happened."""
    leaving = [order for order in working if _is_exit_of(order, position.position_id)]
    quantity = position.quantity
    if held is not None:
        quantity = sellable(position.symbol, quantity, held)
    left = quantity - sum((_unfilled(order) for order in leaving), Decimal(0))
    told = [f"{order.request.client_order_id} works already" for order in leaving]
    told += [] if quantity > 0 else ["the broker holds nothing of it any more"]
    while left > 0:
        try:
            sent = guard.flatten(left)
        except (LeaseLostError, BrokerError) as error:
            return False, "; ".join([*told, str(error)])
        told.append(f"{sent.order.request.client_order_id} {sent.message}")
        if sent.message == NOTHING_TO_SELL:
            break
        if sent.order.broker_order_id is None or sent.order.status is OrderStatus.REJECTED:
            return False, "; ".join(told)
        left -= sent.order.request.quantity  # an exit that was never sent may sell only a part
    return True, "; ".join(told)


def _is_exit_of(order: Order, position_id: str) -> bool:
    request = order.request
    return (
        request.role is Role.EXIT
        and request.position_id == position_id
        and order.status in AT_BROKER
    )


def _unfilled(order: Order) -> Decimal:
    return order.request.quantity - order.filled_quantity


def cancel_entries(
    desk: TradingDesk, at: datetime, *, agent_id: str | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Cancel open entries at the broker; return the ids cancelled, and what failed or had filled.

    An entry that was never sent needs no cancelling: `submit` refuses it while the halt stands.
    """
    try:
        epoch = desk.broker.epoch()
    except BrokerError as error:
        return (), (f"open entries could not be looked for: {error}",)
    with desk.store.reading() as uow:
        working = uow.orders.working(desk.account, epoch)
    canceled, failed, ended = [], [], []
    for order in working:
        request = order.request
        entry = request.role is Role.ENTRY and order.status is not OrderStatus.INTENDED
        if not entry or (agent_id is not None and request.agent_id != agent_id):
            continue
        try:
            theirs = desk.broker.cancel(request.client_order_id)
        except BrokerError as error:
            failed.append(f"cancel {request.client_order_id}: {error}")
            continue
        ended.append(request.client_order_id)
        if theirs.status is OrderStatus.FILLED:
            failed.append(f"cancel {request.client_order_id}: it has filled and is held")
        elif theirs.status not in TERMINAL:
            failed.append(f"cancel {request.client_order_id}: not cancelled yet, may still fill")
        else:
            canceled.append(request.client_order_id)
    if ended:
        failed += _reconciled(desk, at)
    return tuple(canceled), tuple(failed)


def _reconciled(desk: TradingDesk, at: datetime) -> list[str]:
    try:
        reconcile(desk, at)
    except BrokerError as error:
        return [f"reconcile: {error}"]
    return []


def cancel_halted(desk: TradingDesk, at: datetime) -> tuple[str, ...]:
    """Cancel open entries of halted agents: a halt set while they were on their way; say what."""
    with desk.store.reading() as uow:
        halted = {halt.agent_id for halt in uow.halts.standing(desk.account)}
    if desk.halt_signal.standing() is not None:
        halted.add(None)
    told: list[str] = []
    for agent_id in [None] if None in halted else sorted(halted, key=str):
        canceled, failed = cancel_entries(desk, at, agent_id=agent_id)
        told += [f"cancelled {order_id}: halted" for order_id in canceled]
        told += list(failed)
    return tuple(told)


def _require_known(desk: TradingDesk, agent_id: str | None) -> None:
    """Raise InputError for an agent that is in no configuration and holds nothing either."""
    if agent_id is None or desk.company.agent(agent_id) is not None:
        return
    try:
        epoch = desk.broker.epoch()
    except BrokerError:
        desk.agent(agent_id)
        return
    with desk.store.reading() as uow:
        if uow.positions.get(desk.account, epoch, agent_id) is None:
            desk.agent(agent_id)


def _require_reason(who: str, why: str) -> None:
    if not who.strip() or not why.strip():
        raise InputError("say who and why: an override is recorded with both")
