"""What a tear sheet shows of a stored run, read once from the store.

Bars are held against the digest that the run kept of them: buy-and-hold is drawn only on the very
bars that the run saw. How it looks is `tear_sheet`; nothing is decided or simulated here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from ztrade_core.backtest.monte_carlo import Simulation, simulations
from ztrade_core.backtest.overfit import Guards, guards_of
from ztrade_core.backtest.runs import series_digest
from ztrade_core.domain.backtests import BacktestFill, BacktestRun, EquityPoint
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import Company, Costs
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import MICROSECOND, Timeframe, parse_instant
from ztrade_core.performance.baseline import buy_and_hold
from ztrade_core.performance.trades import RoundTrip, closed_trades
from ztrade_core.ports.backtests import BacktestStore
from ztrade_core.ports.bars import BarStore
from ztrade_core.risk.judge import rules_for

Document = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Where a sheet's content is read from; `company` says what the rules are called."""

    company: Company
    bars: BarStore
    backtests: BacktestStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a tear sheet shows.

    `bars` is None when the store has none of that range any more, `baseline` empty when its bars are
    not those the run saw. `notes` say so, and what else the data has against it.
    """

    run: BacktestRun
    fills: Sequence[BacktestFill]
    equity: Sequence[EquityPoint]
    trades: Sequence[RoundTrip]
    capital_usd: float
    asset_class: AssetClass
    bars: BarSeries | None
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
) -> Sheet:
    """Put together what a run's sheet shows, its executions and equity given."""
    trades = closed_trades(fills)
    capital = run.metrics.get("capital_usd")
    capital_usd = float(capital) if isinstance(capital, int | float) else 1.0
    symbol = str(part(run.config, "data").get("symbol", ""))
    bars = _bars(archive.bars, part(run.config, "data"))
    is_same = bars is not None and series_digest(bars) == part(run.config, "data").get("digest")
    costs = _costs(part(run.config, "costs"))
    baseline: list[EquityPoint] = []
    if bars is not None and is_same and costs is not None and len(bars) == len(equity):
        marks = [point.timestamp for point in equity]
        baseline = buy_and_hold(bars, marks, capital_usd=capital_usd, costs=costs)
    return Sheet(
        run=run,
        fills=fills,
        equity=equity,
        trades=trades,
        capital_usd=capital_usd,
        asset_class=instrument_of(symbol).asset_class if symbol else AssetClass.STOCK,
        bars=bars,
        baseline=baseline,
        guards=guards_of(run, trades, archive.backtests),
        simulations=simulations([trade.pnl_usd for trade in trades], capital_usd),
        notes=_notes(run, bars, is_same=is_same),
        rules={rule.rule_id: rule.description for rule in rules_for(archive.company)},
    )


def part(config: Document, name: str) -> Document:
    """Return a mapping inside a run's configuration; empty when there is none."""
    found = config.get(name)
    return found if isinstance(found, dict) else {}


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


def _notes(run: BacktestRun, bars: BarSeries | None, *, is_same: bool) -> list[str]:
    data = part(run.config, "data")
    notes = []
    if run.status != "finished":
        notes.append(f"the run is {run.status}: what is here may be incomplete")
    if str(data.get("source", "")).startswith("synthetic"):
        notes.append("the bars are invented (synthetic): the result says nothing about a market")
    missing = data.get("missing_bars")
    if isinstance(missing, int) and missing > 0:
        notes.append(f"{missing:,} bars that the calendar expects are missing")
    if bars is None:
        notes.append("the store has no bars of this range any more: no prices, no buy and hold")
    elif not is_same:
        notes.append(
            "the store's bars are no longer those the run saw: prices are today's, buy and hold is"
            " left out"
        )
    return notes
