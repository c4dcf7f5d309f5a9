"""An order of the fake Alpaca, and the pair of sells of which one fills.

What does not belong here: when an order fills (`alpaca_exchange`) and what is refused (`alpaca_refusals`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("00000000-0000-4000-8000-0000000a19ac")
ENDED = {"filled", "canceled", "expired", "rejected", "replaced"}
STOPS = {"stop", "stop_limit"}
STAMPS = ("filled_at", "expired_at", "canceled_at", "failed_at", "replaced_at")
STOCK_LOT, COIN_LOT = Decimal(1), Decimal("1e-8")


class RefusalError(Exception):
    """A no in Alpaca's own words."""

    def __init__(self, status: int, code: int, message: str, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, **more}


def text(instant: datetime) -> str:
    """Return an instant as Alpaca writes it: nine digits after the second."""
    return instant.isoformat(timespec="microseconds").replace("+00:00", "123Z")


def plain(value: Decimal) -> str:
    """Return an amount as Alpaca writes it: no exponent, no trailing zeros."""
    whole = format(value, "f")
    return (whole.rstrip("0").rstrip(".") if "." in whole else whole) or "0"


def is_coin(symbol: str) -> bool:
    return "/" in symbol


def lot_of(symbol: str) -> Decimal:
    return COIN_LOT if is_coin(symbol) else STOCK_LOT


@dataclass(eq=False)
class Pair:
    """Sells of the same shares; not `live` before the `entry` they belong to has filled wholly."""

    members: list["FakeOrder"]
    live: bool
    entry: "FakeOrder | None" = None

    def working(self) -> list["FakeOrder"]:
        return [order for order in self.members if order.is_open]


@dataclass(eq=False, kw_only=True)
class FakeOrder:
    """`parent` is the id of the order whose leg it was made as; `looks` is how often a cancelled order is still shown as pending; None when none is pending."""

    number: int
    id: str
    client_order_id: str
    symbol: str
    side: str
    type: str
    time_in_force: str
    order_class: str
    quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    submitted: datetime
    updated: datetime
    status: str = "new"
    filled: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    legs: list["FakeOrder"] = field(default_factory=list)
    pair: Pair | None = None
    parent: str | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    stamps: dict[str, datetime] = field(default_factory=dict)
    triggered: bool = False
    looks: int | None = None

    @property
    def is_open(self) -> bool:
        return self.status not in ENDED

    @property
    def is_live(self) -> bool:
        """Whether it may fill: a leg may once its entry has filled wholly."""
        return self.is_open and (self.pair is None or self.pair.live)

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled

    def shown(self, *, nested: bool) -> dict[str, Any]:
        legs = [leg.shown(nested=True) for leg in self.legs] if nested and self.legs else None
        submitted = text(self.submitted)
        average = plain(self.paid / self.filled) if self.filled else None
        return {
            "id": self.id,
            "client_order_id": self.client_order_id,
            "created_at": submitted,
            "updated_at": text(self.updated),
            "submitted_at": submitted,
            **{name: _stamp(self.stamps.get(name)) for name in STAMPS},
            "replaced_by": self.replaced_by,
            "replaces": self.replaces,
            "asset_id": str(uuid5(NAMESPACE, self.symbol)),
            "symbol": self.symbol,
            "asset_class": "crypto" if is_coin(self.symbol) else "us_equity",
            "notional": None,
            "qty": plain(self.quantity),
            "filled_qty": plain(self.filled),
            "filled_avg_price": average,
            "order_class": self.order_class,
            "order_type": self.type,
            "type": self.type,
            "side": self.side,
            "time_in_force": self.time_in_force,
            "limit_price": _price(self.limit_price),
            "stop_price": _price(self.stop_price),
            "status": self.status,
            "extended_hours": False,
            "legs": legs,
        }


def _stamp(instant: datetime | None) -> str | None:
    return None if instant is None else text(instant)


def _price(price: Decimal | None) -> str | None:
    return None if price is None else plain(price)
