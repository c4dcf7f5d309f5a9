"""A bench over hand-made bars, for studies."""

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import calendar
from tests.fakes.kernels import kernel_folder
from tests.unit.backtest.stored import NOW
from ztrade_core.backtest.runs import Bench
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import Company
from ztrade_core.ports.backtests import BacktestStore

ASKED = ("2022-12-28", "2022-12-29")


def bench_of(house: Company, series: BarSeries, backtests: BacktestStore) -> Bench:
    """A bench on which every agent decides by its strategy; kernels are kept."""
    bars = MemoryBarStore()
    bars.upsert([series], source="test", ingested_at=NOW)
    return Bench(
        company=house,
        bars=bars,
        backtests=backtests,
        calendar=calendar(),
        clock=SimulatedClock(NOW),
        maker_of=lambda _: StrategyMaker(),
        kernel_folder=kernel_folder(),
        worth_bars=1_000_000,
    )
