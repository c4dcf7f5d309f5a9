"""What a backfill would ask of whom, before it asks: missing bars, requests, limits, days.

An estimate: a vendor may page, fail, or hold less than it offers; the next one is asked then.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import Timeframe
from ztrade_core.market_data.chain import Chain, Intake, SeriesWindow
from ztrade_core.market_data.missing import Gaps, around, months, unanswered
from ztrade_core.market_data.shorter import ShorterBars, shorter_ones
from ztrade_core.market_data.split_news import SplitNews
from ztrade_core.ports.asked import AskedRanges
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.providers import BarProvider
from ztrade_core.ports.quarantine import Quarantine
from ztrade_core.ports.splits import SplitStore

if TYPE_CHECKING:
    from ztrade_core.wires.limits import Limit

DAY = timedelta(days=1)
Used = Callable[[str], Sequence[tuple["Limit", int]]]
"""A vendor's limits, each with how many requests of its stretch were taken by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillTools:
    """What plan and execution work with; `sent` counts requests by vendor since the process began."""

    store: BarStore
    asked: AskedRanges
    calendar: Calendar
    clock: Clock
    sleep: Callable[[float], None]
    used: Used
    sent: Mapping[str, int]
    quarantine: Quarantine | None = None
    splits: SplitStore | None = None
    split_news: SplitNews | None = None

    @property
    def gaps(self) -> Gaps:
        """Windows against the calendar."""
        return Gaps(self.store, self.calendar, self.clock)

    @property
    def intake(self) -> Intake:
        """The way into the store."""
        return Intake(self.store, self.calendar, self.clock, self.quarantine, splits=self.splits)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPlan:
    """One series: its bars that are complete by now, those missing, and who would be asked first.

    `vendor` is empty where nobody need be asked or can be; `notes` say who is passed over and why.
    """

    window: SeriesWindow
    expected: int
    missing: int
    months: int
    vendor: str
    requests: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorPlan:
    """One vendor: requests that it would be sent, what its narrowest day leaves, days it takes.

    `left_today` None: no limit of a day or longer.
    """

    vendor: str
    requests: int
    left_today: int | None
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillPlan:
    """Series in the order in which they are filled, and the vendors they need."""

    series: tuple[SeriesPlan, ...]
    vendors: tuple[VendorPlan, ...]


class Planner:
    """Plans over a store; asks nobody."""

    def __init__(
        self, tools: BackfillTools, chains: Mapping[AssetClass, Chain], *, again: bool = False
    ) -> None:
        self._tools = tools
        self._chains = chains
        self._again = again

    def plan(self, windows: Sequence[SeriesWindow]) -> BackfillPlan:
        """Return what filling these windows would take."""
        ordered = in_order(windows)
        found: list[SeriesPlan] = []
        for window in ordered:
            found.append(self._series(window, self._shorter_in(found, window)))
        needed: dict[str, int] = {}
        for each in found:
            if each.requests:
                needed[each.vendor] = needed.get(each.vendor, 0) + each.requests
        vendors = tuple(self._vendor(name, requests) for name, requests in needed.items())
        return BackfillPlan(series=tuple(found), vendors=vendors)

    def _shorter_in(self, plans: Sequence[SeriesPlan], window: SeriesWindow) -> Timeframe | None:
        """Return a shorter timeframe that is filled before, of which these bars are made."""
        if not window.timeframe.is_intraday:
            return None
        parts = shorter_ones(window.timeframe)
        for plan in plans:
            same = plan.window.symbol == window.symbol and plan.window.timeframe in parts
            if same and plan.window.start <= window.start and (plan.vendor or not plan.missing):
                return plan.window.timeframe
        return None

    def _series(self, window: SeriesWindow, shorter: Timeframe | None) -> SeriesPlan:
        gaps = self._tools.gaps
        lacking = {month: gaps.missing(month) for month in months(window)}
        lacking = {month: missing for month, missing in lacking.items() if missing}
        missing = sum(len(each) for each in lacking.values())
        vendor, requests, notes = "", 0, []
        if missing and shorter is not None:
            vendor, notes = "resampled", [f"made of {shorter} bars where these are complete"]
        elif missing:
            vendor, requests, notes = self._first(window, lacking)
        return SeriesPlan(
            window=window,
            expected=len(gaps.expected(window)),
            missing=missing,
            months=len(lacking),
            vendor=vendor,
            requests=requests,
            notes=tuple(notes),
        )

    def _first(
        self, window: SeriesWindow, lacking: Mapping[SeriesWindow, Sequence[object]]
    ) -> tuple[str, int, list[str]]:
        """Return the first vendor with something to be asked, its requests, and who is passed over."""
        notes: list[str] = []
        chain = self._chains.get(instrument_of(window.symbol).asset_class, Chain(()))
        held = self._tools.intake.telling(window.symbol, window.timeframe)
        for provider in chain.providers:
            why = chain.why_not(provider, window.symbol, window.timeframe, held)
            requests, is_left = (0, False) if why else self._requests(provider, list(lacking))
            if not is_left:
                notes.append(f"{provider.name}: {why or 'was asked before and has no more'}")
                continue
            return provider.name, requests, notes
        return "", 0, notes

    def _requests(
        self, provider: BarProvider, stretches: Sequence[SeriesWindow]
    ) -> tuple[int, bool]:
        requests, is_left = 0, False
        for month in stretches:
            rest = rest_of(self._tools, provider, month, again=self._again)
            if rest is not None:
                is_left = True
                requests += provider.calls(rest.symbol, rest.timeframe, rest.start, rest.stop)
        return requests, is_left

    def _vendor(self, name: str, requests: int) -> VendorPlan:
        left_today, days = None, 1
        for limit, used in self._tools.used(name):
            if limit.within >= DAY:
                left = max(0, limit.requests - used)
                left_today = left if left_today is None else min(left_today, left)
                later = -(-max(0, requests - left) // limit.requests)
                days = max(days, 1 + later * (limit.within // DAY))
        return VendorPlan(vendor=name, requests=requests, left_today=left_today, days=days)


def in_order(windows: Sequence[SeriesWindow]) -> list[SeriesWindow]:
    """Return windows symbol by symbol as asked, each symbol's shortest timeframe first."""
    symbols = list(dict.fromkeys(window.symbol for window in windows))
    return sorted(
        windows, key=lambda each: (symbols.index(each.symbol), each.timeframe.micros, each.start)
    )


def rest_of(
    tools: BackfillTools, provider: BarProvider, month: SeriesWindow, *, again: bool
) -> SeriesWindow | None:
    """Return what a provider may still be asked of a month; None when it has answered all of it.

    A vendor that holds the last days only (of 60, of one) is asked for the part of the month that it
    serves, where there is one.
    """
    missing = tools.gaps.missing(month)
    if not again:
        answers = tools.asked.of(month.symbol, month.timeframe, provider.name)
        missing = unanswered(missing, answers)
    if not missing:
        return None
    rest = around(month, missing)
    if isinstance(provider, ShorterBars) or _is_served(provider, rest):
        return rest
    first = bisect_left(
        range(len(missing)),
        1,
        key=lambda at: int(_is_served(provider, around(month, missing[at:]))),
    )
    return rest if first == len(missing) else around(month, missing[first:])


def _is_served(provider: BarProvider, part: SeriesWindow) -> bool:
    """Return whether a provider would ask for a part of a month at all."""
    return provider.calls(part.symbol, part.timeframe, part.start, part.stop) > 0
