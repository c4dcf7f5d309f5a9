"""What a broker says about itself: clock, calendar, assets, quotes, the standing of an account."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStanding:
    """The account as the broker shows it. `may_trade` False: the broker would refuse orders.

    `long_only`: the broker refuses a sell of what is not held. Where nobody says so it is False.
    """

    cash: Decimal
    equity: Decimal
    buying_power: Decimal
    currency: str
    is_paper: bool
    may_trade: bool
    status: str
    long_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerClock:
    """The broker's time and the stock session, in UTC."""

    now: datetime
    is_open: bool
    next_open: datetime
    next_close: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSession:
    """One stock session, in UTC."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAsset:
    """Whether a symbol may be traded, and on which grid; a None increment is our own grid's."""

    symbol: str
    tradable: bool
    minimum_quantity: Decimal | None
    quantity_increment: Decimal | None
    price_increment: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The best prices of a moment; a side without an offer is None."""

    symbol: str
    bid: Decimal | None
    ask: Decimal | None
    at: datetime
