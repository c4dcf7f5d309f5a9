"""A second process finds the compiled kernel; an edited rule makes a new one; numba stays out of imports."""

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import pytest

from ztrade_core.backtest.kernel import portfolio
from ztrade_core.backtest.kernel.building import modules_of
from ztrade_core.backtest.kernel.minds import dispatch
from ztrade_core.fills.arithmetic import stop_fill_price

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import json, sys
from pathlib import Path
from tests.golden.small_backtest import STOCK, COINS, series_for
from tests.fakes.desk import calendar
from tests.unit.risk.builders import company
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.backtest.kernel.building import compiled_kernel
from ztrade_core.backtest.kernel.engine import run_kernel

folder = Path(sys.argv[1])
leg = Leg(agent=STOCK, series=series_for(STOCK), first=9)
given = PortfolioInput(company=company(STOCK, costs=COINS), calendar=calendar(), legs=(leg,))
output = run_kernel(given, folder)
stats = compiled_kernel(["sma_crossover"], folder).stats
print(json.dumps({
    "hits": sum(stats.cache_hits.values()),
    "misses": sum(stats.cache_misses.values()),
    "asked": [each.quantity for each in output.decisions()],
}))
"""


def run_in(project: Path, folder: Path) -> dict[str, object]:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, str(folder)],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(project), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sources, so that one of them can be edited."""
    copy = tmp_path / "project"
    for name in ("ztrade_core", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_a_kernel_is_compiled_once_and_anew_when_a_rule_is_edited(
    project: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "kernels"
    first, second = run_in(project, folder), run_in(project, folder)
    assert (first["hits"], first["misses"]) == (0, 1)
    assert (second["hits"], second["misses"]) == (1, 0)
    assert second["asked"] == first["asked"]
    rule = project / "ztrade_core" / "risk" / "arithmetic.py"
    text = rule.read_text()
    edited = text.replace("return limit_fraction * capital - standing_usd", "return 1000.0")
    assert edited != text
    rule.write_text(edited)
    third = run_in(project, folder)
    assert (third["hits"], third["misses"]) == (0, 1)
    assert third["asked"] != first["asked"]
    assert len(list(folder.glob("ztrade_kernel_*.py"))) == 2


def called_by(function: FunctionType) -> Iterator[FunctionType]:
    """The project's functions that a function's code names."""
    for name in function.__code__.co_names:
        found = function.__globals__.get(name)
        if isinstance(found, FunctionType) and found.__module__.startswith("ztrade_core."):
            yield found


def test_the_kernels_name_hashes_every_module_that_a_pass_calls_into() -> None:
    minds = [importlib.import_module(f"{dispatch.__package__}.{kind}") for kind in dispatch.KINDS]
    waiting = [portfolio.run]
    for mind in minds:
        waiting += [each for each in vars(mind).values() if isinstance(each, FunctionType)]
    called: set[FunctionType] = set()
    while waiting:
        function = waiting.pop()
        if function not in called:
            called.add(function)
            waiting += called_by(function)
    hashed = {*modules_of(dispatch.KINDS), portfolio.__name__, dispatch.__name__}
    assert {each.__module__ for each in called} <= hashed
    assert stop_fill_price in called


def test_the_definitions_do_not_import_numba() -> None:
    text = "import sys, ztrade_pipelines.definitions; sys.exit('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, check=False)  # noqa: S603
    assert done.returncode == 0


def test_the_engines_do_not_import_numba_before_a_kernel_is_asked_for() -> None:
    text = "import sys, ztrade_core.backtest.runs; sys.exit('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, check=False)  # noqa: S603
    assert done.returncode == 0
