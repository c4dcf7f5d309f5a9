"""The fake Alpaca's market: quotes, matching, sessions.

Nothing fills by itself in a symbol nobody has set a quote for: tests may then call `fill`. Orders fill at
the quote: limits that are marketable, market orders, sell stops at or above the bid. A stop_limit
that triggers rests until the bid is at its limit again. A closed session matches no stock order.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from typing_extensions import override

from tests.fakes.alpaca_books import AlpacaBooks
from tests.fakes.alpaca_control import controlled
from tests.fakes.alpaca_orders import STOPS, FakeOrder, is_coin, lot_of

Price = str | Decimal | None
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class FakeQuote:
    """`at` is when it was set; one that `stands` is told anew each second. A side without an offer is None."""

    bid: Decimal | None
    ask: Decimal | None
    at: datetime
    stands: bool = False

    def told_at(self, now: datetime) -> datetime:
        """Return the moment that a question at `now` is told."""
        age = now - self.at
        return self.at + age // SECOND * SECOND if self.stands and age > SECOND else self.at


class AlpacaExchange(AlpacaBooks):
    """`partial` has by symbol which part of an order the next match fills, floored to the lot."""

    def __init__(self, *, account_number: str = "PA3FAKE00001", cash: str = "100000") -> None:
        super().__init__(account_number=account_number, cash=cash)
        self.is_open = True
        self.quotes: dict[str, FakeQuote] = {}
        self.told_quotes: dict[str, FakeQuote] = {}  # what the data host says, where not the market
        self.late_positions = 0  # so many answers tell of no position though one is held
        self.partial: dict[str, Decimal | str | float] = {}

    @override
    def bid(self, symbol: str) -> Decimal | None:
        quote = self.quotes.get(symbol)
        return None if quote is None else quote.bid

    @controlled
    def price(self, symbol: str, bid: Price, ask: Price) -> None:
        """Set the quote of a symbol, and fill what it fills."""
        low, high = (None if each is None else Decimal(each) for each in (bid, ask))
        self.quotes[symbol] = FakeQuote(bid=low, ask=high, at=self.tick(), stands=True)
        if low is not None:
            self.marks[symbol] = low
        self.match(symbol)

    @controlled
    def match(self, symbol: str | None = None) -> None:
        """Fill what the present quotes fill, oldest order first."""
        for order in sorted(self.working(), key=lambda each: each.number):
            if symbol in {None, order.symbol}:
                self._match(order)

    @controlled
    def settle(self, order: FakeOrder) -> None:
        """Bring a new order to the exchange, when its session is open, and match it at once."""
        for each in (order, *order.legs):
            if self.trades(each.symbol) and each.status == "accepted":
                each.status = "new"
            self._match(each)
        if order.time_in_force == "ioc" and order.is_open and order.symbol in self.quotes:
            self.end(order, "canceled")

    @controlled
    def split(self, symbol: str, ratio: str, *, legs: str = "left", rest: str = "kept") -> None:
        """Give `ratio` shares for one; open sells are `left` as they are, or `canceled`.

        What is left of a share is `kept` in the position, or `paid` in cash at the mark of before.
        """
        exact = self.held[symbol] * Decimal(ratio)
        whole = exact.to_integral_value(ROUND_DOWN)
        if legs == "canceled":
            for order in self.reserving(symbol):
                self.end(order, "canceled")
        self.held[symbol] = exact if rest == "kept" else whole
        if rest == "paid":
            self.cash += (exact - whole) * self.marks[symbol] / Decimal(ratio)

    @controlled
    def close_session(self) -> None:
        """Close the stock session: DAY orders expire, GTC ones rest."""
        self.is_open = False
        for order in self.working():
            is_day = not is_coin(order.symbol) and order.time_in_force == "day"
            if is_day and order.is_open:
                self.end(order, "expired")

    @controlled
    def open_session(self) -> None:
        """Open the stock session: what was sent meanwhile goes to the exchange."""
        self.is_open = True
        for order in self.working():
            if order.status == "accepted":
                order.status = "new"
        self.match()

    def trades(self, symbol: str) -> bool:
        return is_coin(symbol) or self.is_open

    def _match(self, order: FakeOrder) -> None:
        if not (order.is_live and self.trades(order.symbol)):
            return
        price = self._executable(order)
        quantity = Decimal(0) if price is None else self._sized(order)
        if price is not None and quantity > 0:
            self.fill(order, price, quantity)

    def _executable(self, order: FakeOrder) -> Decimal | None:
        """Return the price at which an order fills now; None when it rests."""
        quote, sells = self.quotes.get(order.symbol), order.side == "sell"
        price = None if quote is None else quote.bid if sells else quote.ask
        if price is None:
            return None
        if order.type in STOPS and not order.triggered:
            assert order.stop_price is not None
            order.triggered = price <= order.stop_price if sells else price >= order.stop_price
            if not order.triggered:
                return None
        limit = order.limit_price
        if limit is None or (price >= limit if sells else price <= limit):
            return price
        return None

    def _sized(self, order: FakeOrder) -> Decimal:
        part = self.partial.pop(order.symbol, None)
        if part is None:
            return order.remaining
        lot = lot_of(order.symbol)
        lots = (order.remaining * Decimal(str(part)) / lot).quantize(Decimal(1), ROUND_DOWN)
        return lots * lot
