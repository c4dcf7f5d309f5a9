"""Months of daily bars that are worked by hand, and stores in memory.

TSLA trades 2022-11-01 to 2023-01-31 (21, 21 and 20 sessions), no costs, no slippage. The mind buys on
the first bar and holds; what is searched is the size: $1,000 or $2,000 of the $10,000 allocated, the
agent's own is $500. A month's first bar closes at $100, where the second one opens and fills.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

from typing_extensions import override

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.series import series_of_closes
from tests.unit.backtest.builders import OPEN_LIMITS, OPEN_RULES
from tests.unit.risk.builders import COSTS, agent, company
from ztrade_core.backtest.runs import Bench
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.backtests import BacktestFill, BacktestRun, EquityPoint
from ztrade_core.domain.configuration import AgentConfig, StrategyChoice
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.studies import SearchMethod, Study, StudyKind, StudyPlan, Trial
from ztrade_core.domain.time import Timeframe
from ztrade_core.ports.backtests import BacktestStore, Metrics
from ztrade_core.ports.studies import StudyStore
from ztrade_core.studies.walk_forward_data import Walk
from ztrade_core.studies.walk_forward_months import month_of

NOW = datetime(2023, 2, 1, 12, tzinfo=UTC)
FREE = replace(COSTS, stock_commission_bps=0.0, slippage_bps=0.0, collar_bps=None)
ENDS_AT = {"2022-11": 110.0, "2022-12": 90.0, "2023-01": 105.0}
HOLDER = replace(
    agent(
        **OPEN_LIMITS
        | {
            "position_usd": 500.0,
            "risk_usd": 400.0,
            "stop_loss_fraction": 0.15,
            "take_profit_fraction": 5.0,
        }
    ),
    timeframe=Timeframe.D1,
    strategy=StrategyChoice(name="buy_and_hold"),
)
PLAN = StudyPlan(
    agent_id=HOLDER.agent_id,
    method=SearchMethod.GRID,
    ranges=(("position_usd", (1000.0, 2000.0)),),
    rank_by="total_return",
    samples=1,
    seed=0,
    in_sample_months=1,
)


class MemoryStudies(StudyStore):
    """Studies by id, newest first."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Study, list[Trial]]] = {}

    @override
    def save(self, study: Study, trials: Sequence[Trial]) -> None:
        self.kept.pop(study.study_id, None)
        self.kept[study.study_id] = (study, list(trials))

    @override
    def studies(
        self, agent_id: str | None = None, kind: StudyKind | None = None, limit: int = 50
    ) -> list[Study]:
        newest = [study for study, _ in reversed(self.kept.values())]
        return [one for one in newest if one.agent_id == agent_id and one.kind == kind][:limit]

    @override
    def study(self, study_id: str) -> Study | None:
        found = self.kept.get(study_id)
        return None if found is None else found[0]

    @override
    def trials(self, study_id: str) -> list[Trial]:
        return self.kept[study_id][1]


class MemoryBacktests(BacktestStore):
    """Runs by id."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[BacktestRun, list[BacktestFill], list[EquityPoint]]] = {}

    @override
    def save(
        self, run: BacktestRun, trades: Sequence[BacktestFill], equity: Sequence[EquityPoint]
    ) -> None:
        self.kept[run.run_id] = (run, list(trades), list(equity))

    @override
    def runs(self, agent_id: str | None = None, limit: int = 50) -> list[BacktestRun]:
        return [run for run, _, _ in self.kept.values() if run.agent_id == agent_id][:limit]

    @override
    def run(self, run_id: str) -> BacktestRun | None:
        found = self.kept.get(run_id)
        return None if found is None else found[0]

    @override
    def trades(self, run_id: str) -> list[BacktestFill]:
        return self.kept[run_id][1]

    @override
    def equity(self, run_id: str) -> list[EquityPoint]:
        return self.kept[run_id][2] if run_id in self.kept else []

    @override
    def trials(
        self, agent_id: str, start: datetime, end: datetime, by: datetime | None = None
    ) -> list[Metrics]:
        return [run.metrics for run in self.runs(agent_id) if run.start < end and run.end > start]


@lru_cache(maxsize=1)
def calendar() -> ExchangeSessions:
    """A month more than there are bars on both sides."""
    return ExchangeSessions(start=date(2022, 9, 1), end=date(2023, 3, 31))


def sessions(month: str, asset_class: AssetClass = AssetClass.STOCK) -> list[datetime]:
    """When the daily bars of a month open."""
    span = month_of(month)
    return calendar().expected_bars(asset_class, Timeframe.D1, span.begins, span.ends)


def hand_made_bars(months: Mapping[str, float] = ENDS_AT) -> MemoryBarStore:
    """Return a store in which every bar closes at $100 but a month's last one."""
    bars = MemoryBarStore()
    for month, last in months.items():
        opened = sessions(month)
        closes = [100.0] * (len(opened) - 1) + [last]
        put(bars, HOLDER, opened, closes)
    return bars


def put(
    bars: MemoryBarStore, trader: AgentConfig, opened: Sequence[datetime], closes: Sequence[float]
) -> None:
    """Put bars into a store, a million units each; what was there is replaced."""
    series = series_of_closes(
        trader.symbol, trader.timeframe, opened, closes, volumes=[1e6] * len(opened)
    )
    bars.upsert([series], source="test", ingested_at=NOW, replace=True)


def walk_on(
    bars: MemoryBarStore,
    *,
    plan: StudyPlan = PLAN,
    trader: AgentConfig = HOLDER,
    now: datetime = NOW,
    kernels: Path | None = None,
) -> Walk:
    """Return a walk-forward over a store of bars, nothing judged yet; without `kernels` by the loop."""
    bench = Bench(
        company=company(trader, costs=FREE, **OPEN_RULES),
        bars=bars,
        backtests=MemoryBacktests(),
        calendar=calendar(),
        clock=SimulatedClock(now),
        maker_of=lambda _: StrategyMaker(),
        kernel_folder=kernels,
    )
    return Walk(bench=bench, studies=MemoryStudies(), agent=trader, plan=plan)
