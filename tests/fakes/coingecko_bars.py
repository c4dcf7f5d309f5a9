"""CoinGecko's `/coins/{id}/ohlc` as it answers: candles stamped with their close, the running one too."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.fakes.vendor_server import Answer, Asked, json_answer

LENGTHS = {"1": timedelta(minutes=30), "7": timedelta(hours=4), "14": timedelta(hours=4)}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class CoinGeckoVendor:
    """The fake; `now` is its clock, `without` the closes of candles that it lacks."""

    now: datetime
    without: tuple[datetime, ...] = ()

    def __call__(self, asked: Asked) -> Answer:
        coin = asked.path.removeprefix("/api/v3/coins/").removesuffix("/ohlc")
        if asked.path != f"/api/v3/coins/{coin}/ohlc" or asked.query["vs_currency"] != "usd":
            return json_answer({"error": "coin not found"}, status=404)
        length = LENGTHS[asked.query["days"]]
        closes = self.now - timedelta(days=int(asked.query["days"]))
        closes += length - (closes - EPOCH) % length
        candles = []
        while closes < self.now + length:  # the last one closes in the future
            if closes not in self.without:
                candles.append(candle_of(closes))
            closes += length
        return json_answer(candles)


def candle_of(closed: datetime) -> list[float]:
    """Return the candle that closed then: its prices follow from the half hour."""
    number = int(closed.timestamp()) // 1800 % 100
    price = 20_000.0 + number
    return [int(closed.timestamp() * 1000), price, price + 5.5, price - 4.5, price + 0.5]
