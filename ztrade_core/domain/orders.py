"""Orders and fills: their states as one table, their ids derived and never random.

Quantities and prices in these rows are Decimal on the instrument's grid (a simulated fill price
keeps every bit of its float). `ztrade_core.domain.instruments.exact_decimal` is the crossing.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ztrade_core.domain.canonical import sha256_hex
from ztrade_core.domain.decisions import SlotKey
from ztrade_core.domain.time import Timeframe

ORDER_PREFIX = "zt1-"


class Side(StrEnum):
    """Buy or sell."""

    BUY = "buy"
    SELL = "sell"


class OrderType(StrEnum):
    """How an order executes."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"


class Role(StrEnum):
    """Why an order exists."""

    ENTRY = "entry"
    STOP = "stop"
    TARGET = "target"
    EXIT = "exit"


class OrderStatus(StrEnum):
    """Where an order stands in our book."""

    INTENDED = "intended"
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"


TERMINAL = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED}
)
WORKING = frozenset(OrderStatus) - TERMINAL
AT_BROKER = frozenset({OrderStatus.ACCEPTED, OrderStatus.PARTIALLY_FILLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What is sent to a broker.

    An entry carries its `stop_price` (and `target_price` for stocks) with the ids its legs shall
    have; a broker that cannot attach legs ignores them and protection places them.
    `good_for_bars` 1 expires an entry at the end of the next bar; 0 is good till cancelled.
    `decided_bar` is the open of the bar it was decided on: simulated fills begin after it.
    `reference_price` is the decision's close, from which stop and target were measured.
    A stop with `target_price` and `target_order_id` is a pair, one cancelling the other (OCO): only a
    broker whose open sells reserve what they sell (`Broker.is_external`) is sent one.
    """

    client_order_id: str
    agent_id: str
    symbol: str
    timeframe: Timeframe
    role: Role
    side: Side
    type: OrderType
    quantity: Decimal
    position_id: str
    decided_bar: datetime
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    stop_order_id: str | None = None
    target_order_id: str | None = None
    reference_price: Decimal | None = None
    good_for_bars: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order in our book: the request, and what we know of it."""

    request: OrderRequest
    account: str
    account_epoch: int
    decision_id: str | None
    status: OrderStatus
    created_at: datetime
    updated_at: datetime
    reserved_usd: float = 0.0
    broker_order_id: str | None = None
    filled_quantity: Decimal = Decimal(0)
    reason: str = ""

    @property
    def is_working(self) -> bool:
        """Whether it may still fill."""
        return self.status in WORKING


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerOrder:
    """An order as the broker shows it. `ends_with_session`: it dies at the session's close."""

    broker_order_id: str
    request: OrderRequest
    status: OrderStatus
    filled_quantity: Decimal
    updated_at: datetime
    reason: str = ""
    ends_with_session: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution.

    `fee_quantity` is taken in the coin, `fee_usd` in cash; `known_at` is when it could first be
    seen (the filling bar's completion in simulation).
    """

    fill_id: str
    client_order_id: str
    agent_id: str
    position_id: str
    symbol: str
    side: Side
    role: Role
    quantity: Decimal
    price: Decimal
    fee_usd: Decimal
    fee_quantity: Decimal
    filled_at: datetime
    known_at: datetime


def entry_order_id(key: SlotKey, symbol: str, side: Side, attempt: int) -> str:
    """Derive the id of an entry or exit that a decision asked for."""
    text = "|".join(
        (key.account, str(key.account_epoch), key.agent_id, key.slot, symbol, side, str(attempt))
    )
    return ORDER_PREFIX + sha256_hex(text)[:40]


def leg_order_id(
    account: str, account_epoch: int, position_id: str, leg: Role, sequence: int
) -> str:
    """Derive the id of a protection or forced-exit order; `sequence` grows per position and leg."""
    text = "|".join((account, str(account_epoch), position_id, leg, str(sequence)))
    return ORDER_PREFIX + sha256_hex(text)[:40]


def intent_hash(
    account: str,
    account_epoch: int,
    agent_id: str,
    symbol: str,
    side: Side,
    decided_bar: datetime | None,
) -> str:
    """Return what an entry is about: who wants which side of what, decided on which bar.

    Slot, size and prices are left out: a second answer to the same bar is the same intent.
    """
    bar = "none" if decided_bar is None else decided_bar.isoformat()
    return sha256_hex("|".join((account, str(account_epoch), agent_id, symbol, side, bar)))
