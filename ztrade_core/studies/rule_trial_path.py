"""The whole path: the recorded intents of all agents played in one account, under both sets of limits.

The event loop of a backtest, with the same bars, costs and fills for both, from flat: what a denial frees
(capital, correlation, breakers that do not trip) has its consequences. Halts of breakers are played as
`on_halt` says; a person's halts, the broker and the vendors of then are not. Nothing is stored.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ztrade_core.backtest.legs import PortfolioInput
from ztrade_core.backtest.loop import backtest_fills, costs_paid
from ztrade_core.backtest.portfolio_loop import PortfolioOutput, run_portfolio_loop
from ztrade_core.backtest.runs import Bench
from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.configuration import Company
from ztrade_core.domain.decisions import Action, Outcome, is_news_slot
from ztrade_core.domain.equity import EquityCurve, curve_of
from ztrade_core.domain.time import to_micros
from ztrade_core.performance.drawdowns import max_drawdown
from ztrade_core.performance.trades import RoundTrip, closed_trades
from ztrade_core.studies.rule_trial_intents import Intents, intents_of
from ztrade_core.studies.rule_trial_limits import Proposed
from ztrade_core.studies.rule_trial_parts import FROM_FLAT, Part, Parts
from ztrade_core.studies.rule_trial_record import Record
from ztrade_core.trading.cycle import CycleResult

NO_RULE = "halt or size"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A moment of a path: an entry that was asked for, a breaker that tripped, or both.

    `rules` are those that denied the entry; `halts` are the breakers.
    """

    at: datetime
    is_entry: bool
    is_denied: bool
    rules: tuple[str, ...]
    halts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One run of the intents: the account's marks, its closed trades, and what was asked and tripped.

    `cash_balance` of a mark is what is not in positions.
    """

    capital_usd: float
    equity: EquityCurve
    trades: tuple[RoundTrip, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathFigures:
    """A path over a part of the period, on the equity with which the part begins.

    `earned_usd` is by how much the equity grew, open positions at their mark. `trades` are those opened in
    it and closed since, `trades_usd` their net results; `open_usd` is what is in positions at its end.
    `denied_by` counts rules: one entry may fail several.
    """

    equity_usd: float
    earned_usd: float
    total_return: float
    max_drawdown: float
    trades: int
    trades_usd: float
    entries: int
    denied: int
    denied_by: Mapping[str, int]
    halts: Mapping[str, int]
    open_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A part under the limits of now and under the proposed ones."""

    part: Part
    today: PathFigures
    proposed: PathFigures

    @property
    def gain(self) -> float:
        """By how much the proposed limits' return is higher."""
        return self.proposed.total_return - self.today.total_return


@dataclass(frozen=True, slots=True, kw_only=True)
class PathView:
    """The view: each part on the one continuous path, and the holdout once more from flat.

    `intents` say who was left out, and which bars are missing; both paths are empty without any.
    """

    intents: Intents
    today: Path
    proposed: Path
    parts: tuple[Compared, ...]
    from_flat: Compared | None

    def of(self, part: Part | None) -> Compared | None:
        """Return the figures of a part on the continuous path; None for one that there is not."""
        return next((one for one in self.parts if one.part == part), None)


def path_view(
    bench: Bench,
    proposed: Proposed,
    record: Record,
    parts: Parts,
    progress: Progress | None = None,
) -> PathView:
    """Play the recorded intents under both sets of limits; reads bars, writes nothing."""
    houses = (proposed.company, proposed.house)
    intents = intents_of(bench, proposed, record, parts.whole)
    again = None if parts.holdout is None else intents_of(bench, proposed, record, parts.holdout)
    count = _Count(progress, 2 * (_bars(intents) + (0 if again is None else _bars(again))))
    today, other = (_played(bench, house, intents, count) for house in houses)
    from_flat = None
    if again is not None and parts.holdout is not None:
        flat = Part(name=FROM_FLAT, start=parts.holdout.start, stop=parts.holdout.stop)
        paths = [_played(bench, house, again, count) for house in houses]
        from_flat = compared(paths[0], paths[1], flat)
    return PathView(
        intents=intents,
        today=today,
        proposed=other,
        parts=tuple(compared(today, other, part) for part in parts.all),
        from_flat=from_flat,
    )


def compared(today: Path, proposed: Path, part: Part) -> Compared:
    """Return a part of two paths side by side."""
    return Compared(part=part, today=figures_of(today, part), proposed=figures_of(proposed, part))


def figures_of(path: Path, part: Part) -> PathFigures:
    """Return what a path came to in a part; the equity with which it begins is the last mark before."""
    stamps, values = path.equity.timestamps, path.equity.portfolio_values
    first, last = np.searchsorted(
        stamps, [to_micros(part.start), to_micros(part.stop)], side="right"
    ).tolist()
    begins = float(values[first - 1]) if first else path.capital_usd
    ends = float(values[last - 1]) if last else path.capital_usd
    marks = path.equity[first:last]
    trades = [trade for trade in path.trades if part.holds(trade.opened_at)]
    events = [each for each in path.events if part.holds(each.at)]
    denied = [each for each in events if each.is_denied]
    return PathFigures(
        equity_usd=ends,
        earned_usd=ends - begins,
        total_return=ends / begins - 1.0,
        max_drawdown=max_drawdown(marks, begins).fraction,
        trades=len(trades),
        trades_usd=math.fsum(trade.pnl_usd for trade in trades),
        entries=sum(each.is_entry for each in events),
        denied=len(denied),
        denied_by=_sorted(rule for each in denied for rule in each.rules),
        halts=_sorted(kind for each in events for kind in each.halts),
        open_usd=_in_positions(path.equity, last),
    )


def _sorted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _in_positions(equity: EquityCurve, marks: int) -> float:
    if not marks:
        return 0.0
    return float(equity.portfolio_values[marks - 1] - equity.cash_balances[marks - 1])


def _bars(intents: Intents) -> int:
    return sum(len(leg.series) - leg.first for leg in intents.legs)


def _played(bench: Bench, house: Company, intents: Intents, count: "_Count") -> Path:
    """Play intents under a company's limits, from flat."""
    if not intents.legs:
        return Path(capital_usd=house.capital_usd, equity=curve_of([]), trades=(), events=())
    given = PortfolioInput(company=house, calendar=bench.calendar, legs=intents.legs)
    watch = _Watch(count)
    output = run_portfolio_loop(given, intents.maker, watcher=watch)
    coin_fees_usd = costs_paid(output.fills)[1]
    return Path(
        capital_usd=house.capital_usd,
        equity=_equity(output),
        trades=tuple(closed_trades(backtest_fills(output.fills), coin_fees_usd)),
        events=tuple(watch.events),
    )


def _equity(output: PortfolioOutput) -> EquityCurve:
    """Return the account's last mark of each instant."""
    marks = {
        point.timestamp: EquityPoint(
            timestamp=point.timestamp,
            portfolio_value=point.equity,
            cash_balance=point.equity - point.exposure,
        )
        for point in output.points
    }
    return curve_of(list(marks.values()))


class _Count:
    """Tells how many bars of all runs are played."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def add(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total)


class _Watch:
    """Keeps the entries and the breakers of a run."""

    def __init__(self, count: _Count) -> None:
        self.events = list[Event]()
        self._count = count

    def __call__(self, result: CycleResult) -> None:
        if not is_news_slot(result.observed.key.slot):
            self._count.add()
        event = event_of(result)
        if event.is_entry or event.halts:
            self.events.append(event)


def event_of(result: CycleResult) -> Event:
    """Return what a cycle came to, as a path keeps it."""
    validated, admission = result.validated, result.validated.admission
    is_denied = validated.outcome is Outcome.DENIED
    failed = tuple(each.rule_id for each in validated.verdicts if not each.passed)
    return Event(
        at=result.observed.snapshot.as_of,
        is_entry=result.tape.proposal.action is Action.BUY
        and validated.outcome is not Outcome.HELD,
        is_denied=is_denied,
        rules=(failed or (NO_RULE,)) if is_denied else (),
        halts=() if admission is None else tuple(halt.kind for halt in admission.halted),
    )
