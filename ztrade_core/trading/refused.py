"""What refused and unfinished orders of one position mean for the next one. Pure functions.

The legs are those of our book, oldest first. A forced exit is one that no decision asked for.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from ztrade_core.domain.orders import Order, OrderStatus, Role
from ztrade_core.trading.plan import within

APART = timedelta(seconds=5)
"""How far apart two refusals of a reserved quantity count as two."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=5)
_UNFINISHED = frozenset({OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED})
_RESERVED, _TOO_SMALL = "insufficient qty", "the smallest order"


def refused_stops(legs: Iterable[Order]) -> int:
    """Return how many refusals speak against sending another stop.

    One that is too small says nothing about stops. One for a quantity that a cancelled order still
    reserves passes by itself: the first does not count, nor does one within five seconds of another.
    """
    definite, reserved = 0, 0
    last: datetime | None = None
    for leg in legs:
        if leg.request.role is not Role.STOP or leg.status is not OrderStatus.REJECTED:
            continue
        if not _says(leg, _RESERVED):
            definite += not _says(leg, _TOO_SMALL)
        elif last is None or leg.updated_at - last >= APART:
            reserved, last = reserved + 1, leg.updated_at
    return definite + max(0, reserved - 1)


def is_passing(order: Order) -> bool:
    """Return whether a refusal is of the moment, or of the size: nothing is sent again at once."""
    return _says(order, _RESERVED) or _says(order, _TOO_SMALL)


def is_too_small(legs: Iterable[Order], quantity: Decimal) -> bool:
    """Return whether so much was refused before as less than can be ordered."""
    return any(
        leg.request.role is Role.STOP
        and leg.status is OrderStatus.REJECTED
        and _says(leg, _TOO_SMALL)
        and quantity <= leg.request.quantity
        for leg in legs
    )


def backs_off(legs: Iterable[Order], now: datetime) -> bool:
    """Return whether the next forced exit waits: 10 s after one refusal, doubled up to 5 minutes."""
    count, last = 0, None
    for leg in _forced(legs):
        refused = leg.status is OrderStatus.REJECTED
        count, last = (count + 1, leg.updated_at) if refused else (0, None)
    if last is None:
        return False
    wait = LONGEST_WAIT if count > LONGEST_WAIT // FIRST_WAIT else FIRST_WAIT * 2 ** (count - 1)
    return within(now - last, min(wait, LONGEST_WAIT))


def wants_out(legs: Iterable[Order], resumed_at: datetime | None) -> bool:
    """Return whether the last forced exit ended before it had sold all, and nobody resumed since.

    One that never reached the broker because there was nothing to sell asks for nothing.
    """
    forced = _forced(legs)
    if not forced:
        return False
    last = forced[-1]
    moot = last.status is OrderStatus.CANCELED and last.broker_order_id is None
    short = last.status in _UNFINISHED and last.filled_quantity < last.request.quantity
    return short and not moot and (resumed_at is None or last.created_at > resumed_at)


def _forced(legs: Iterable[Order]) -> list[Order]:
    return [leg for leg in legs if leg.request.role is Role.EXIT and leg.decision_id is None]


def _says(order: Order, part: str) -> bool:
    return part in order.reason.lower()
