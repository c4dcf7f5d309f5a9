"""What a tear sheet shows of a stored run, read once from the store.

Bars are held against the digest that the run kept of them: buy-and-hold is drawn only on the very
bars that the run saw. How it looks is `tear_sheet`; nothing is decided or simulated here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from ztrade_core.backtest.monte_carlo import Simulation, simulations
from ztrade_core.backtest.overfit import Guards, guards_of, trades_of
from ztrade_core.backtest.portfolio_figures import held_together, shares_usd
from ztrade_core.backtest.portfolio_report import agent_parts, is_company, part, shortened
from ztrade_core.backtest.runs import series_digest
from ztrade_core.domain.backtests import BacktestFill, BacktestRun, EquityPoint
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import Company, Costs
from ztrade_core.domain.equity import curve_of
from ztrade_core.domain.time import MICROSECOND, Timeframe, parse_instant
from ztrade_core.domain.words import are, counted
from ztrade_core.performance.baseline import buy_and_hold
from ztrade_core.performance.trades import RoundTrip
from ztrade_core.ports.backtests import BacktestStore
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar
from ztrade_core.risk.judge import rules_for

Document = Mapping[str, object]
TOO_FEW = re.compile(r"needs \d+ complete bars, has ")  # `decision_makers.strategy.too_few_bars`


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Where a sheet's content is read from; `company` says what the rules are called."""

    company: Company
    bars: BarStore
    backtests: BacktestStore
    calendar: Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a tear sheet shows.

    `series` has the bars of each agent, those left out of which the store has none of that range any
    more; `baseline` is empty when they are not those the run saw. `notes` say so, and what else the
    data has against it.
    """

    run: BacktestRun
    fills: Sequence[BacktestFill]
    equity: Sequence[EquityPoint]
    trades: Sequence[RoundTrip]
    capital_usd: float
    series: Sequence[BarSeries]
    baseline: Sequence[EquityPoint]
    guards: Guards
    simulations: Sequence[Simulation]
    notes: Sequence[str]
    rules: Mapping[str, str]

    @property
    def warnings(self) -> list[str]:
        """Every reason to look again: at the result, then at its data."""
        return [*self.guards.warnings, *self.notes]


def read_sheet(archive: Archive, run: BacktestRun) -> Sheet:
    """Read what a run's sheet shows from the store."""
    fills = archive.backtests.trades(run.run_id)
    return sheet_of(archive, run, fills, archive.backtests.equity(run.run_id))


def sheet_of(
    archive: Archive,
    run: BacktestRun,
    fills: Sequence[BacktestFill],
    equity: Sequence[EquityPoint],
    *,
    held: Sequence[EquityPoint] | None = None,
    seen: Sequence[BarSeries] | None = None,
) -> Sheet:
    """Put together what a run's sheet shows, its executions and equity given.

    `held` is buy-and-hold, `seen` each agent's bars, as the run itself had them; None: made and read again.
    """
    trades = trades_of(run, fills)
    capital = run.metrics.get("capital_usd")
    capital_usd = float(capital) if isinstance(capital, int | float) else 1.0
    documents = _documents(run)
    found = [_bars(archive.bars, data) for data in documents] if seen is None else seen
    series = [bars for bars in found if bars is not None]
    is_same = seen is not None or _are_same(found, documents)
    baseline: Sequence[EquityPoint] = []
    if is_same:
        baseline = _baseline(archive, run, series, equity) if held is None else held
    return Sheet(
        run=run,
        fills=fills,
        equity=equity,
        trades=trades,
        capital_usd=capital_usd,
        series=series,
        baseline=baseline,
        guards=guards_of(run, trades, archive.backtests),
        simulations=simulations([trade.pnl_usd for trade in trades], capital_usd),
        notes=_notes(run, found, is_same=is_same),
        rules={rule.rule_id: rule.description for rule in rules_for(archive.company)},
    )


def _are_same(found: Sequence[BarSeries | None], documents: Sequence[Document]) -> bool:
    return all(
        bars is not None and series_digest(bars) == data.get("digest")
        for bars, data in zip(found, documents, strict=True)
    )


def _documents(run: BacktestRun) -> list[Document]:
    """Return what the run says of each series that it saw."""
    if not is_company(run):
        return [part(run.config, "data")]
    listed = run.config.get("agents")
    agents = listed if isinstance(listed, list) else []
    return [part(each, "data") for each in agents if isinstance(each, dict)]


def _baseline(
    archive: Archive, run: BacktestRun, series: Sequence[BarSeries], equity: Sequence[EquityPoint]
) -> Sequence[EquityPoint]:
    """Return buy-and-hold at the run's own marks; empty when the run does not say enough for it."""
    costs, capital = _costs(part(run.config, "costs")), run.metrics.get("capital_usd")
    if costs is None or not isinstance(capital, int | float) or not series:
        return []
    if is_company(run):
        allocated = {each.agent_id: each.allocated_usd for each in agent_parts(run)}
        shares = shares_usd(float(capital), allocated).values()
        parts = list(zip(series, shares, strict=True))
        return held_together(parts, equity, calendar=archive.calendar, costs=costs)
    if len(series[0]) != len(equity):
        return []
    marks = curve_of(equity).timestamps
    return buy_and_hold(series[0], marks, capital_usd=float(capital), costs=costs)


def _bars(store: BarStore, data: Document) -> BarSeries | None:
    symbol, timeframe = data.get("symbol"), data.get("timeframe")
    first, last = data.get("first_bar"), data.get("last_bar")
    if not isinstance(first, str) or not isinstance(last, str) or not isinstance(symbol, str):
        return None
    start, stop = parse_instant(first), parse_instant(last) + MICROSECOND
    series = store.read(symbol, Timeframe(str(timeframe)), start=start, stop=stop)
    return series if len(series) else None


def _costs(document: Document) -> Costs | None:
    """Return the costs a run was made with; None when they are not those that this code knows."""
    names = {each.name for each in fields(Costs)}
    return Costs(**dict(document)) if set(document) == names else None  # type: ignore[arg-type]


def _notes(run: BacktestRun, found: Sequence[BarSeries | None], *, is_same: bool) -> list[str]:
    data = part(run.config, "data")
    notes = []
    if run.status != "finished":
        notes.append(f"the run is {run.status}: what is here may be incomplete")
    sources = str(data.get("source", "")).split(", ")
    if any(source.startswith("synthetic") for source in sources):
        notes.append("the bars are invented (synthetic): the result says nothing about a market")
    missing = data.get("missing_bars")
    if isinstance(missing, int) and missing > 0:
        absent = f"{counted(missing, 'bar')} that the calendar expects {are(missing)} missing"
        notes.append(absent + _longest(data))
    if _is_all_warm_up(run):
        notes.append(
            "every bar was held for want of bars before it: begin later, or load earlier bars"
        )
    if shortened(run):
        notes.append(shortened(run))
    if None in found:
        notes.append("the store has no bars of this range any more: no prices, no buy and hold")
    elif not is_same:
        notes.append(
            "the store's bars are no longer those the run saw: prices are today's, buy and hold is"
            " left out"
        )
    return notes


def _is_all_warm_up(run: BacktestRun) -> bool:
    """Whether no bar had as many bars up to it as the strategy looks back."""
    holds = part(run.config, "holds")
    few = [times for reason, times in holds.items() if TOO_FEW.match(reason)]
    return bool(few) and few == [part(run.config, "data").get("bars")]


def _longest(data: Document) -> str:
    """Name the longest gap, where the run says it."""
    gap, bars = data.get("longest_gap"), data.get("longest_gap_bars")
    if not isinstance(gap, list) or not gap or not isinstance(bars, int):
        return ""
    return f"; the longest gap has {bars:,}, from {gap[0]} to {gap[-1]}"
