"""Backtests a second of CPU: the kernel with all its rules, and our functions under other engines' rules.

    python benchmarks/backtest.py [--reference FOLDER] [--bars N]

Bars are seeded random minutes. `--reference` is the folder of the comparison harness's adaptors: its
numba loop then runs beside ours in this process, on the same bars, by turns. vectorbt runs too where it
is installed. The goals of speed are each judged by the best round: the one that a busy machine disturbed
least. What a run allocates is measured last, in a process of its own (`memory.py`).
"""

import argparse
import importlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import peer

from ztrade_core.backtest.kernel import engine
from ztrade_core.backtest.kernel.building import compiled_kernel
from ztrade_core.backtest.kernel.inputs import kernel_input
from ztrade_core.backtest.kernel.layout import FINISHED, STATUS
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, StrategyChoice
from ztrade_core.domain.time import Timeframe
from ztrade_core.settings.load import load_settings

ROUNDS = 9
JUMPS = 0.001  # the share of bars that open with one
SYMBOLS = 10
MEMORY_BARS = 5_000_000
KERNELS = "ztrade_bench_kernels"
ROOM = 1 << 15  # rows for fills and decisions, touched where written only
LONE, TOGETHER = "kernel, all rules, 1 agent", f"kernel, all rules, {SYMBOLS} agents"
SWEEP, PEERS, REFERENCE = "harness's rules, 1,000 pairs", "vectorbt", "the harness's numba loop"
GOALS = {LONE: 65.0, SWEEP: 150.0, TOGETHER: 50.0}  # M bars/s
TIMES_VECTORBT = 20.0
BEGINS, MINUTE = 1_577_836_800_000_000, 60_000_000
TERMS = {"cash": 1e8, "frac": 0.05, "stop": 0.02, "comm": 0.0001, "fast": 20, "slow": 100}
NAMES = ("open", "high", "low", "close", "volume")
CROSSOVER = StrategyChoice(name="sma_crossover", parameters=(("fast", 20.0), ("slow", 100.0)))
PAIRS = [(fast, slow) for fast in range(4, 54, 2) for slow in range(60, 260, 5)]
Run = Callable[[], Any]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=100_000)
    parser.add_argument("--reference", type=Path, help="the harness's folder")
    wanted = parser.parse_args()
    bars = random_bars(SYMBOLS, wanted.bars)
    one, count = bars[0], wanted.bars
    runs = {
        LONE: (kernel_run(bars[:1]), count),
        TOGETHER: (kernel_run(bars), count * SYMBOLS),
        "harness's rules, one symbol": (peer_run("A", one), count),
        "harness's rules, 100 pairs": (peer_run("B", one, PAIRS[::10]), count * 100),
        SWEEP: (peer_run("B", one, PAIRS), count * 1000),
        f"harness's rules, {SYMBOLS} symbols": (peer_run("P", bars), count * SYMBOLS),
    }
    runs |= vectorbt_runs(one, count) | reference_runs(wanted.reference, one, count)
    times = measured({name: run for name, (run, _) in runs.items()})
    best = {name: work / min(times[name]) / 1e6 for name, (_, work) in runs.items()}
    base = best.get(REFERENCE)
    print(f"{'M bars/s of CPU':36s} {'median':>8s} {'best':>8s}   best / the numba loop")
    for name, (_, work) in runs.items():
        median = work / statistics.median(times[name]) / 1e6
        ratio = f"{best[name] / base:8.2f}" if base else "       -"
        print(f"{name:36s} {median:8.1f} {best[name]:8.1f}   {ratio}")
    tell_goals(best)
    tell_memory()


def tell_goals(best: dict[str, float]) -> None:
    """Print which goals of speed are met."""
    print("\ngoals")
    for name, least in GOALS.items():
        told(f"{name}: {best[name]:.1f} M bars/s, at least {least:g}", met=best[name] >= least)
    if PEERS in best:
        times = best[LONE] / best[PEERS]
        told(
            f"{LONE}: {times:.1f} x {PEERS}, at least {TIMES_VECTORBT:g}",
            met=times >= TIMES_VECTORBT,
        )


def tell_memory() -> None:
    """Measure one run's memory, in a process of its own."""
    print("\nmemory", flush=True)
    program = Path(__file__).with_name("memory.py")
    command = [sys.executable, str(program), "--bars", str(MEMORY_BARS)]
    subprocess.run(command, check=True)  # noqa: S603 - our own program


def told(text: str, *, met: bool) -> None:
    """Print a goal."""
    print(f"{'met' if met else 'NOT MET':8s} {text}")


def measured(runs: dict[str, Run]) -> dict[str, list[float]]:
    """Return CPU seconds of every run, by turns, so that a busy machine slows all alike."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()  # compiles
    for _ in range(ROUNDS):
        for name, run in runs.items():
            begun = time.process_time()
            run()
            times[name].append(time.process_time() - begun)
    return times


def random_bars(symbols: int, count: int) -> Any:
    """Return (symbols, 5, count) of seeded minutes: a log-normal walk with jumps, four decimals."""
    rng = np.random.default_rng(20240607)
    steps = rng.normal(0.0, 0.001, (symbols, 2, count))
    steps[:, 0] = np.where(
        rng.random((symbols, count)) < JUMPS, steps[:, 0] * 10.0, steps[:, 0] / 20.0
    )
    path = np.log(100.0) + np.cumsum(steps.transpose(0, 2, 1).reshape(symbols, -1), axis=1)
    opens, closes = np.round(np.exp(path[:, 0::2]), 4), np.round(np.exp(path[:, 1::2]), 4)
    wicks = np.exp(np.abs(rng.normal(0.0, 0.0004, (2, symbols, count))))
    highs = np.round(np.maximum(opens, closes) * wicks[0], 4)
    lows = np.round(np.minimum(opens, closes) / wicks[1], 4)
    volumes = rng.integers(20_000_000, 50_000_000, (symbols, count)).astype(np.float64)
    return np.ascontiguousarray(np.stack([opens, highs, lows, closes, volumes], axis=1))


def kernel_run(bars: Any) -> Run:
    """Return a run of our own engine: the shipped company, every rule on, each agent a coin."""
    given = portfolio_of(bars)
    kernel = compiled_kernel(["sma_crossover"], Path(tempfile.gettempdir()) / KERNELS)
    laid = kernel_input(given)

    def run() -> None:
        out = engine._room(given, laid, ROOM + laid.events // 16)  # noqa: SLF001 - the pass alone is measured
        beside, minds = engine._fresh(laid.beside), engine._fresh(laid.minds)  # noqa: SLF001
        kernel(laid.market, laid.spans, laid.rules, beside, minds, out)
        if out[4][STATUS] != FINISHED:
            raise RuntimeError(f"the pass ended with status {out[4][STATUS]}")

    return run


def portfolio_of(bars: Any) -> PortfolioInput:
    """Return the shipped company with an agent for each symbol of `bars` (symbols, 5, count)."""
    settings = load_settings(Path(__file__).parents[1], {})
    pattern = settings.company.agents[0]
    legs = tuple(
        Leg(agent=trader(pattern, n), series=series(n, x), first=101) for n, x in enumerate(bars)
    )
    company = replace(settings.company, agents=tuple(leg.agent for leg in legs))
    return PortfolioInput(company=company, calendar=ExchangeSessions(), legs=legs)


def trader(pattern: AgentConfig, number: int) -> AgentConfig:
    """Return one of the agents: a crossover on minutes that trades as often as it wants."""
    limits = replace(pattern.limits, max_daily_trades=10**6, max_consecutive_losses=10**6)
    return replace(
        pattern,
        agent_id=f"agent_{number}",
        symbol=f"C{number}/USD",
        timeframe=Timeframe.M1,
        strategy=CROSSOVER,
        limits=limits,
    )


def series(number: int, bars: Any) -> BarSeries:
    """Return bars as a series of minutes around the clock."""
    stamps = BEGINS + MINUTE * np.arange(bars.shape[1], dtype=np.int64)
    names = ("opens", "highs", "lows", "closes", "volumes")
    columns = dict(zip(names, bars, strict=True))
    return BarSeries(symbol=f"C{number}/USD", timeframe=Timeframe.M1, timestamps=stamps, **columns)


def peer_run(case: str, bars: Any, pairs: list[tuple[int, int]] | None = None) -> Run:
    """Return a run under the harness's rules."""
    columns = bars.transpose(1, 0, 2) if case == "P" else bars
    return peer.make(case, dict(zip(NAMES, columns, strict=True)), {**TERMS, "pairs": pairs})


def reference_runs(folder: Path | None, bars: Any, count: int) -> dict[str, tuple[Run, int]]:
    """Return the harness's own numba loop, where its folder is given."""
    if folder is None:
        return {}
    sys.path.insert(0, str(folder))
    sys.argv = sys.argv[:1]
    reference = importlib.import_module("ref_numba")
    values = (TERMS["cash"], TERMS["frac"], TERMS["stop"], TERMS["comm"])
    opens, highs, lows, closes, _ = bars
    theirs = reference.onepass(opens, highs, lows, closes, 20, 100, *values, np.empty(count))
    print(f"harness's numba loop {theirs}, ours {peer_run('A', bars)()}")

    def run() -> None:
        reference.onepass(opens, highs, lows, closes, 20, 100, *values, np.empty(count))

    return {REFERENCE: (run, count)}


def vectorbt_runs(bars: Any, count: int) -> dict[str, tuple[Run, int]]:
    """Return vectorbt on the same signals with its own stop, where it is installed."""
    try:
        vectorbt = importlib.import_module("vectorbt")
    except ImportError:
        print("vectorbt is not installed: not measured")
        return {}

    def run() -> None:
        fast = vectorbt.MA.run(bars[3], 20).ma
        slow = vectorbt.MA.run(bars[3], 100).ma
        above = (fast > slow).to_numpy()
        before = np.concatenate((above[:1], above[:-1]))
        vectorbt.Portfolio.from_signals(
            bars[3],
            above & ~before,
            before & ~above,
            size=0.05,
            size_type="percent",
            fees=0.0001,
            sl_stop=0.02,
        ).value()

    return {PEERS: (run, count)}


if __name__ == "__main__":
    main()
