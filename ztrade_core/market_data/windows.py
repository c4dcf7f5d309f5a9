"""A window of a series: what the store holds of it, what the calendar expects, what is missing.

`load` is a backfill of the one window, by whole months where these cost no more requests, and reports. With no provider that delivers (the `files`
setting) nothing is fetched, and the report says what is there.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import from_micros
from ztrade_core.market_data.backfill import Backfill
from ztrade_core.market_data.backfill_plan import BackfillPlan, BackfillTools, Planner
from ztrade_core.market_data.chain import Chain, SeriesWindow
from ztrade_core.market_data.soundness import first_fault

NO_PROVIDER = "no provider fetches this series: the store holds what was imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowReport:
    """A window after loading.

    `expected` counts the calendar's bars that are complete by now; `missing` holds the opens of
    those that the store lacks; `unsound` names the first bad bar. `requests` were sent to vendors, as
    `plan` had estimated; `stopped` says why it ended before its time, and when to go on.
    """

    window: SeriesWindow
    bars: BarSeries
    source: str
    expected: int
    missing: tuple[datetime, ...]
    written: int
    unsound: str | None
    notes: tuple[str, ...]
    plan: BackfillPlan | None = None
    requests: int = 0
    stopped: str = ""


class WindowLoader:
    """Loads windows into one store from a chain of providers."""

    def __init__(self, tools: BackfillTools, chain: Chain) -> None:
        self._tools = tools
        self._chain = chain

    def load(self, window: SeriesWindow) -> WindowReport:
        """Fetch what the store lacks of a window, and report what it then holds."""
        chains = {instrument_of(window.symbol).asset_class: self._chain}
        plan = Planner(self._tools, chains).plan([window])
        [done] = Backfill(self._tools, chains, whole_months=True).run([window])
        bars = self._tools.store.read(
            window.symbol, window.timeframe, start=window.start, stop=window.stop
        )
        notes = done.notes
        if not self._chain.providers and plan.series[0].missing:
            notes = (*notes, NO_PROVIDER)
        return WindowReport(
            window=window,
            bars=bars,
            source=self._source(bars),
            expected=done.expected,
            missing=done.missing,
            written=done.written,
            unsound=self._unsound(bars),
            notes=notes,
            plan=plan,
            requests=done.requests,
            stopped=done.stopped,
        )

    def _source(self, bars: BarSeries) -> str:
        if not len(bars):
            return ""
        ends = (from_micros(int(bars.timestamps[0])), bars.last_open)
        store = self._tools.store
        found = Counter(store.source_at(bars.symbol, bars.timeframe, end) for end in ends)
        return ", ".join(found)

    def _unsound(self, bars: BarSeries) -> str | None:
        fault = first_fault(bars, self._tools.calendar, self._tools.clock.now())
        if fault is None:
            return None
        return f"{from_micros(int(bars.timestamps[fault.index]))}: {fault.reason}"
