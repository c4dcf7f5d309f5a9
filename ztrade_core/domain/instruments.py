"""Instruments: what is traded, and the grid of prices and quantities it is traded on.

The one crossing between float64 (decisions) and Decimal (the broker's border) is here.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

STOCK_LOTS_PER_UNIT = 1.0
CRYPTO_LOTS_PER_UNIT = 1e8
GRID_TOLERANCE = 1e-6


class AssetClass(StrEnum):
    """What kind of thing it is: fixes calendar, lot and order forms."""

    STOCK = "stock"
    CRYPTO = "crypto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One tradable symbol."""

    symbol: str
    asset_class: AssetClass

    @property
    def key(self) -> str:
        """The symbol in asset keys and file names: `BTC/USD` is `BTC-USD`."""
        return self.symbol.replace("/", "-")

    @property
    def identifier(self) -> str:
        """The symbol in job and op names: `BTC/USD` is `BTC_USD`."""
        return "".join(c if c.isalnum() else "_" for c in self.symbol)

    @property
    def lots_per_unit(self) -> float:
        """Whole shares for stocks, 1e-8 for crypto; as the inverse, so that division is exact."""
        return STOCK_LOTS_PER_UNIT if self.asset_class is AssetClass.STOCK else CRYPTO_LOTS_PER_UNIT


def instrument_of(symbol: str) -> Instrument:
    """Return the instrument of a symbol: a slash (`BTC/USD`) makes it crypto."""
    asset_class = AssetClass.CRYPTO if "/" in symbol else AssetClass.STOCK
    return Instrument(symbol=symbol, asset_class=asset_class)


def ticks_per_unit(price: float) -> float:
    """Return the inverse tick at `price`: a cent, below one dollar a hundredth of a cent."""
    return 100.0 if price >= 1.0 else 10000.0


def price_down(price: float) -> float:
    """Round a price down to its tick (limits of buys); NaN stays NaN."""
    if not math.isfinite(price):
        return math.nan
    ticks = ticks_per_unit(price)
    return math.floor(price * ticks + GRID_TOLERANCE) / ticks


def price_up(price: float) -> float:
    """Round a price up to its tick (stops); NaN stays NaN."""
    if not math.isfinite(price):
        return math.nan
    ticks = ticks_per_unit(price)
    return math.ceil(price * ticks - GRID_TOLERANCE) / ticks


def quantity_down(quantity: float, lots_per_unit: float) -> float:
    """Round a quantity down to the lot; what is left below a lot is dust."""
    return math.floor(quantity * lots_per_unit + GRID_TOLERANCE) / lots_per_unit


def exact_decimal(value: float) -> Decimal:
    """Cross from float64 to Decimal: the shortest text that reads back as the same float.

    Prices and quantities on the grid come out as their plain decimals (`309.39`); a simulated
    fill off the grid keeps every bit. NaN and infinities raise ValueError.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a price or a quantity")
    return Decimal(repr(float(value)))
