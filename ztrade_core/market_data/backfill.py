"""Backfills: what the store lacks of windows, asked month by month, each stored as it arrives.

What is complete is not asked for; what a vendor has answered is not asked of it again (`again` asks). A
short wait for a limit (60 s) is waited; a longer one lets the vendor rest: the next in the chain is
asked, and what is left then is said, with when to go on. A kill loses the month in flight at most; the
next launch asks for what is missing then. Months are asked for from the oldest on; where a vendor does
not know the symbol at one of them, it goes on from the newest back, to the first that it does not know.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import (
    DataError,
    NoDataError,
    RateLimitedError,
    TransientDataError,
    UnknownThereError,
    VendorRefusedError,
)
from ztrade_core.logs import get_logger
from ztrade_core.market_data.backfill_plan import BackfillTools, in_order, rest_of
from ztrade_core.market_data.backfill_report import Progress, SeriesReport
from ztrade_core.market_data.chain import Chain, SeriesWindow, Taken
from ztrade_core.market_data.missing import months, runs, whole_month
from ztrade_core.market_data.shorter import ShorterBars
from ztrade_core.market_data.splits import SplitAwareBars
from ztrade_core.ports.asked import AskedRange
from ztrade_core.ports.providers import BarProvider

log = get_logger(__name__)
PATIENCE = timedelta(seconds=60)
MOST_WAITS = 3  # for one month of one vendor
MOST_FAILURES = 3  # of a vendor in a row, then it is left alone until the next launch
SETTLED = timedelta(days=1)  # what completed later may still come: an answer about it is not kept


@dataclass(slots=True, kw_only=True)
class _Run:
    """What a run knows of a series while it is filled.

    `unknown`: by vendor, the first month at which it did not know the symbol; `served`: vendors that
    have answered since; `over`: those that were asked back to where they know it no more.
    """

    written: int = 0
    until: datetime | None = None
    failed: bool = False
    sources: dict[str, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    unknown: dict[str, SeriesWindow] = field(default_factory=dict)
    served: set[str] = field(default_factory=set)
    over: set[str] = field(default_factory=set)

    def note(self, provider: BarProvider, text: str) -> None:
        """Keep a line once."""
        self.notes[f"{provider.name}: {text}"] = None


class Backfill:
    """Fills windows from the chains; one launch.

    `whole_months`: where a vendor's whole month costs no more requests than what is missing of it, the
    whole is asked for and kept, so that day after day is not a request each.
    """

    def __init__(
        self,
        tools: BackfillTools,
        chains: Mapping[AssetClass, Chain],
        *,
        again: bool = False,
        whole_months: bool = False,
    ) -> None:
        self._whole_months = whole_months
        self._tools = tools
        self._chains = chains
        self._again = again
        self._resting: dict[str, RateLimitedError] = {}
        self._failures: dict[str, int] = {}
        self._refusing: set[tuple[str, str]] = set()

    def run(
        self,
        windows: Sequence[SeriesWindow],
        watch: Callable[[Progress], None] = lambda _: None,
    ) -> list[SeriesReport]:
        """Fill the windows, symbol by symbol, shorter timeframes first; return what became of each."""
        return [self._series(window, watch) for window in in_order(windows)]

    def _series(self, window: SeriesWindow, watch: Callable[[Progress], None]) -> SeriesReport:
        run = _Run()
        if self._tools.split_news is not None and self._tools.gaps.missing(window):
            run.notes |= dict.fromkeys(self._tools.split_news.bring(window.symbol))
        before = sum(self._tools.sent.values())
        stretches = list(months(window))
        waiting = deque(stretches)
        for number in range(1, len(stretches) + 1):
            had, turned = run.written, len(run.unknown)
            month = waiting.popleft()
            self._month(month, run)
            if not turned and run.unknown:
                waiting.reverse()
            missing = len(self._tools.gaps.missing(month))
            told = Progress(
                window=window,
                month=month,
                done=number,
                of=len(stretches),
                written=run.written - had,
                missing=missing,
            )
            watch(told)
        gaps = self._tools.gaps
        expected = gaps.expected(window)
        left = gaps.lacking(window, expected)
        return SeriesReport(
            window=window,
            expected=len(expected),
            missing=tuple(left),
            gaps=tuple(runs(expected, left)),
            requests=sum(self._tools.sent.values()) - before,
            written=run.written,
            sources=tuple(run.sources),
            until=run.until,
            failed=run.failed,
            notes=tuple(run.notes),
        )

    def _month(self, month: SeriesWindow, run: _Run) -> None:
        """Ask one provider after the other for what a month lacks still."""
        chain = self._chains.get(instrument_of(month.symbol).asset_class, Chain(()))
        tools = self._tools
        shorter = ShorterBars(
            SplitAwareBars(tools.store, tools.splits), tools.calendar, tools.store, tools.clock
        )
        # a daily bar has the auctions' prices, which shorter ones lack: it is made when none has it
        made_first = month.timeframe.is_intraday
        order = (shorter, *chain.providers) if made_first else (*chain.providers, shorter)
        for provider in order:
            if not self._tools.gaps.missing(month):
                return
            if provider is shorter:
                self._make(provider, month, run)
            elif self._may_ask(chain, provider, month, run):
                self._ask(provider, month, run)

    def _make(self, provider: BarProvider, month: SeriesWindow, run: _Run) -> None:
        rest = rest_of(self._tools, provider, month, again=True)
        if rest is None or not provider.supports(month.symbol, month.timeframe):
            return
        try:
            self._keep(provider, self._tools.intake.take(provider, rest), run)
        except NoDataError:
            return
        except DataError as error:
            run.note(provider, str(error))

    def _may_ask(self, chain: Chain, provider: BarProvider, month: SeriesWindow, run: _Run) -> bool:
        name = provider.name
        held = self._tools.intake.telling(month.symbol, month.timeframe)
        why = chain.why_not(provider, month.symbol, month.timeframe, held)
        if why:
            run.note(provider, why)
            return False
        limit = self._resting.get(name)
        if limit is not None and limit.until > self._tools.clock.now():
            self._rest(provider, limit, run)
            return False
        if self._failures.get(name, 0) >= MOST_FAILURES:
            run.failed = True
            run.note(provider, f"failed {MOST_FAILURES} times in a row, left alone in this launch")
            return False
        return name not in run.over and (name, month.symbol) not in self._refusing

    def _ask(self, provider: BarProvider, month: SeriesWindow, run: _Run) -> None:
        """Ask one vendor for what it has not answered of a month yet; keep what comes."""
        rest = rest_of(self._tools, provider, month, again=self._again)
        if rest is None:
            run.note(provider, "has answered before and has no more (`--again` asks again)")
            return
        rest = self._widened(provider, rest)
        try:
            taken = self._patiently(provider, rest)
        except RateLimitedError as error:
            self._resting[provider.name] = error
            self._rest(provider, error, run)
        except NoDataError as error:
            self._remember(provider, rest, 0)
            run.note(provider, str(error))
        except VendorRefusedError as error:
            self._refuse(provider, rest, run, error)
        except TransientDataError as error:
            self._failures[provider.name] = self._failures.get(provider.name, 0) + 1
            run.failed = True
            run.note(provider, str(error))
        except DataError as error:
            run.note(provider, str(error))
        else:
            run.served.add(provider.name)
            self._failures[provider.name] = 0
            self._keep(provider, taken, run)
            self._remember(provider, rest, taken.rows)

    def _refuse(
        self, provider: BarProvider, rest: SeriesWindow, run: _Run, error: VendorRefusedError
    ) -> None:
        if isinstance(error, UnknownThereError):
            self._turn(provider, rest, run)
        else:
            self._refusing.add((provider.name, rest.symbol))
        run.note(provider, str(error))

    def _turn(self, provider: BarProvider, rest: SeriesWindow, run: _Run) -> None:
        """Take note of a month at which a vendor does not know the symbol.

        The first time it is asked for the newest month next, and on from there into the past. The second
        time that is over; what lies between is not there when it served newer months, and if it served
        none it does not know the symbol at all.
        """
        first = run.unknown.get(provider.name)
        if first is None:
            run.unknown[provider.name] = rest
            run.served.discard(provider.name)
            return
        run.over.add(provider.name)
        if provider.name in run.served:
            ends = (min(first.start, rest.start), max(first.stop, rest.stop))
            between = replace(rest, start=ends[0], stop=ends[1])
            self._remember(provider, between, 0)
        else:
            self._refusing.add((provider.name, rest.symbol))

    def _widened(self, provider: BarProvider, rest: SeriesWindow) -> SeriesWindow:
        if not self._whole_months:
            return rest
        whole = whole_month(rest)
        whole = replace(whole, stop=max(rest.stop, min(whole.stop, self._tools.clock.now())))
        costs = [
            provider.calls(each.symbol, each.timeframe, each.start, each.stop)
            for each in (rest, whole)
        ]
        return whole if 0 < costs[1] == costs[0] else rest

    def _patiently(self, provider: BarProvider, rest: SeriesWindow) -> Taken:
        """Take what a vendor has, waiting for its limit where the wait is short."""
        for _ in range(MOST_WAITS):
            try:
                return self._tools.intake.take(provider, rest)
            except RateLimitedError as error:
                wait = error.until - self._tools.clock.now()
                if wait > PATIENCE:
                    raise
                log.info("waiting_for_vendor", vendor=provider.name, until=iso_z(error.until))
                self._tools.sleep(max(0.0, wait.total_seconds()))
        return self._tools.intake.take(provider, rest)

    def _rest(self, provider: BarProvider, limit: RateLimitedError, run: _Run) -> None:
        run.until = limit.until if run.until is None else min(run.until, limit.until)
        run.note(provider, str(limit))

    def _keep(self, provider: BarProvider, taken: Taken, run: _Run) -> None:
        for note in taken.notes:
            run.note(provider, note)
        run.written += taken.written
        if taken.written:
            run.sources[taken.source] = None

    def _remember(self, provider: BarProvider, rest: SeriesWindow, rows: int) -> None:
        """Keep what a vendor has answered, where it was asked at all and the bars are settled."""
        now = self._tools.clock.now()
        stop = min(rest.stop, now - SETTLED)
        calls = provider.calls(rest.symbol, rest.timeframe, rest.start, rest.stop)
        if calls > 0 and rest.start < stop:
            self._tools.asked.record(
                AskedRange(
                    symbol=rest.symbol,
                    timeframe=rest.timeframe,
                    vendor=provider.name,
                    start=rest.start,
                    stop=stop,
                    rows=rows,
                    answered_at=now,
                )
            )
