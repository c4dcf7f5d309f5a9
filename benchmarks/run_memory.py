"""Peak memory of one backtest, in a process of its own: `python benchmarks/run_memory.py BARS.npy`.

`BARS.npy` holds (5, n_bars): open, high, low, close, volume. A short run comes first, so that code and
the compiled kernel are loaded; what the process grows by afterwards at its peak is the run's own.
Prints one JSON line, all in bytes: `bars` (prices, volumes and timestamps given), `results`
(equity, exposure, reasons, fills and decisions left) and `run` (what it took beside the bars).
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from backtest import KERNELS, portfolio_of

from ztrade_core.backtest.kernel.engine import KernelOutput, run_kernel

SHORT = 2000


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.gettempdir()) / KERNELS
    path = sys.argv[1]
    run_kernel(portfolio_of(np.load(path, mmap_mode="r")[None, :, :SHORT].copy()), folder)
    given = portfolio_of(np.load(path)[None])
    series = given.legs[0].series
    columns = (series.opens, series.highs, series.lows, series.closes, series.volumes)
    bars = sum(column.nbytes for column in (*columns, series.timestamps))
    before = peak_bytes()
    output = run_kernel(given, folder)
    run = peak_bytes() - before
    print(json.dumps({"bars": bars, "results": bytes_of(output), "run": run}))


def bytes_of(output: KernelOutput) -> int:
    """Return the size of what a run leaves."""
    rows = (*output.fill_rows, *output.asked_rows)
    return sum(x.nbytes for x in (output.equity, output.exposure, output.reasons, *rows))


def peak_bytes() -> int:
    """Return the most memory this program ever had (Linux; `getrusage` would count its parent's)."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
