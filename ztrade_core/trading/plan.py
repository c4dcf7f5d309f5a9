"""What to do for one position at an exchange: a pure function of what is known of it.

There an open sell reserves what it sells, so open stops and open exits together never cover more
than is held. `plan` proposes no sale above that, leaves nothing uncovered without a step (but a
first fill of moments ago), and proposes nothing when the open stops equal the position. What does
not belong here: asking and sending.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from ztrade_core.domain.orders import BrokerOrder, OrderStatus, Role

PATIENCE = timedelta(seconds=10)
"""How long a partly filled entry may go on filling before its rest is cancelled."""
SILENCE = timedelta(seconds=5)
"""How long a stop that has begun to fill may rest before what is left is sold at market."""
CLOCKS_APART = timedelta(seconds=5)
"""How far ahead of ours the broker's clock may be before a moment counts as of the future."""
NOTHING = Decimal(0)


class Deed(StrEnum):
    """A kind of step."""

    PUSH = "push"  # move an exit that rests to the market
    CUT = "cut"  # cancel a stop that would sell more than the broker holds
    END_ENTRY = "end_entry"  # cancel what is left of an entry, so that its fills can be protected
    REBASE = "rebase"  # put a stop that stays, at its price, in place of one that does not
    RESCUE = "rescue"  # cancel a stop that the price fell through, and sell
    ARM = "arm"
    FLATTEN = "flatten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do. `order_id` is the order it is about; `quantity` what is sold or covered."""

    deed: Deed
    order_id: str = ""
    quantity: Decimal = NOTHING
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One position as book, broker and market show it at `now`.

    `orders` are our open orders of the symbol at the broker. `at_broker` is what the broker holds of
    it, `held` the smaller of that and our book, floored to the lot: dust is 0. `mark` None: there is
    no price, or none is needed. `is_trading`: a stock's session runs; a coin's always does. `least` is
    the smallest order there is. `wants_out`: a forced exit ended before it had sold all; `backs_off`:
    the next one waits, because the last was refused. `stale` orders rest at prices of before a split.
    """

    position_id: str
    orders: tuple[BrokerOrder, ...]
    at_broker: Decimal
    held: Decimal
    lot: Decimal
    stop_price: Decimal | None
    first_fill_at: datetime
    is_coin: bool
    is_trading: bool
    now: datetime
    mark: float | None = None
    least: Decimal = NOTHING
    wants_out: bool = False
    backs_off: bool = False
    stale: frozenset[str] = frozenset()

    def open(self, role: Role) -> list[BrokerOrder]:
        """Return the open orders of a role."""
        return [order for order in self.orders if order.request.role is role]

    @property
    def staying(self) -> Decimal:
        """What no open exit sells."""
        return max(NOTHING, self.held - left_in(self.open(Role.EXIT)))

    @property
    def uncovered(self) -> Decimal:
        """What neither an open stop nor an open exit sells; less than can be ordered is nothing."""
        bare = self.staying - left_in(self.open(Role.STOP))
        return bare if bare >= max(self.lot, self.least) else NOTHING


def left_in(orders: Iterable[BrokerOrder]) -> Decimal:
    """Return what orders may still fill."""
    left = NOTHING
    for order in orders:
        left += order.request.quantity - order.filled_quantity
    return left


def needs_mark(sight: Sight) -> bool:
    """Return whether a price decides anything: a bare position, or a coin whose stop may be passed."""
    if not sight.is_trading or sight.staying < sight.lot:
        return False
    return sight.uncovered > 0 or (sight.is_coin and bool(sight.open(Role.STOP)))


def plan(sight: Sight) -> tuple[Step, ...]:
    """Return what to do now, in this order."""
    pushes = tuple(
        Step(deed=Deed.PUSH, order_id=order.request.client_order_id)
        for order in sight.open(Role.EXIT)
    )
    cuts = surplus(sight.orders, sight.at_broker, sight.lot, own=sight.position_id)
    if cuts or sight.staying < sight.lot:
        return (*pushes, *cuts)
    old = _of_before_a_split(sight)
    if old:
        return old
    return (*pushes, *(_leave(sight) or _rescue(sight) or _cover(sight) or _rebase(sight)))


def surplus(
    orders: Iterable[BrokerOrder], at_broker: Decimal, lot: Decimal, *, own: str = ""
) -> tuple[Step, ...]:
    """Return which stops to cancel until they sell no lot more than the broker holds.

    Stops of another position than `own` go first, then the smaller ones.
    """
    stops = [order for order in orders if order.request.role is Role.STOP]
    stops.sort(key=lambda o: (o.request.position_id == own, left_in([o])))
    over = left_in(stops) - at_broker
    cuts = []
    for stop in stops:
        if over < lot:
            break
        why = f"stops sell {over} more than the broker's {at_broker}"
        cuts.append(Step(deed=Deed.CUT, order_id=stop.request.client_order_id, why=why))
        over -= left_in([stop])
    return tuple(cuts)


def _of_before_a_split(sight: Sight) -> tuple[Step, ...]:
    """Cancel what rests at prices of before a split; one stop takes the place of all."""
    why = "its price is of before a split"
    exits = [order for order in sight.open(Role.EXIT) if _is_stale(sight, order)]
    stops = [order for order in sight.open(Role.STOP) if _is_stale(sight, order)]
    if exits:
        return tuple(_cut(order, why) for order in exits)
    if not stops or sight.open(Role.EXIT) or sight.open(Role.ENTRY):
        return ()
    fresh = [order for order in sight.open(Role.STOP) if order not in stops]
    last = stops[-1].request.client_order_id
    quantity = sight.staying - left_in(fresh)
    rebase = Step(deed=Deed.REBASE, order_id=last, quantity=quantity, why=why)
    return (*(_cut(order, why) for order in stops[:-1]), rebase)


def _is_stale(sight: Sight, order: BrokerOrder) -> bool:
    return order.request.client_order_id in sight.stale


def _cut(order: BrokerOrder, why: str) -> Step:
    return Step(deed=Deed.CUT, order_id=order.request.client_order_id, why=why)


def _leave(sight: Sight) -> tuple[Step, ...]:
    """Sell again what a forced exit did not; outside the session it is covered instead."""
    busy = sight.open(Role.EXIT) or sight.open(Role.ENTRY)
    if busy or not sight.wants_out or not sight.is_trading or sight.backs_off:
        return ()
    if sight.staying < sight.least:
        return ()
    why = "its last forced exit ended before it had sold all"
    return (Step(deed=Deed.FLATTEN, quantity=sight.staying, why=why),)


def _rescue(sight: Sight) -> tuple[Step, ...]:
    if not sight.is_coin or sight.backs_off:
        return ()
    steps = []
    for stop in sight.open(Role.STOP):
        why = _gapped(sight, stop)
        if why:
            order_id = stop.request.client_order_id
            steps.append(Step(deed=Deed.RESCUE, order_id=order_id, quantity=sight.staying, why=why))
    return tuple(steps[:1])  # the rest is planned anew from what is left then


def _gapped(sight: Sight, stop: BrokerOrder) -> str:
    """Say why a stop no longer protects; empty when it does."""
    price = stop.request.stop_price
    if sight.mark is not None and price is not None and sight.mark < float(price):
        return f"the price {sight.mark} is below the open stop at {price}"
    silent = not within(sight.now - stop.updated_at, SILENCE)
    if stop.status is OrderStatus.PARTIALLY_FILLED and silent:
        return f"the stop rests partly filled since {stop.updated_at.isoformat()}"
    return ""


def within(age: timedelta, limit: timedelta) -> bool:
    """Return whether something is younger than a limit, and not of the future."""
    return -CLOCKS_APART <= age < limit


def _cover(sight: Sight) -> tuple[Step, ...]:
    if not sight.uncovered > 0:
        return ()
    entries = sight.open(Role.ENTRY)
    if entries and within(sight.now - sight.first_fill_at, PATIENCE):
        return ()
    if entries:
        why = "its fills are to be protected"
        return tuple(
            Step(deed=Deed.END_ENTRY, order_id=order.request.client_order_id, why=why)
            for order in entries
        )
    if sight.stop_price is None:
        return (Step(deed=Deed.FLATTEN, quantity=sight.staying, why="there is no stop price"),)
    passed = sight.mark is not None and sight.mark <= float(sight.stop_price)
    if sight.is_trading and passed and not sight.backs_off:
        why = f"the price {sight.mark} has passed the stop at {sight.stop_price}"
        return (Step(deed=Deed.FLATTEN, quantity=sight.staying, why=why),)
    return (Step(deed=Deed.ARM, quantity=sight.uncovered),)


def _rebase(sight: Sight) -> tuple[Step, ...]:
    if sight.open(Role.EXIT) or sight.open(Role.ENTRY):
        return ()
    return tuple(
        Step(
            deed=Deed.REBASE,
            order_id=stop.request.client_order_id,
            quantity=min(left_in([stop]), sight.held),
            why="it dies with the session",
        )
        for stop in sight.open(Role.STOP)
        if stop.ends_with_session
    )
