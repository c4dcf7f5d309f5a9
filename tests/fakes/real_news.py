"""The recorded headlines beside the project; a test that needs them skips loudly without."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "news"


def real_news(name: str) -> Path:
    """Return one real file, or skip the test and say so."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"NOT TESTED ON REAL NEWS: {path} does not exist")
    return path
