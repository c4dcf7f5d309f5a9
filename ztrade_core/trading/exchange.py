"""Protection where orders rest at an exchange: looks, plans, carries out; again after a cancel.

Contract: `plan` decides, this file sends. A cancel whose answer is unclear concludes nothing: the next
look mends. After orders were cancelled the books are reconciled and everything is looked at anew, a few
times at most. Checkpoints: `rebasing` before a stop is cancelled, `freed` once it is, before what takes its
place is sent.
"""

from datetime import datetime

from ztrade_core.domain.accounts import StoredPosition
from ztrade_core.domain.orders import AT_BROKER, TERMINAL, BrokerOrder, OrderRequest, OrderStatus
from ztrade_core.errors import BrokerError, OrderRejectedError
from ztrade_core.logs import get_logger
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.guard import Guard
from ztrade_core.trading.intents import lot_of
from ztrade_core.trading.plan import Deed, Sight, Step, plan, surplus
from ztrade_core.trading.protected import Told
from ztrade_core.trading.reconciliation import reconcile
from ztrade_core.trading.settling import is_settling
from ztrade_core.trading.sighting import Eyes, Looked, look
from ztrade_core.trading.stale_entries import end_stale_entries

LOOKS = 3
"""Looks at most in one call: an entry's rest is cancelled, a surplus stop, then what is bare is armed."""
log = get_logger(__name__)


def protect_at_exchange(desk: TradingDesk, at: datetime, holder: str, told: Told) -> int:
    """Bring every position to what `plan` leaves alone; return how many there are.

    Raises TransientBrokerError when the broker cannot be asked at first: then nothing is known.
    """
    again = _end_entries(desk, at, told)
    checked = 0
    for number in range(LOOKS):
        if (number or again) and not _caught_up(desk, at, told):
            break
        looked = look(desk)
        checked = len(looked.positions)
        again = _mend_all(desk, at, holder, looked, told)
        if not again:
            break
    return checked


def _end_entries(desk: TradingDesk, at: datetime, told: Told) -> bool:
    ended, failed = end_stale_entries(desk, at)
    for text in ended:
        told.add("ended", text)
    for text in failed:
        told.add("failed", text)
    return bool(ended)


def _caught_up(desk: TradingDesk, at: datetime, told: Told) -> bool:
    """Take over what was filled while orders were cancelled; False when the broker does not answer."""
    try:
        reconcile(desk, at)
    except BrokerError as error:
        told.add("failed", f"reconcile: {error}")
        return False
    return True


def _mend_all(desk: TradingDesk, at: datetime, holder: str, looked: Looked, told: Told) -> bool:
    """Carry out the plan of every position; return whether things changed so that a look is due."""
    eyes = Eyes(desk, at)
    again = False
    for position in looked.positions:
        mender = Mender(desk, position, looked, at=at, holder=holder, told=told)
        again |= mender.mend(eyes.sight(position, looked))
    known = {position.symbol for position in looked.positions}
    for symbol in sorted({order.request.symbol for order in looked.theirs} - known):
        again |= _cut_orphans(desk, at, symbol, looked, told)
    return again


def _cut_orphans(desk: TradingDesk, at: datetime, symbol: str, looked: Looked, told: Told) -> bool:
    """Cancel stops of a symbol that our book holds nothing of, as far as the broker does not either."""
    steps = surplus(looked.ours_in(symbol), looked.at_broker(symbol), lot_of(symbol))
    if steps and _settling(desk, symbol, at):
        return False
    done = [_canceled(desk, step.order_id, symbol, told, why=step.why) for step in steps]
    return any(order is not None for order in done)


def _settling(desk: TradingDesk, symbol: str, at: datetime) -> bool:
    """Return whether what is held of a symbol may be behind its fills: no stop is surplus yet."""
    with desk.store.reading() as uow:
        return is_settling(desk, uow, desk.broker.epoch(), symbol, at)


def push(desk: TradingDesk, request: OrderRequest) -> str:
    """Move an exit that is at the exchange to the market; return why that is not sure, or nothing."""
    try:
        desk.broker.close(request)
    except OrderRejectedError as error:  # it has filled, or the stop has: the position leaves
        log.info("exit_not_moved", client_order_id=request.client_order_id, reason=str(error))
    except BrokerError as error:
        return f"{request.symbol}: {request.client_order_id}: {error}"
    return ""


def _canceled(
    desk: TradingDesk, order_id: str, symbol: str, told: Told, *, why: str
) -> BrokerOrder | None:
    """Cancel an order; return it once it is terminal, None when that is not sure."""
    try:
        order = desk.broker.cancel(order_id)
    except BrokerError as error:
        told.add("failed", f"{symbol}: cancel {order_id}: {error}")
        return None
    if order.status not in TERMINAL:
        told.add("failed", f"{symbol}: {order_id} is not cancelled yet")
        return None
    log.warning("order_ended", client_order_id=order_id, status=order.status, why=why)
    return order


class Mender:
    """Carries out the steps of one position."""

    def __init__(
        self,
        desk: TradingDesk,
        position: StoredPosition,
        looked: Looked,
        *,
        at: datetime,
        holder: str,
        told: Told,
    ) -> None:
        self._desk = desk
        self._position = position
        self._looked = looked
        self._told = told
        self._at = at
        self._orders = {o.request.client_order_id: o for o in looked.ours_in(position.symbol)}
        legs = looked.legs[position.position_id]
        self._booked = {leg.request.client_order_id: leg for leg in legs}
        self._guard = Guard(desk, position, legs, at, holder, self._orders)

    def mend(self, sight: Sight) -> bool:
        """Carry out the plan; return whether the account should be looked at again."""
        again = False
        for step in plan(sight):
            again |= self._carry_out(step, sight)
        return again

    def _carry_out(self, step: Step, sight: Sight) -> bool:
        match step.deed:
            case Deed.PUSH:
                return self._push(step)
            case Deed.CUT:
                settling = _settling(self._desk, self._position.symbol, self._at)
                return not settling and self._cut(step)
            case Deed.END_ENTRY:
                return self._cut(step)
            case Deed.REBASE:
                return self._rebase(step, sight)
            case Deed.RESCUE:
                return self._rescue(step)
            case Deed.ARM:
                self._told.add(*self._guard.arm(step.quantity, sight.staying))
            case Deed.FLATTEN:
                self._told.add(*self._guard.sell(step.quantity, step.why))
        return False

    def _push(self, step: Step) -> bool:
        """Move an exit that rests to the market; one that is there already is left as it is."""
        booked = self._booked.get(step.order_id)
        if booked is not None and booked.status not in AT_BROKER:
            return False  # our book is behind; the next look knows more
        failure = push(self._desk, self._request(step.order_id))
        if failure:
            self._told.add("failed", failure)
        return False

    def _request(self, order_id: str) -> OrderRequest:
        booked = self._booked.get(order_id)
        return self._orders[order_id].request if booked is None else booked.request

    def _cut(self, step: Step) -> bool:
        order = self._free(step)
        if order is None:
            return False
        self._told.add("ended", f"{self._position.symbol}: {step.order_id}: {step.why}")
        return True

    def _free(self, step: Step) -> BrokerOrder | None:
        symbol = self._position.symbol
        return _canceled(self._desk, step.order_id, symbol, self._told, why=step.why)

    def _rebase(self, step: Step, sight: Sight) -> bool:
        """Put a stop that stays in the place of one that dies; nothing when nothing is left."""
        before = self._orders[step.order_id]
        self._desk.checkpoints.reach("rebasing")
        order = self._free(step)
        if order is None:
            return False
        if order.status is OrderStatus.FILLED or order.filled_quantity != before.filled_quantity:
            return True
        self._desk.checkpoints.reach("freed")
        kind, text = self._guard.arm(step.quantity, sight.staying)
        self._told.add(kind, text)
        return kind == "ended"  # its target has sold what it stood for

    def _rescue(self, step: Step) -> bool:
        """Sell what a stop that was gapped through leaves; what it sold meanwhile is taken off."""
        before = self._orders[step.order_id]
        self._desk.checkpoints.reach("rebasing")
        order = self._free(step)
        if order is None:
            return False
        self._desk.checkpoints.reach("freed")
        left = step.quantity - (order.filled_quantity - before.filled_quantity)
        if left >= lot_of(self._position.symbol):
            self._told.add(*self._guard.sell(left, step.why))
        return True
