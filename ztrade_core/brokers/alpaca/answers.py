"""Alpaca's answers as frozen values: Decimal and aware UTC, checked at the border.

Contract: `parsed` and `parsed_list` raise UnclearError for anything of another shape and never repeat
a value in the message. Fields we do not use are ignored; prices and quantities come as text and stay
exact. What does not belong here: what an order means in our book.
"""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from ztrade_core.brokers.alpaca.client import UnclearError
from ztrade_core.domain.orders import Side

_QUOTE_CURRENCIES = ("USDT", "USDC", "USD", "BTC")
_CRYPTO = "crypto"

Instant = Annotated[AwareDatetime, AfterValidator(lambda instant: instant.astimezone(UTC))]
Amount = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class AlpacaStatus(StrEnum):
    """Where an order stands, in Alpaca's words; one that is not here is an answer not understood."""

    NEW = "new"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    DONE_FOR_DAY = "done_for_day"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REPLACED = "replaced"
    PENDING_CANCEL = "pending_cancel"
    PENDING_REPLACE = "pending_replace"
    ACCEPTED = "accepted"
    PENDING_NEW = "pending_new"
    ACCEPTED_FOR_BIDDING = "accepted_for_bidding"
    STOPPED = "stopped"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    CALCULATED = "calculated"
    HELD = "held"


class Answer(BaseModel):
    """What every answer has in common."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class OrderAnswer(Answer):
    """An order, its legs beneath it when they were asked for."""

    id: UUID
    client_order_id: str = Field(min_length=1)
    symbol: str = Field(min_length=1)
    asset_class: str
    side: Side
    type: str
    time_in_force: str
    status: AlpacaStatus
    qty: Amount | None = None
    filled_qty: Amount
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    submitted_at: Instant
    updated_at: Instant
    replaces: UUID | None = None
    replaced_by: UUID | None = None
    legs: tuple["OrderAnswer", ...] | None = None

    @property
    def our_symbol(self) -> str:
        """The symbol as we write it."""
        return our_symbol(self.symbol, self.asset_class)


class PositionAnswer(Answer):
    """A holding; a short one has a negative quantity."""

    symbol: str = Field(min_length=1)
    asset_class: str
    qty: Decimal = Field(allow_inf_nan=False)
    qty_available: Decimal | None = Field(default=None, allow_inf_nan=False)

    @property
    def our_symbol(self) -> str:
        """The symbol as we write it: Alpaca's positions say `BTCUSD`, its orders `BTC/USD`."""
        return our_symbol(self.symbol, self.asset_class)


class AccountAnswer(Answer):
    """The account; its number tells a paper account."""

    account_number: str = ""
    status: str
    currency: str
    cash: Decimal = Field(allow_inf_nan=False)
    equity: Decimal = Field(allow_inf_nan=False)
    buying_power: Decimal = Field(allow_inf_nan=False)
    trading_blocked: bool
    account_blocked: bool
    trade_suspended_by_user: bool


class ConfigurationAnswer(Answer):
    """What the account's holder has set; what is not told is not taken as set."""

    no_shorting: bool = False


def _plain_side(side: Any) -> Any:
    return "sell" if side == "sell_short" else side


class FillAnswer(Answer):
    """One execution, from the account's activities; a short sale is a sell."""

    id: str = Field(min_length=1)
    activity_type: str = Field(pattern="^FILL$")
    transaction_time: Instant
    price: Decimal = Field(gt=0, allow_inf_nan=False)
    qty: Decimal = Field(gt=0, allow_inf_nan=False)
    side: Annotated[Side, BeforeValidator(_plain_side)]
    order_id: UUID


class ClockAnswer(Answer):
    """Alpaca's clock."""

    timestamp: Instant
    is_open: bool
    next_open: Instant
    next_close: Instant


class CalendarDayAnswer(Answer):
    """One session, in New York's wall time."""

    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    open: str = Field(pattern=r"^\d{2}:\d{2}$")
    close: str = Field(pattern=r"^\d{2}:\d{2}$")


class AssetAnswer(Answer):
    """What may be traded, and on which grid; the increments are told for crypto only."""

    symbol: str = Field(min_length=1)
    status: str
    tradable: bool
    fractionable: bool = False
    min_order_size: Amount | None = None
    min_trade_increment: Amount | None = None
    price_increment: Amount | None = None


class QuoteAnswer(Answer):
    """The best prices of a moment; 0 where nobody offers."""

    bp: Amount | None = None
    ap: Amount | None = None
    t: Instant


class StockQuoteAnswer(Answer):
    """The latest quote of one stock."""

    symbol: str
    quote: QuoteAnswer | None = None


class CoinQuotesAnswer(Answer):
    """The latest quotes of coins, by symbol."""

    quotes: dict[str, QuoteAnswer]


AnswerT = TypeVar("AnswerT", bound=Answer)


def parsed(model: type[AnswerT], answer: Any) -> AnswerT:
    """Return an answer as a value; UnclearError when it is of another shape."""
    try:
        return model.model_validate(answer)
    except (ValidationError, RecursionError) as error:
        raise UnclearError(f"{model.__name__}: {_places(error)}") from None


def parsed_list(model: type[AnswerT], answer: Any) -> list[AnswerT]:
    """Return a list of values; UnclearError when it is anything else: never taken as empty."""
    if not isinstance(answer, list):
        raise UnclearError(f"{model.__name__}: not a list")
    return [parsed(model, each) for each in answer]


def _places(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return "nested too deep"
    found = error.errors(include_url=False, include_context=False, include_input=False)
    places = (f"{'.'.join(map(str, each['loc']))} ({each['type']})" for each in found[:5])
    return "an answer not understood: " + ", ".join(places)


def our_symbol(symbol: str, asset_class: str) -> str:
    """Return `BTC/USD` for the `BTCUSD` of a crypto position; anything else as it is."""
    if asset_class != _CRYPTO or "/" in symbol:
        return symbol
    for quote in _QUOTE_CURRENCIES:
        coin = symbol.removesuffix(quote)
        if coin and coin != symbol:
            return f"{coin}/{quote}"
    return symbol


def query_instant(instant: datetime) -> str:
    """Return an instant as the activities' and orders' queries take it: UTC, whole seconds, Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
