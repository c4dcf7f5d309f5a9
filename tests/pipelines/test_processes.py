"""The definitions as other processes load them: the command line, a run worker, the page."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipelines.conftest import AGENT, PROJECT, fill_store, settings_of
from ztrade_core.assembly.workshop import Workshop, open_workshop

HEAVY = (
    "torch",
    "transformers",
    "onnxruntime",
    "huggingface_hub",
    "tokenizers",
    "anthropic",
    "streamlit",
    "numba",
    "alpaca",
    "pandas",
    "pyarrow",
    "exchange_calendars",
    "matplotlib",
    "alembic",
    "sqlalchemy",
)
MODULE = "ztrade_pipelines.definitions"

# What the page does on "Re-execute all", and on "Re-execute from selected" with the last step.
RE_EXECUTE = f"""
import sys
import dagster as dg
from dagster._core.definitions.reconstruct import ReconstructableRepository

repository = ReconstructableRepository.for_module("{MODULE}", "defs", working_directory=None)
job = repository.get_reconstructable_job("{AGENT}")
with dg.DagsterInstance.get() as instance:
    [parent] = instance.get_runs()
    assert parent.is_success
    for steps in ([], ["{AGENT}_cycle.execute"]):
        options = dg.ReexecutionOptions(parent_run_id=parent.run_id, step_selection=steps)
        result = dg.execute_job(
            job, instance=instance, run_config=parent.run_config, reexecution_options=options
        )
        print("re-executed", result.success)
"""


@pytest.fixture
def environment(tmp_path: Path, sqlite_url: str) -> dict[str, str]:
    """The environment of a process that works on this test's database and instance."""
    home = tmp_path / "dagster_home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\nnux: {enabled: false}\n")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}  # noqa: TID251
    return {
        **kept,
        "DATABASE_URL": sqlite_url,
        "ZTRADE_DATA_DIR": str(tmp_path / "data"),
        "ZTRADE_HOME": str(PROJECT),
        "DAGSTER_HOME": str(home),
        "PYTHONPATH": str(PROJECT),
    }


@pytest.fixture
def workshop(tmp_path: Path, sqlite_url: str) -> Iterator[Workshop]:
    """The same database, filled, as this process sees it."""
    made = open_workshop(settings_of(tmp_path, sqlite_url))
    fill_store(made)
    yield made
    made.engine.dispose()


def python(environment: dict[str, str], *arguments: str) -> str:
    """Run Python in a process of its own; return what it printed."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, *arguments],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_loading_the_definitions_loads_nothing_heavy(environment: dict[str, str]) -> None:
    program = (
        f"import json, sys, {MODULE}; print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    )

    assert json.loads(python(environment, "-c", program)) == []


def test_a_run_is_executed_and_re_executed_to_one_decision_and_one_order(
    environment: dict[str, str], workshop: Workshop
) -> None:
    """The command line's run, the page's re-execution of all of it, and of its last step."""
    file = str(PROJECT / "examples" / "agent_tsla_manual_buy.yaml")
    python(environment, "-m", "dagster", "job", "execute", "-m", MODULE, "-j", AGENT, "-c", file)

    told = python(environment, "-c", RE_EXECUTE)

    assert told.count("re-executed True") == 2
    with workshop.store.reading() as uow:
        [row] = uow.ledger.rows()
        assert row.decision.as_of.isoformat() == "2022-12-28T15:10:00+00:00"  # what the file says
        orders = uow.orders.recent("rehearsal", 1)
        assert [o.decision_id for o in orders if o.decision_id] == [row.decision.decision_id]
    assert len(workshop.rehearsal_desk(row.decision.as_of).broker.open_orders()) == 1
