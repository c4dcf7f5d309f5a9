"""Splits from Alpaca's corporate actions through alpaca-py; keys are needed.

A reverse split that gives the stock another symbol is told under the old one. Alpaca does not promise
when it knows of one. Source: Alpaca's Market Data API 1.1, `/v1/corporate-actions`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import SecretStr
from typing_extensions import override

from ztrade_core.domain.splits import Split
from ztrade_core.errors import UnsoundDataError
from ztrade_core.market_data.vendors.alpaca_door import AlpacaDoor
from ztrade_core.market_data.vendors.splits_shaping import split_of, within
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.providers import SplitProvider
from ztrade_core.wires.pace import Pace

MOST_PAGES = 4  # a thousand splits fit on one
KINDS = ("forward_splits", "reverse_splits")


class AlpacaSplits(SplitProvider):
    """Splits of stocks."""

    def __init__(
        self, *, url: str, keys: tuple[SecretStr, SecretStr], clock: Clock, pace: Pace
    ) -> None:
        self._door = AlpacaDoor(url, keys, clock, pace)

    @property
    @override
    def name(self) -> str:
        return "alpaca"

    @override
    def splits(self, symbol: str, since: date, until: date) -> Sequence[Split]:
        from alpaca.data.enums import CorporateActionsType  # noqa: PLC0415 - slow to load
        from alpaca.data.requests import CorporateActionsRequest  # noqa: PLC0415

        form = CorporateActionsRequest(
            symbols=[symbol],
            types=[CorporateActionsType.FORWARD_SPLIT, CorporateActionsType.REVERSE_SPLIT],
            start=since,
            end=until,
        )
        client = self._door.corporate_actions()
        told = self._door.asked(lambda: client.get_corporate_actions(form), most=MOST_PAGES)
        return within(_splits(told, symbol), since, until)


def _splits(told: Any, symbol: str) -> Iterator[Split]:
    if not isinstance(told, Mapping) or set(told) - set(KINDS):
        raise UnsoundDataError("it answered with other corporate actions than splits")
    for kind in KINDS:
        rows = told.get(kind) or []
        if not isinstance(rows, list):
            raise UnsoundDataError("its splits are no list")
        for row in rows:
            if not isinstance(row, Mapping) or row.get("symbol") != symbol:
                raise UnsoundDataError(f"it answered for another symbol than {symbol}")
            new, old = row.get("new_rate"), row.get("old_rate")
            yield split_of(symbol, row.get("ex_date"), (new, old), "alpaca")
