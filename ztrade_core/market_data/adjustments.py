"""Which prices a series holds: as traded (`raw`), or with splits taken out (`split`); never both.

The last word of a bar's `source` says so. Other sources (files, coins) do not say, and are not judged.
"""

from ztrade_core.domain.instruments import AssetClass, instrument_of

RAW, SPLIT = "raw", "split"
TAKEN_OUT = "+splits"
"""Behind a source: on reading, its bars were brought to one day's units."""
DELIVERED = {"alpaca": SPLIT, "alpha_vantage": RAW, "yahoo": SPLIT}
_SAID = {RAW: "raw prices", SPLIT: "split-adjusted prices"}


def adjustment_of(source: str) -> str:
    """Return `raw`, `split`, or nothing where a source does not say."""
    word = source.rpartition(":")[2]
    return word if word in _SAID else ""


def refusal(symbol: str, held: str, delivered: str) -> str:
    """Return why bars of adjustment `delivered` may not join the source `held`; empty: they may."""
    kept = adjustment_of(held)
    if not kept or not delivered or kept == delivered:
        return ""
    if instrument_of(symbol).asset_class is not AssetClass.STOCK:
        return ""  # coins do not split
    vendors = " or ".join(name for name, kind in DELIVERED.items() if kind == kept)
    return (
        f"delivers {_SAID[delivered]}, and the stored {symbol} has {_SAID[kept]} ({held}): ask"
        f" {vendors}, or load the others under another DATABASE_URL"
    )
