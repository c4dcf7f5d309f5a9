"""Retention: which old bars and equity curves may go, said before anything is deleted.

Age is counted from now. Whatever its age, a series keeps what may still be looked at: the bars that the
agents' look-back, the correlation rule and the quality checks read before its newest bar, and
everything from before an open position's entry on. Nothing but bars and backtests' curves is touched.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, Company, RetentionConfig
from ztrade_core.domain.time import Timeframe, from_micros
from ztrade_core.market_data.admission import BARS_BEFORE
from ztrade_core.ports.bars import BarStore, SeriesStatus
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.retention import Need, OldCurves, Retention

CHUNK_BARS = 100_000
CHUNK_RUNS = 20
_NO_CURVES = OldCurves(runs=0, points=0)
_SPARE_SESSIONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OldBars:
    """Bars of a series that go: those before `before`; `kept_for` says what holds back older ones."""

    symbol: str
    timeframe: Timeframe
    first_open: datetime
    before: datetime
    rows: int
    of_rows: int
    kept_for: str

    @property
    def said(self) -> str:
        """One line for a person."""
        kept = f"; older ones are kept: {self.kept_for}" if self.kept_for else ""
        return (
            f"{self.symbol} {self.timeframe.value}: {self.rows:,} of {self.of_rows:,} bars, opened"
            f" before {self.before:%Y-%m-%d}, go{kept}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPlan:
    """Everything that goes."""

    bars: tuple[OldBars, ...]
    curves: OldCurves
    curves_before: datetime | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing goes."""
        return not self.curves.points and not any(one.rows for one in self.bars)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionTools:
    """What retention works with; `lookback_of` says how many bars an agent decides on."""

    bars: BarStore
    retention: Retention
    calendar: Calendar
    clock: Clock
    company: Company
    lookback_of: Callable[[AgentConfig], int]


def plan_retention(tools: RetentionTools, policy: RetentionConfig) -> RetentionPlan:
    """Return what the policy lets go now; nothing is deleted."""
    now, days = tools.clock.now(), dict(policy.bars)
    needs = tools.retention.needs()
    bars = tuple(
        _old_bars(tools, series, now - timedelta(days=days[series.timeframe]), needs)
        for series in tools.bars.status()
        if series.timeframe in days
    )
    if policy.backtest_curves is None:
        return RetentionPlan(bars=bars, curves=_NO_CURVES, curves_before=None)
    before = now - timedelta(days=policy.backtest_curves)
    return RetentionPlan(
        bars=bars, curves=tools.retention.curves_before(before), curves_before=before
    )


def apply_retention(
    tools: RetentionTools, plan: RetentionPlan, *, chunk: int = CHUNK_BARS
) -> Iterator[tuple[str, int]]:
    """Delete what was planned, a chunk a transaction; yield what each chunk was of, and its rows.

    A run that was cut short is simply run again. What an order or a position that came since the plan
    needs is looked at once more before each series.
    """
    for one in plan.bars:
        needs = tools.retention.needs()
        series = (one.symbol, one.timeframe)
        before = min([one.before, *(since for since, _ in _open_needs(tools, series, needs))])
        while gone := tools.retention.delete_bars(*series, before, at_most=chunk):
            yield f"{one.symbol} {one.timeframe.value}", gone
    if plan.curves_before is not None:
        while gone := tools.retention.delete_curves(plan.curves_before, at_most_runs=CHUNK_RUNS):
            yield "backtest curves", gone


def _old_bars(
    tools: RetentionTools, series: SeriesStatus, aged: datetime, needs: Sequence[Need]
) -> OldBars:
    key = (series.symbol, series.timeframe)
    held_back = [
        (since, why)
        for since, why in (_looked_at(tools, series), *_open_needs(tools, key, needs))
        if since < aged
    ]
    before, kept_for = min(held_back, default=(aged, ""))
    return OldBars(
        symbol=series.symbol,
        timeframe=series.timeframe,
        first_open=series.first_open,
        before=before,
        rows=tools.retention.bars_before(*key, before),
        of_rows=series.rows,
        kept_for=kept_for,
    )


def _looked_at(tools: RetentionTools, series: SeriesStatus) -> tuple[datetime, str]:
    """Return the oldest open that is read when something is decided at the newest bar."""
    symbol, timeframe, newest = series.symbol, series.timeframe, series.last_open
    bars = max(_lookback(tools, symbol, timeframe), BARS_BEFORE[timeframe])
    last = tools.bars.read(symbol, timeframe, last=bars + 1)
    found = [(_first_open(last), f"the last {bars:,} bars are looked at")]
    agent = tools.company.agent_of_symbol(symbol)
    if agent is not None and timeframe in (agent.timeframe, Timeframe.D1):
        returns = tools.company.risk.correlation_returns
        sessions = returns + _SPARE_SESSIONS
        reach = timedelta(days=2 * sessions)
        closes = tools.calendar.session_closes((newest - reach).date(), newest.date())
        if closes:
            since = closes[-sessions:][0] - timedelta(days=1)
            found.append((since, f"the correlation rule reads {returns} sessions"))
    return min(found)


def _lookback(tools: RetentionTools, symbol: str, timeframe: Timeframe) -> int:
    needed = (
        tools.lookback_of(agent)
        for agent in tools.company.agents
        if (agent.symbol, agent.timeframe) == (symbol, timeframe)
    )
    return max(needed, default=0)


def _open_needs(
    tools: RetentionTools, series: tuple[str, Timeframe], needs: Sequence[Need]
) -> Iterator[tuple[datetime, str]]:
    """Yield from when what is open needs a series, the look-back before it included."""
    for need in needs:
        if (need.symbol, need.timeframe) == series:
            lookback = max(_lookback(tools, *series), 1)
            before = tools.bars.read(*series, stop=need.since, last=lookback)
            yield (_first_open(before) if len(before) else need.since), need.why


def _first_open(bars: BarSeries) -> datetime:
    return from_micros(int(bars.timestamps[0]))
