"""The command `ztrade` as a person would type it, on a data folder of a test's own.

`type` runs in this process (Click's runner); `spawn` in one of its own, which whatever touches
Dagster needs: the definitions are read once per process.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from ztrade_pipelines.cli.main import ztrade

PROJECT = Path(__file__).resolve().parents[2]
PROGRAM = "from ztrade_pipelines.cli.main import main; main()"
INSTANCE = "telemetry: {enabled: false}\nnux: {enabled: false}\n"


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What a command answered."""

    code: int
    out: str
    err: str

    def document(self) -> Any:
        """Return standard output as the one JSON document that it must be."""
        assert self.code == 0, self.err
        return json.loads(self.out, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


class Terminal:
    """A data folder, a Dagster home, and the command on them; `width` columns wide."""

    def __init__(self, folder: Path, *, width: int = 100) -> None:
        self.data = folder / "data"
        self.home = folder / "dagster_home"
        self.home.mkdir(parents=True)
        (self.home / "dagster.yaml").write_text(INSTANCE)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}  # noqa: TID251
        self.environment = kept | {
            "ZTRADE_HOME": str(PROJECT),
            "ZTRADE_DATA_DIR": str(self.data),
            "ZTRADE_MARKET_DATA": "files",
            "DAGSTER_HOME": str(self.home),
            "COLUMNS": str(width),
            "PYTHONPATH": str(PROJECT),
            "PYTHONHASHSEED": "0",
        }

    def use_database(self, template: Path) -> None:
        """Put a migrated database where the embedded one lies."""
        self.data.mkdir(parents=True, exist_ok=True)
        shutil.copy(template, self.data / "ztrade.db")

    def type(self, *words: str, typed: str | None = None, **more: str) -> Typed:
        """Run a command in this process; `typed` comes through a pipe."""
        absent = dict.fromkeys(("DATABASE_URL", "ZTRADE_CONFIG_DIR"))
        environment = {**absent, **self.environment, **more}
        result = CliRunner().invoke(ztrade, list(words), input=typed, env=environment)
        return Typed(code=result.exit_code, out=result.stdout, err=result.stderr)

    def spawn(self, *words: str, cwd: Path = PROJECT, **more: str) -> Typed:
        """Run a command in a process of its own."""
        done = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", PROGRAM, *words],
            cwd=cwd,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        return Typed(code=done.returncode, out=done.stdout, err=done.stderr)
