"""CPU time of `import ztrade_pipelines.definitions` against `import dagster`, in fresh processes.

Prints medians and their ratio; the goal is at most 1.5. What a run needs only when it works (pandas,
SQLAlchemy, calendars, matplotlib, the event loop) is imported there, not here.
"""

import argparse
import statistics
import subprocess
import sys

MODULES = ("dagster", "ztrade_pipelines.definitions")
GOAL = 1.5
PROGRAM = """
import time
begun = time.process_time()
import {module}
print(time.process_time() - begun)
"""


def cpu_seconds(module: str) -> float:
    """Return the CPU seconds that importing a module takes in a process of its own."""
    command = [sys.executable, "-c", PROGRAM.format(module=module)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return float(done.stdout.split()[-1])


def main() -> None:
    """Measure in turns, so that a busy moment hits both alike, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    found: dict[str, list[float]] = {module: [] for module in MODULES}
    for _ in range(repeats):
        for module in MODULES:
            found[module].append(cpu_seconds(module))
    for module, seconds in found.items():
        print(f"{module:32} {statistics.median(seconds):.3f} s CPU, median of {repeats}")
    dagster, ours = (statistics.median(found[module]) for module in MODULES)
    print(f"{'ratio':32} {ours / dagster:.2f} (goal: at most {GOAL})")


if __name__ == "__main__":
    main()
