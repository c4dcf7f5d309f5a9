"""The latest quote, from Alpaca's data host: alpaca-py's clients on a fenced session of their own.

Contract: two questions, GET, within two seconds, once. A price of 0 is no price. A failed question
raises TransientBrokerError; a quote carries its own time, and whoever uses it judges its age. Stocks are
quoted by IEX alone, which the free plan has in real time: its bid may lie below the best bid there is.
"""

from typing import Any
from urllib.parse import quote as url_quoted

from alpaca.data.historical.crypto import CryptoHistoricalDataClient
from alpaca.data.historical.stock import StockHistoricalDataClient

from ztrade_core.brokers.alpaca.answers import CoinQuotesAnswer, StockQuoteAnswer, parsed
from ztrade_core.brokers.alpaca.client import UNKEYED, UnclearError, asked, rewired
from ztrade_core.brokers.alpaca.facts import looked_up
from ztrade_core.brokers.alpaca.fence import DATA, DATA_URL
from ztrade_core.brokers.alpaca.wire import FencedSession
from ztrade_core.domain.brokerage import Quote
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.wires.bounded import WireLimits

QUOTE_LIMITS = WireLimits(
    connect_seconds=1.0, read_seconds=2.0, deadline_seconds=2.0, body_bytes=64 * 1024
)


class AlpacaQuotes:
    """Asks for the latest quote. `session` is the trading one: keys and transport are the same."""

    def __init__(self, session: FencedSession) -> None:
        fenced = session.within(DATA, QUOTE_LIMITS)
        self._stocks = StockHistoricalDataClient(
            UNKEYED, UNKEYED, raw_data=True, url_override=DATA_URL
        )
        self._coins = CryptoHistoricalDataClient(
            UNKEYED, UNKEYED, raw_data=True, url_override=DATA_URL
        )
        for vendor in (self._stocks, self._coins):
            rewired(vendor, fenced)

    def latest(self, symbol: str) -> Quote | None:
        """Return the latest quote; None when Alpaca has none of that symbol."""
        if instrument_of(symbol).asset_class is AssetClass.CRYPTO:
            return looked_up(lambda: self._coin(symbol))
        return looked_up(lambda: self._stock(symbol))

    def _stock(self, symbol: str) -> Quote | None:
        path = f"/stocks/{url_quoted(symbol, safe='')}/quotes/latest?feed=iex"
        answer = parsed(StockQuoteAnswer, asked(lambda: self._stocks.get(path)))
        if answer.symbol != symbol:
            raise UnclearError(f"asked for a quote of {symbol}, told of another")
        return _quote(symbol, answer.quote)

    def _coin(self, symbol: str) -> Quote | None:
        path = f"/crypto/us/latest/quotes?symbols={url_quoted(symbol, safe='')}"
        answer = parsed(CoinQuotesAnswer, asked(lambda: self._coins.get(path)))
        return _quote(symbol, answer.quotes.get(symbol))


def _quote(symbol: str, answer: Any) -> Quote | None:
    if answer is None:
        return None
    return Quote(symbol=symbol, bid=answer.bp or None, ask=answer.ap or None, at=answer.t)
