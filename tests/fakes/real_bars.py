"""The recorded market bars beside the project; a test that needs them skips loudly without."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "bars"


def real_bars_folder() -> Path:
    """Return the folder of the real files, or skip the test and say so."""
    if not FOLDER.is_dir():
        pytest.skip(f"NOT TESTED ON REAL BARS: {FOLDER} does not exist")
    return FOLDER


def real_bars(name: str) -> Path:
    """Return one real file, or skip the test and say so."""
    path = real_bars_folder() / name
    if not path.is_file():
        pytest.skip(f"NOT TESTED ON REAL BARS: {path} does not exist")
    return path
