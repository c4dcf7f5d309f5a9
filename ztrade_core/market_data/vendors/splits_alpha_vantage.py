"""Splits from Alpha Vantage's function SPLITS; a key is needed, and a request of its day's few.

Source: Alpha Vantage's documentation of SPLITS: `effective_date`, and `split_factor` as new shares for one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr
from typing_extensions import override

from ztrade_core.domain.splits import Split
from ztrade_core.errors import UnsoundDataError
from ztrade_core.market_data.vendors.alpha_vantage_door import AlphaVantageDoor, vendors_symbol
from ztrade_core.market_data.vendors.splits_shaping import split_of, within
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.providers import SplitProvider
from ztrade_core.wires.bounded import WireLimits
from ztrade_core.wires.pace import Pace
from ztrade_core.wires.vendor import VENDOR_LIMITS

_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


class AlphaVantageSplits(SplitProvider):
    """Splits of stocks; one request a question."""

    def __init__(
        self,
        *,
        url: str,
        key: SecretStr,
        clock: Clock,
        pace: Pace,
        limits: WireLimits = VENDOR_LIMITS,
    ) -> None:
        self._door = AlphaVantageDoor(url, key, clock, pace=pace, limits=limits)

    @property
    @override
    def name(self) -> str:
        return "alpha_vantage"

    @override
    def splits(self, symbol: str, since: date, until: date) -> Sequence[Split]:
        self._door.begin(1)
        return within(_splits(self._door.splits(symbol), symbol), since, until)


def _splits(told: Mapping[str, Any], symbol: str) -> Iterator[Split]:
    if quote(str(told.get("symbol", "")).upper(), safe="") != vendors_symbol(symbol):
        raise UnsoundDataError(f"it answered for another symbol than {symbol}")
    rows = told.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise UnsoundDataError("its splits are no list")
    for row in rows:
        factor = row.get("split_factor")
        is_number = isinstance(factor, str) and _NUMBER.fullmatch(factor)
        rates = (float(factor) if is_number else None, 1.0)
        yield split_of(symbol, row.get("effective_date"), rates, "alpha_vantage")
