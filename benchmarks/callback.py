"""Bars a second of CPU when a Python function is asked on every bar, beside the kernel alone.

    python benchmarks/callback.py [--bars N]

Seeded minutes of one coin, every rule on, all equity written. `nothing` answers HOLD; `crossover`
reads gaps computed beforehand and trades as the strategy does, which the table proves by its fills. The
goal is 1.5 M bars a second for a function asked on each bar. The last row is the other end, without a
goal: an order on every single bar, most of them denied.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import backtest as pure
import numpy as np

from ztrade_core.backtest.callback import OnBar, run_callback
from ztrade_core.backtest.kernel.engine import KernelOutput, run_kernel
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.indicators.ticks import to_ticks
from ztrade_core.settings.load import load_settings
from ztrade_core.strategies.protocol import BUY, HOLD, SELL

GOAL = 1.5
ROUNDS = 7
FAST, SLOW, FIRST = 20, 100, 101
CONFIDENCE = 0.75  # the strategy's own
KEEN = "an order on every bar"
FOLDER = Path(tempfile.gettempdir()) / "ztrade_bench_kernels"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=500_000)
    bars = parser.parse_args().bars
    given = one_agent(bars)
    runs: dict[str, Callable[[], KernelOutput]] = {
        "kernel, crossover compiled": lambda: run_kernel(given, FOLDER),
        "callback, nothing": lambda: called(given, nothing),
        "callback, crossover": lambda: called(given, crossover(given)),
        KEEN: lambda: called(given, keen),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    fills = {name: len(run().fill_rows[0]) for name, run in runs.items()}  # compiles, too
    for _ in range(ROUNDS):
        for name, run in runs.items():
            begun = time.process_time()
            run()
            times[name].append(time.process_time() - begun)
    print(f"{bars:,} bars; M bars/s of CPU, arrays laid out included; the goal is {GOAL}")
    for name, taken in times.items():
        median, best = bars / statistics.median(taken) / 1e6, bars / min(taken) / 1e6
        verdict = "reached" if median >= GOAL else "MISSED"
        told = verdict if name.startswith("callback") else ""
        print(f"{name:28s} {median:8.2f} (best {best:.2f})  {fills[name]:6,} fills  {told}")


def one_agent(bars: int) -> PortfolioInput:
    """Return a coin's crossover agent under the shipped rules."""
    settings = load_settings(Path(__file__).parents[1], {})
    agent = pure.trader(settings.company.agents[0], 0)
    company = replace(settings.company, agents=(agent,))
    leg = Leg(agent=agent, series=pure.series(0, pure.random_bars(1, bars)[0]), first=FIRST)
    return PortfolioInput(company=company, calendar=ExchangeSessions(), legs=(leg,))


def called(given: PortfolioInput, on_bar: OnBar) -> KernelOutput:
    """Run by a function."""
    return run_callback(given, on_bar, FOLDER, confidence=CONFIDENCE)


def nothing(_bar: int, _in_position: bool) -> int:  # noqa: FBT001
    """Ask for nothing."""
    return HOLD


def keen(_bar: int, in_position: bool) -> int:  # noqa: FBT001
    """Ask for an order on every bar."""
    return SELL if in_position else BUY


def crossover(given: PortfolioInput) -> OnBar:
    """Return the crossover's answers from arrays, as a quant would write them."""
    sums = np.concatenate(([0], np.cumsum(to_ticks(given.legs[0].series.closes))))
    fast, slow = np.zeros(len(sums) - 1, np.int64), np.zeros(len(sums) - 1, np.int64)
    fast[FAST - 1 :] = (sums[FAST:] - sums[:-FAST]) * SLOW
    slow[SLOW - 1 :] = (sums[SLOW:] - sums[:-SLOW]) * FAST
    above, below = fast > slow, fast < slow
    crossed = above & ~np.concatenate(([True], above[:-1]))
    buys, sells = crossed.tolist(), below.tolist()

    def on_bar(bar: int, in_position: bool) -> int:  # noqa: FBT001
        if in_position:
            return SELL if sells[bar] else HOLD
        return BUY if buys[bar] else HOLD

    return on_bar


if __name__ == "__main__":
    main()
