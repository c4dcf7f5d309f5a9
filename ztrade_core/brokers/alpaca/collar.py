"""The price of an exit that shall fill at once, and how long an exit may rest.

Contract: judged by the broker's own clock, which the quotes have too. Whatever is not answered, or is too
old, prices nothing: leaving must not depend on a quote. While the stock session is closed quotes do not age,
and no exit rests too long.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from ztrade_core.brokers.alpaca.grid import Grid
from ztrade_core.brokers.alpaca.habits import Habits
from ztrade_core.domain.brokerage import BrokerClock, Quote
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.errors import TransientBrokerError

_BPS = Decimal(10_000)


class Collar:
    """Some way below the bid, on the tick."""

    def __init__(
        self,
        quote: Callable[[str], Quote | None],
        clock: Callable[[], BrokerClock],
        grid: Grid,
        habits: Habits,
    ) -> None:
        self._quote = quote
        self._clock = clock
        self._grid = grid
        self._habits = habits
        self._fraction = 1 - Decimal(habits.collar_bps) / _BPS

    def below_bid(self, symbol: str, resting: Decimal | None = None) -> Decimal | None:
        """Return the price; None without a fresh bid, or when `resting` is not above the bid."""
        try:
            quote = self._quote(symbol)
            bid = None if quote is None else quote.bid
            if quote is None or bid is None or (resting is not None and resting <= bid):
                return None
            if self._is_old(symbol, quote.at):
                return None
        except TransientBrokerError:
            return None
        price = self._grid.down(symbol, bid * self._fraction)
        return price if price > 0 else None

    def rests_too_long(self, symbol: str, since: datetime) -> bool:
        """Return whether an exit sent at `since` should have left by now; False when nobody says."""
        try:
            clock = self._clock()
        except TransientBrokerError:
            return False
        trades = clock.is_open or _is_coin(symbol)
        return trades and (clock.now - since).total_seconds() > self._habits.rest_seconds

    def _is_old(self, symbol: str, at: datetime) -> bool:
        clock = self._clock()
        if not (clock.is_open or _is_coin(symbol)):
            return False
        limit = self._habits.coin_quote_seconds if _is_coin(symbol) else self._habits.quote_seconds
        return not (clock.now - at).total_seconds() <= limit


def _is_coin(symbol: str) -> bool:
    return instrument_of(symbol).asset_class is AssetClass.CRYPTO
