"""Which exit code an error has, and what `--help` costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from ztrade_core import errors
from ztrade_pipelines.cli.commands import FAILED, LEDGER_BROKEN, WRONG_REQUEST, exit_code_of

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
