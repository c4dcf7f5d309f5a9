"""Peak memory of the kernel with all its rules, in this process, beside the bars' own arrays.

Builds N seeded bars of a coin (six arrays, 48 bytes a bar), then runs the kernel on them twice: once told by the
kernel of the operating system (resident memory, its high-water mark reset before the run), once told by
tracemalloc (every array that numpy allocates). Then a whole `run_agent` the same two ways: the kernel, and
its equity as the curve that a backtest keeps. Linux only. The goal: a peak of at most 1.5 x the arrays,
which are the bars' and those that the run returns.
"""

import argparse
import gc
import tempfile
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from ztrade_core.backtest.engines import run_agent
from ztrade_core.backtest.kernel.engine import run_kernel
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.backtest.loop import LoopInput
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import StrategyChoice
from ztrade_core.domain.equity import curve_of
from ztrade_core.domain.time import Timeframe
from ztrade_core.settings.load import load_settings

BEGINS, MINUTE = 1_009_843_200_000_000, 60_000_000  # 2002-01-01
FOLDER = Path(tempfile.gettempdir()) / "ztrade_bench_kernels"
COLUMNS = ("timestamps", "opens", "highs", "lows", "closes", "volumes")
CROSSOVER = StrategyChoice(name="sma_crossover", parameters=(("fast", 20.0), ("slow", 100.0)))
GOAL = 1.5
MB = 1e6
Ran = TypeVar("Ran")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=10_000_000)
    wanted = parser.parse_args().bars
    FOLDER.mkdir(exist_ok=True)
    run_kernel(given(series(1_000)), FOLDER)  # compiles and loads
    market = given(series(wanted))
    bars = sum(getattr(market.legs[0].series, name).nbytes for name in COLUMNS)
    resident, output = resident_peak(lambda: run_kernel(market, FOLDER))
    outputs = output.equity.nbytes + output.exposure.nbytes + output.reasons.nbytes
    fills = len(output.fill_rows[0])
    del output
    traced = traced_peak(lambda: run_kernel(market, FOLDER))
    print(f"bars                      {wanted:>12,}, {fills:,} executions")
    print(f"bars' arrays              {bars / MB:12.1f} MB")
    tell("run_kernel", (bars, outputs), (resident, traced), wanted)
    whole = of_agent(market)
    resident, run = resident_peak(lambda: run_agent(whole, FOLDER))
    curve = curve_of(run.output.equity)
    kept = curve.timestamps.nbytes + curve.portfolio_values.nbytes + curve.cash_balances.nbytes
    del run, curve
    tell(
        "run_agent", (bars, kept), (resident, traced_peak(lambda: run_agent(whole, FOLDER))), wanted
    )


def tell(what: str, arrays: tuple[int, int], peaks: tuple[float, float], count: int) -> None:
    """Print what a run returns and its peaks, beside the bars' arrays and what is returned."""
    bars, returned = arrays
    print(f"{what} returns{'':10s} {returned / MB:12.1f} MB, {returned / count:.0f} bytes a bar")
    for name, peak in zip(("resident", "traced"), peaks, strict=True):
        share = (bars + peak) / (bars + returned)
        print(
            f"{name + ', beyond the bars':25s} {peak / MB:12.1f} MB, {peak / count:.0f} bytes a bar"
        )
        print(f"  peak / (bars + returned) {share:11.2f} (goal: at most {GOAL})")
        print(f"  peak / bars              {(bars + peak) / bars:11.2f}")


def of_agent(market: PortfolioInput) -> LoopInput:
    """Return the same run as a backtest of one agent is asked for."""
    leg = market.legs[0]
    return LoopInput(
        company=market.company,
        agent=leg.agent,
        maker=StrategyMaker(),
        calendar=market.calendar,
        series=leg.series,
        first=leg.first,
        source=leg.source,
    )


def series(count: int) -> BarSeries:
    """Return seeded minutes around the clock: a walk with wicks, four decimals."""
    rng = np.random.default_rng(7)
    closes = np.exp(np.log(100.0) + 0.3 * np.sin(np.arange(count) / 4000.0))
    closes = np.round(closes * (1.0 + rng.normal(0.0, 0.001, count)), 4)
    opens = np.concatenate((closes[:1], closes[:-1]))
    return BarSeries(
        symbol="C0/USD",
        timeframe=Timeframe.M1,
        timestamps=BEGINS + MINUTE * np.arange(count, dtype=np.int64),
        opens=opens,
        highs=np.maximum(opens, closes),
        lows=np.minimum(opens, closes),
        closes=closes,
        volumes=np.full(count, 3e7),
    )


def given(bars: BarSeries) -> PortfolioInput:
    """Return the shipped company with one agent, which trades as often as it wants."""
    company = load_settings(Path(__file__).parents[1], {}).company
    pattern = company.agents[0]
    limits = replace(pattern.limits, max_daily_trades=10**6, max_consecutive_losses=10**6)
    trader = replace(
        pattern, symbol=bars.symbol, timeframe=bars.timeframe, strategy=CROSSOVER, limits=limits
    )
    return PortfolioInput(
        company=replace(company, agents=(trader,)),
        calendar=ExchangeSessions(),
        legs=(Leg(agent=trader, series=bars, first=101),),
    )


def resident_peak(run: Callable[[], Ran]) -> tuple[float, Ran]:
    """Return by how many bytes resident memory rose at most during a run, and what it returned."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the high-water mark is now
    before = status("VmRSS")
    output = run()
    return status("VmHWM") - before, output


def status(name: str) -> float:
    """Return a figure of this process in bytes, as the operating system tells it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def traced_peak(run: Callable[[], object]) -> float:
    """Return how many bytes a run had allocated at most."""
    gc.collect()
    tracemalloc.start()
    try:
        run()
        return float(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    main()
