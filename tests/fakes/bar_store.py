"""A store of bars in memory, with the contract of `ztrade_core.ports.bars.BarStore`."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from typing_extensions import override

from ztrade_core.domain.bars import Bar, BarSeries, empty_series
from ztrade_core.domain.time import Timeframe, from_micros, to_micros
from ztrade_core.errors import UnsoundDataError
from ztrade_core.ports.bars import BarStore, SeriesStatus, TracedBars, UpsertReport


class MemoryBarStore(BarStore):
    """Bars by series and stamp, each with its source."""

    def __init__(self) -> None:
        self._bars: dict[tuple[str, Timeframe], dict[int, tuple[Bar, str]]] = {}
        self._came: dict[tuple[str, Timeframe, int], int] = {}

    @override
    def upsert(
        self,
        series: Sequence[BarSeries],
        *,
        source: str,
        ingested_at: datetime,
        replace: bool = False,
    ) -> list[UpsertReport]:
        for bars in series:
            held = self._bars.get((bars.symbol, bars.timeframe), {})
            others = {kept.startswith("synthetic") for _, kept in held.values()}
            if others - {source.startswith("synthetic")}:
                raise UnsoundDataError(f"{bars.symbol}: synthetic and real in one series")
        now = to_micros(ingested_at)
        return [self._put(bars, (source, now), replace=replace) for bars in series]

    @override
    def read(
        self,
        symbol: str,
        timeframe: Timeframe,
        *,
        start: datetime | None = None,
        stop: datetime | None = None,
        last: int | None = None,
    ) -> BarSeries:
        held = self._bars.get((symbol, timeframe), {})
        low = -(2**62) if start is None else to_micros(start)
        high = 2**62 if stop is None else to_micros(stop)
        stamps = sorted(stamp for stamp in held if low <= stamp < high)
        if last is not None:
            stamps = stamps[max(0, len(stamps) - last) :]
        return _series(symbol, timeframe, [held[stamp][0] for stamp in stamps])

    @override
    def traced(
        self,
        symbol: str,
        timeframe: Timeframe,
        *,
        start: datetime | None = None,
        stop: datetime | None = None,
        last: int | None = None,
    ) -> TracedBars:
        bars = self.read(symbol, timeframe, start=start, stop=stop, last=last)
        held, stamps = self._bars.get((symbol, timeframe), {}), bars.timestamps.tolist()
        return TracedBars(
            series=bars,
            sources=tuple(held[stamp][1] for stamp in stamps),
            ingested=np.array([self._came[symbol, timeframe, each] for each in stamps], np.int64),
        )

    @override
    def source_at(self, symbol: str, timeframe: Timeframe, opened: datetime) -> str:
        found = self._bars.get((symbol, timeframe), {}).get(to_micros(opened))
        return "" if found is None else found[1]

    @override
    def status(self) -> list[SeriesStatus]:
        return [
            SeriesStatus(
                symbol=symbol,
                timeframe=timeframe,
                rows=len(held),
                first_open=from_micros(min(held)),
                last_open=from_micros(max(held)),
                sources=tuple(sorted({source for _, source in held.values()})),
            )
            for (symbol, timeframe), held in sorted(self._bars.items())
            if held
        ]

    def _put(self, bars: BarSeries, origin: tuple[str, int], *, replace: bool) -> UpsertReport:
        source, now = origin
        held = self._bars.setdefault((bars.symbol, bars.timeframe), {})
        counts = {"inserted": 0, "updated": 0, "unchanged": 0, "conflicts": 0}
        first: tuple[datetime | None, str] = (None, "")
        for index in range(len(bars)):
            bar = bars.bar(index)
            known = held.get(bar.timestamp)
            outcome = _outcome(bar, source, known, replace=replace)
            counts[outcome] += 1
            if outcome == "conflicts" and known is not None and first[0] is None:
                first = (from_micros(bar.timestamp), known[1])
            if outcome in ("inserted", "updated"):
                held[bar.timestamp] = (bar, source)
                self._came[bars.symbol, bars.timeframe, bar.timestamp] = now
        return UpsertReport(**counts, first_conflict=first[0], first_conflict_source=first[1])


def _outcome(bar: Bar, source: str, known: tuple[Bar, str] | None, *, replace: bool) -> str:
    if known is None:
        return "inserted"
    if known[0] == bar:
        return "unchanged"
    return "updated" if replace or known[1] == source else "conflicts"


def _series(symbol: str, timeframe: Timeframe, bars: list[Bar]) -> BarSeries:
    if not bars:
        return empty_series(symbol, timeframe)
    names = ("open", "high", "low", "close", "volume")
    columns = [np.array([getattr(bar, name) for bar in bars], dtype=float) for name in names]
    return BarSeries(
        symbol=symbol,
        timeframe=timeframe,
        timestamps=np.array([bar.timestamp for bar in bars], dtype=np.int64),
        opens=columns[0],
        highs=columns[1],
        lows=columns[2],
        closes=columns[3],
        volumes=columns[4],
    )
