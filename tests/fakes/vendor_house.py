"""The installed `ztrade` as real processes, on vendors of this machine and a data folder of a test's own."""

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from tests.fakes.terminal import PROJECT, Terminal, Typed
from tests.fakes.vendor_config import vendors_at
from ztrade_core.domain.time import from_micros

INSTALLED = Path(sys.executable).with_name("ztrade")


class VendorHouse:
    """A terminal whose configuration names vendors by URL; `run` starts the installed command."""

    def __init__(self, folder: Path, template: Path, **urls: str) -> None:
        if not INSTALLED.exists():
            pytest.skip(f"NOT TESTED AS INSTALLED: {INSTALLED} does not exist")
        self.terminal = Terminal(folder, width=200)
        self.terminal.use_database(template)
        config = vendors_at(folder, **urls)
        self.terminal.environment.update(ZTRADE_CONFIG_DIR=str(config), ZTRADE_MARKET_DATA="")

    def run(self, *words: str) -> Typed:
        """Run `ztrade` with these words."""
        done = subprocess.run(  # noqa: S603 - our own command
            [INSTALLED, *words],
            cwd=PROJECT,
            env=self.terminal.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        return Typed(code=done.returncode, out=done.stdout, err=done.stderr)

    def stored(self, symbol: str) -> list[tuple[datetime, str, Sequence[float]]]:
        """Return open, source and the five numbers of every stored bar of a symbol, ordered."""
        connection = sqlite3.connect(self.terminal.data / "ztrade.db")
        found = connection.execute(
            "SELECT timestamp, source, open, high, low, close, volume FROM market_bars"
            " WHERE symbol = ? ORDER BY timestamp",
            (symbol,),
        ).fetchall()
        connection.close()
        return [(from_micros(stamp), source, values) for stamp, source, *values in found]
