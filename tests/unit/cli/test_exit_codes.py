"""Which exit code an error has, and what `--help` costs."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ztrade_core import errors
from ztrade_pipelines.cli.commands import (
    FAILED,
    GOES_ON,
    INTERRUPTED,
    LEDGER_BROKEN,
    NOTHING_KEPT,
    WRONG_REQUEST,
    RootGroup,
    ZtradeCommand,
    exit_code_of,
)

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigError("x"), WRONG_REQUEST),
        (errors.InputError("x"), WRONG_REQUEST),
        (errors.NoDataError("x"), WRONG_REQUEST),
        (errors.UnsoundDataError("x"), WRONG_REQUEST),
        (errors.LedgerBrokenError(3, "d-3", "cannot be read"), LEDGER_BROKEN),
        (errors.StoreError("x"), FAILED),
        (errors.TransientDataError("x"), FAILED),
        (errors.LookAheadError("x"), FAILED),
        (ValueError("x"), FAILED),
    ],
)
def test_an_error_has_the_exit_code_of_its_reaction(error: Exception, code: int) -> None:
    assert exit_code_of(error) == code


@click.command("going", cls=ZtradeCommand)
def going() -> None:
    raise KeyboardInterrupt


@click.command("anew", cls=ZtradeCommand, interrupted=NOTHING_KEPT)
def anew() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("command", "left"), [("going", GOES_ON), ("anew", NOTHING_KEPT)])
def test_a_stopped_command_says_what_is_left_of_it(command: str, left: str) -> None:
    here = f"{__name__}:{command}"
    stopped = CliRunner().invoke(RootGroup(lazy={command: (here, "")}), [command])
    assert (stopped.exit_code, stopped.stdout) == (INTERRUPTED, "")
    assert stopped.stderr == f"error: interrupted; {left}\n"


@pytest.mark.parametrize(
    "name", ["study_sweep", "study_costs", "study_sentiment", "backtest_run", "backtest_portfolio"]
)
def test_what_is_written_in_one_piece_is_not_said_to_stand(name: str) -> None:
    command = getattr(import_module(f"ztrade_pipelines.cli.{name}"), name)
    assert command.interrupted == NOTHING_KEPT


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from ztrade_pipelines.cli.main import ztrade\n"
        "try: ztrade.main(['--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = ('dagster', 'pandas', 'sqlalchemy', 'numpy', 'pydantic', 'rich')\n"
        "loaded = [name for name in heavy if name in sys.modules]\n"
        "assert not loaded, loaded\n"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "agent" in done.stdout
