"""What the fake answers on Alpaca's data host: latest quotes, in the shapes of the market data document."""

from datetime import datetime
from typing import Any

from tests.fakes.alpaca_exchange import AlpacaExchange, FakeQuote
from tests.fakes.alpaca_orders import RefusalError, text

CRYPTO = "/v1beta3/crypto/us/latest/quotes"
STOCK_START, STOCK_END = "/v2/stocks/", "/quotes/latest"


def quoted(ledger: AlpacaExchange, path: str, query: dict[str, str]) -> dict[str, Any]:
    """Answer a question for quotes. A side without an offer is 0, as at Alpaca."""
    quotes = {**ledger.quotes, **ledger.told_quotes}
    if path == CRYPTO:
        wanted = query.get("symbols", "").split(",")
        return {"quotes": {s: _prices(quotes[s], ledger.now) for s in wanted if s in quotes}}
    if not (path.startswith(STOCK_START) and path.endswith(STOCK_END)):
        raise RefusalError(404, 40410000, "endpoint not found")
    symbol = path.removeprefix(STOCK_START).removesuffix(STOCK_END)
    quote = quotes.get(symbol)
    if quote is None:
        raise RefusalError(404, 40410000, f"no quote found for {symbol}")
    stock = {"ax": "V", "bx": "V", "c": ["R"], "z": "C"}
    return {"symbol": symbol, "quote": {**_prices(quote, ledger.now), **stock}}


def _prices(quote: FakeQuote, now: datetime) -> dict[str, Any]:
    sides = {"a": quote.ask, "b": quote.bid}
    prices = {f"{side}p": 0 if price is None else float(price) for side, price in sides.items()}
    sizes = {f"{side}s": 0 if price is None else 100 for side, price in sides.items()}
    return {"t": text(quote.told_at(now)), **prices, **sizes}
