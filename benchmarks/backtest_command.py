"""CPU time of `ztrade backtest run` on 100,000 stored bars, against `import dagster`.

    python benchmarks/backtest_command.py [--bars N] [--repeats N]

The bars are seeded random ones of TSLA, 5 minutes each, in a SQLite store in a folder of its own; the
kernel is compiled before anything is measured. Start-up is the same command over the first session's
78 bars: the interpreter, imports, the calendar, Dagster's run, what a page, a picture and the check
`no_look_ahead` cost however few bars there are. What all bars cost beyond that may be at most 3 x
`import dagster`. CPU of child processes, user and system, medians of turns. Below it, each step of the
same run in this process, and how fast its read is beside the store's own.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from ztrade_core.assembly.workshop import Workshop, open_workshop
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe
from ztrade_core.settings.load import load_settings
from ztrade_core.store.migrations import upgrade

ROOT = Path(__file__).resolve().parents[1]
AGENT, SYMBOL = "agent_tsla", "TSLA"
BEGINS = datetime(2018, 1, 2, tzinfo=UTC)
GOAL = 3.0
COMMAND = "from ztrade_pipelines.cli.main import main; main()"
FEW, ALL, DAGSTER = "start-up: 78 bars", "all bars", "import dagster"


def main() -> None:
    """Fill a store, measure the command in turns, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        variables = environment(Path(folder))
        workshop = filled(variables, wanted.bars)
        span = [each.isoformat() for each in whole_range(workshop)]
        words = ["backtest", "run", AGENT, "--start", span[0], "--json", "--end"]
        few = (whole_range(workshop)[0] + timedelta(hours=20)).isoformat()
        commands = {
            DAGSTER: ["-c", "import dagster"],
            FEW: ["-c", COMMAND, *words, few],
            ALL: ["-c", COMMAND, *words, span[1]],
        }
        cpu_seconds(commands[ALL], variables)  # compiles
        found: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(wanted.repeats):
            for name, command in commands.items():
                found[name].append(cpu_seconds(command, variables))
        tell({name: statistics.median(seconds) for name, seconds in found.items()}, wanted.bars)
        tell_steps(workshop, (span[0], span[1]), wanted.repeats)
        workshop.engine.dispose()


def environment(folder: Path) -> dict[str, str]:
    """Return the variables of a house of its own, with an instance of Dagster."""
    home = folder / "dagster_home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\nnux: {enabled: false}\n")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "ZTRADE_HOME": str(ROOT),
        "ZTRADE_DATA_DIR": str(folder / "data"),
        "DAGSTER_HOME": str(home),
        "PYTHONPATH": str(ROOT),
    }


def filled(variables: dict[str, str], count: int) -> Workshop:
    """Return the adapters over a store that holds the bars."""
    settings = load_settings(environ=variables)
    settings.data_dir.mkdir(parents=True)
    upgrade(settings.database_url)
    workshop = open_workshop(settings)
    years = timedelta(days=int(count / 78 * 7 / 5 * 1.1) + 30)
    stamps = workshop.calendar.expected_stamps(
        AssetClass.STOCK, Timeframe.M5, BEGINS, BEGINS + years
    )[:count]
    workshop.bars.upsert(
        [random_bars(stamps)], source="generated", ingested_at=workshop.clock.now()
    )
    return workshop


def random_bars(stamps: Any) -> BarSeries:
    """Return a random walk on the cent from a seed."""
    rng, count = np.random.default_rng(1), len(stamps)
    closes = np.round(200.0 * np.exp(np.cumsum(rng.normal(0.0, 0.0012, count))), 2).clip(20.0)
    opens = np.concatenate((closes[:1], closes[:-1]))
    return BarSeries(
        symbol=SYMBOL,
        timeframe=Timeframe.M5,
        timestamps=stamps,
        opens=opens,
        highs=np.maximum(opens, closes) + 0.05,
        lows=np.minimum(opens, closes) - 0.05,
        closes=closes,
        volumes=rng.integers(1_000, 1_000_000, count).astype(np.float64),
    )


def whole_range(workshop: Workshop) -> tuple[datetime, datetime]:
    """Return the first open and the last completion."""
    status = workshop.bars.status()[0]
    return status.first_open, status.last_open + status.timeframe.duration


def cpu_seconds(arguments: list[str], variables: dict[str, str]) -> float:
    """Return the CPU seconds of a Python process of its own, and of its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, *arguments], check=True, capture_output=True, env=variables, cwd=ROOT
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def tell(found: dict[str, float], bars: int) -> None:
    """Print what the command costs."""
    for name, seconds in found.items():
        print(f"{name:24} {seconds:6.2f} s CPU")
    beyond = found[ALL] - found[FEW]
    ratio = beyond / found[DAGSTER]
    print(f"{'all bars beyond it':24} {beyond:6.2f} s CPU for {bars:,}")
    print(f"{'ratio':24} {ratio:6.2f} x import dagster (goal: at most {GOAL:g})\n")


def tell_steps(workshop: Workshop, span: tuple[str, str], repeats: int) -> None:
    """Print what each step of a run takes in this process, imports and first calls left out."""
    from ztrade_core.backtest.runs import known_range, load_bars, run_and_store, run_once  # noqa: PLC0415
    from ztrade_core.studies.canary import BRIEF, check_stored  # noqa: PLC0415
    from ztrade_pipelines.backtests.describe import backtest_metadata  # noqa: PLC0415
    from ztrade_pipelines.backtests.sheets import kept_sheet  # noqa: PLC0415
    from ztrade_pipelines.resources import Ztrade  # noqa: PLC0415

    bench = Ztrade(lambda: workshop).bench()
    agent = next(each for each in bench.company.agents if each.agent_id == AGENT)
    begins, ends = known_range(bench, *span)
    result = run_and_store(bench, AGENT, *span)
    sheet = kept_sheet(workshop, result)
    steps: dict[str, Callable[[], object]] = {
        "read of the store": lambda: workshop.bars.read(SYMBOL, Timeframe.M5),
        "read of the run": lambda: load_bars(bench, agent, begins, ends, 200),
        "read, run, measure": lambda: run_once(bench, agent, span),
        "save": lambda: bench.backtests.save(result.run, result.trades, result.equity),
        "tear sheet": lambda: kept_sheet(workshop, result),
        "page": lambda: backtest_metadata(result, *sheet),
        "check no_look_ahead": lambda: check_stored(bench, AGENT, span, effort=BRIEF),
    }
    bars = len(result.equity)
    for name, step in steps.items():
        seconds = statistics.median(spent(step) for _ in range(repeats))
        print(f"{name:24} {seconds:6.3f} s CPU {bars / seconds:14,.0f} bars/s")


def spent(step: Callable[[], object]) -> float:
    """Return the CPU seconds of one call."""
    begun = time.process_time()
    step()
    return time.process_time() - begun


if __name__ == "__main__":
    main()
