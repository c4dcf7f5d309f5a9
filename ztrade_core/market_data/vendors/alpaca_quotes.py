"""The latest quotes from Alpaca, to look at: stocks of the configured feed with keys, coins without.

`source` is `alpaca:<feed>` or `alpaca:us`. A price of 0 is no offer. What trading asks for before it
leaves a position is the broker's own (`ztrade_core.brokers.alpaca.quotes`): other bounds, other errors.
Source: Alpaca's Market Data API 1.1, latest quotes of several symbols, one request an asset class.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import isfinite
from typing import Any

from pydantic import SecretStr
from typing_extensions import override

from ztrade_core.domain.brokerage import Quote
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import parse_instant
from ztrade_core.errors import UnsoundDataError, VendorRefusedError
from ztrade_core.market_data.vendors.alpaca_door import AlpacaDoor
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.providers import FetchedQuote, QuoteProvider
from ztrade_core.wires.pace import Pace


class AlpacaQuotes(QuoteProvider):
    """Quotes of stocks and crypto; `keys` None: crypto only."""

    def __init__(
        self,
        *,
        url: str,
        feed: str,
        keys: tuple[SecretStr, SecretStr] | None,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self._feed = feed
        self._door = AlpacaDoor(url, keys, clock, pace)

    @property
    @override
    def name(self) -> str:
        return "alpaca"

    @override
    def supports(self, symbol: str) -> bool:
        return self._door.has_keys or _is_coin(symbol)

    @override
    def latest(self, symbols: Sequence[str]) -> Mapping[str, FetchedQuote]:
        if not all(map(self.supports, symbols)):
            raise VendorRefusedError("stocks need ALPACA_API_KEY and ALPACA_SECRET_KEY")
        coins = sorted({symbol for symbol in symbols if _is_coin(symbol)})
        stocks = sorted(set(symbols) - set(coins))
        found: dict[str, FetchedQuote] = {}
        if stocks:
            found |= _quotes(self._stocks(stocks), stocks, f"alpaca:{self._feed}")
        if coins:
            found |= _quotes(self._coins(coins), coins, "alpaca:us")
        return found

    def _stocks(self, symbols: list[str]) -> Any:
        from alpaca.data.enums import DataFeed  # noqa: PLC0415 - alpaca-py is slow to load
        from alpaca.data.requests import StockLatestQuoteRequest  # noqa: PLC0415

        form = StockLatestQuoteRequest(symbol_or_symbols=symbols, feed=DataFeed(self._feed))
        client = self._door.stocks()
        return self._door.asked(lambda: client.get_stock_latest_quote(form), most=1)

    def _coins(self, symbols: list[str]) -> Any:
        from alpaca.data.requests import CryptoLatestQuoteRequest  # noqa: PLC0415 - slow to load

        form = CryptoLatestQuoteRequest(symbol_or_symbols=symbols)
        client = self._door.coins()
        return self._door.asked(lambda: client.get_crypto_latest_quote(form), most=1)


def _is_coin(symbol: str) -> bool:
    return instrument_of(symbol).asset_class is AssetClass.CRYPTO


def _quotes(told: Any, symbols: Sequence[str], source: str) -> dict[str, FetchedQuote]:
    if not isinstance(told, Mapping) or set(told) - set(symbols):
        raise UnsoundDataError(f"it answered for other symbols than {', '.join(symbols)}")
    return {
        symbol: _quote(symbol, each, source) for symbol, each in told.items() if each is not None
    }


def _quote(symbol: str, told: Any, source: str) -> FetchedQuote:
    """Return one quote; UnsoundDataError for what is none."""
    try:
        at = parse_instant(told["t"])
        bid, ask, bid_size, ask_size = (
            _amount(told[name], symbol) for name in ("bp", "ap", "bs", "as")
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UnsoundDataError(
            f"a quote of {symbol} that is none ({type(error).__name__})"
        ) from None
    return FetchedQuote(
        quote=Quote(symbol=symbol, bid=bid or None, ask=ask or None, at=at),
        bid_size=bid_size,
        ask_size=ask_size,
        source=source,
    )


def _amount(value: Any, symbol: str) -> Decimal:
    """Return a number as told; a text, NaN or a negative one is refused."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not isfinite(value) or value < 0:
        raise UnsoundDataError(f"a number of {symbol}'s quote is none")
    return Decimal(str(value))
