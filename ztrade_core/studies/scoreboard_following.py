"""Return if followed: what a mind's answers alone would have earned, by the backtest's own engines.

Its proposals are repeated as a recording over the stored bars, starting flat, with the agent's limits, costs,
rules and fills: the very run of `ztrade backtest run --recorded`. A bar without an answer is a hold, and
counted. Answers on news belong to no bar and are left out. Prices and quantities that an answer names are put
into the units of the run's last day where a split lies between. Nothing is saved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from ztrade_core.backtest.decided_by import RunOptions
from ztrade_core.backtest.runs import BacktestResult, Bench, run_once
from ztrade_core.decision_makers.recorded import Recording
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.time import MICROSECOND, from_micros, iso_z, new_york_date, to_micros
from ztrade_core.market_data.splits import KnownBars
from ztrade_core.performance.definitions import BASELINE_PREFIX
from ztrade_core.studies.scoreboard_answers import FIRST_SAMPLE, Answer, Answers

SOURCE = "scoreboard"
_RECORDED = RunOptions(recorded=SOURCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What following a mind over `begins <= open < ends` came to; fractions of the agent's capital.

    `unanswered` of the `bars` have no usable answer. `low` and `high` are the least and the most that the
    mind's `others` (its further samples) came to. `own_return` is that of the agent's own decisions and
    `hold_return` buy-and-hold's over the same bars.
    """

    begins: datetime
    ends: datetime
    bars: int
    unanswered: int
    total_return: float | None
    max_drawdown: float | None
    trades: int | None
    others: int
    low: float | None
    high: float | None
    own_return: float | None
    hold_return: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bars:
    """A window's stored bars: `known` in the units of any day, `series` those that are complete by `ends`."""

    known: KnownBars
    series: BarSeries
    ends: datetime


class Follower:
    """Runs minds' answers over one agent's bars, beside the agent's `own`."""

    def __init__(self, bench: Bench, agent: AgentConfig, bars: Bars, own: Answers) -> None:
        self._bench = bench.deaf()  # a recording looks at no sentiment, and news run nothing
        self._agent = replace(
            agent,
            mode=Mode.RECORDED,
            wake=None,
            breaking_news=False,
            model=None,
            ensemble=None,
            shadows=(),
        )
        self._known, self._series, self._ends = bars.known, bars.series, bars.ends
        self._own = own
        self._own_returns: dict[tuple[datetime, datetime], float | None] = {}

    def follow(
        self, samples: Mapping[int, Answers], until: datetime | None, *, is_own: bool
    ) -> Followed | None:
        """Follow the first sample, from its first bar to `until` (None: the window's end).

        None where no answer of it has a bar that is stored. `is_own`: these are the agent's own answers.
        """
        first = samples.get(FIRST_SAMPLE, {})
        others = [each for number, each in sorted(samples.items()) if number != FIRST_SAMPLE]
        ends = self._ends if until is None else min(until, self._ends)
        stamps = self._stamps_of(first, ends)
        if not stamps:
            return None
        begins = from_micros(stamps[0])
        result = self._run(first.values(), begins, ends)
        metrics = {} if result is None else result.run.metrics
        if is_own and len(first) == len(self._own):
            self._own_returns[begins, ends] = _number(metrics.get("total_return"))
        spread = sorted(_returns([self._run(each.values(), begins, ends) for each in others]))
        bars = int(np.count_nonzero(self._within(begins, ends)))
        usable = self._stamps_of({k: each for k, each in first.items() if each.is_usable}, ends)
        return Followed(
            begins=begins,
            ends=ends,
            bars=bars,
            unanswered=bars - len(usable),
            total_return=_number(metrics.get("total_return")),
            max_drawdown=_number(metrics.get("max_drawdown")),
            trades=_whole(metrics.get("trades")),
            others=len(spread),
            low=spread[0] if spread else None,
            high=spread[-1] if spread else None,
            own_return=None if is_own else self._own_return(begins, ends),
            hold_return=_number(metrics.get(BASELINE_PREFIX + "total_return")),
        )

    def _own_return(self, begins: datetime, ends: datetime) -> float | None:
        """Return what the agent's own decisions come to over the same bars; None where it has none there."""
        if (begins, ends) not in self._own_returns:
            found = _returns([self._run(self._own.values(), begins, ends)])
            self._own_returns[begins, ends] = found[0] if found else None
        return self._own_returns[begins, ends]

    def _within(
        self, begins: datetime, ends: datetime
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        stamps = self._series.timestamps
        found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (stamps >= to_micros(begins)) & (
            stamps < to_micros(ends)
        )
        return found

    def _stamps_of(self, answers: Answers, ends: datetime) -> list[int]:
        """Return the opens of the stored bars that have an answer, ascending."""
        opened = [each.opened for each in answers.values() if each.opened is not None]
        stamps = self._series.timestamps[self._series.timestamps < to_micros(ends)]
        found: list[int] = np.intersect1d(np.array(opened, dtype=np.int64), stamps).tolist()
        return found

    def _run(
        self, answers: Iterable[Answer], begins: datetime, ends: datetime
    ) -> BacktestResult | None:
        entries = self._entries(answers, ends)
        there = self._stamps_of(entries, ends)
        if not there or there[-1] < to_micros(begins):
            return None  # a run refuses a recording without any bar of its own
        opened = {slot: each.proposal for slot, each in entries.items()}
        recording = Recording(agent_id=self._agent.agent_id, source=SOURCE, entries=opened)
        bench = replace(self._bench, recording_of=lambda _agent, _asked: recording)
        return run_once(bench, self._agent, (iso_z(begins), iso_z(ends)), options=_RECORDED)

    def _entries(self, answers: Iterable[Answer], ends: datetime) -> Answers:
        """Return the answers that belong to bars, in the units of the run's last day."""
        on_bars = [each for each in answers if each.opened is not None]
        if self._known.traced is None:
            return {each.slot: each for each in on_bars}
        factors = _Factors(self._known, ends - MICROSECOND)
        return {
            each.slot: replace(each, proposal=scaled(each.proposal, factors.of(each)))
            for each in on_bars
        }


class _Factors:
    """How much a price that was named then is on the day of `until`: the bars say it themselves."""

    def __init__(self, known: KnownBars, until: datetime) -> None:
        self._known = known
        self._base = known.as_of(until)
        self._series: dict[int, BarSeries] = {}

    def of(self, answer: Answer) -> float:
        stamps = self._base.timestamps
        place = int(np.searchsorted(stamps, answer.opened or 0))
        if place == len(stamps) or int(stamps[place]) != answer.opened:
            return 1.0  # no bar, no run
        then = self._as_of(answer.at)
        return float(self._base.closes[place]) / float(then.closes[place])

    def _as_of(self, at: datetime) -> BarSeries:
        day = new_york_date(at)
        passed = sum(split.ex_date <= day for split in self._known.splits)
        if passed not in self._series:
            self._series[passed] = self._known.as_of(at)
        return self._series[passed]


def scaled(proposal: Proposal, factor: float) -> Proposal:
    """Return a proposal whose prices are so many times what they were, and its quantity as much less."""
    if factor == 1.0:
        return proposal
    stop, target, quantity = proposal.stop_price, proposal.target_price, proposal.quantity
    return replace(
        proposal,
        stop_price=None if stop is None else stop * factor,
        target_price=None if target is None else target * factor,
        quantity=None if quantity is None else quantity / factor,
    )


def _returns(results: Iterable[BacktestResult | None]) -> list[float]:
    found = [None if each is None else each.run.metrics["total_return"] for each in results]
    return [value for value in found if isinstance(value, float)]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
