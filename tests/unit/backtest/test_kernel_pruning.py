"""Old generated kernels go, with all that was cached of them; fresh and loaded ones stay."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from ztrade_core.backtest.kernel.pruning import FRESH_SECONDS, note_use

OLD = FRESH_SECONDS + 60.0


def make(folder: Path, name: str, age_seconds: float) -> Path:
    """A kernel with its cached files, last touched so long before now."""
    cached = folder / "__pycache__"
    cached.mkdir(parents=True, exist_ok=True)
    module = folder / f"ztrade_kernel_{name}.py"
    files = [
        module,
        *(cached / f"{module.stem}{end}" for end in (".cpython-311.pyc", ".run-1.nbi")),
    ]
    files.append(cached / f"{module.stem}.run-1.py311.1.nbc")
    files.append(module.with_suffix(".used"))
    for file in files:
        file.write_text("")
        now = file.stat().st_mtime
        os.utime(file, (now - age_seconds, now - age_seconds))
    return module


def names(folder: Path) -> set[str]:
    """The kernels of which any file is there."""
    found = [*folder.glob("ztrade_kernel_*"), *(folder / "__pycache__").glob("ztrade_kernel_*")]
    return {path.name.removeprefix("ztrade_kernel_").split(".")[0] for path in found}


@pytest.fixture
def loaded() -> Iterator[str]:
    """A kernel that this process has loaded."""
    sys.modules["ztrade_kernel_loaded"] = ModuleType("ztrade_kernel_loaded")
    yield "loaded"
    del sys.modules["ztrade_kernel_loaded"]


def test_the_kernels_used_last_stay_and_the_others_go_whole(tmp_path: Path) -> None:
    for number in range(6):
        make(tmp_path, f"old{number}", OLD + number)
    new = make(tmp_path, "new", 0.0)
    note_use(new, most=3)
    assert names(tmp_path) == {"new", "old0", "old1"}


def test_nothing_goes_while_there_are_few(tmp_path: Path) -> None:
    make(tmp_path, "old", 100 * OLD)
    note_use(make(tmp_path, "new", 0.0), most=2)
    assert names(tmp_path) == {"old", "new"}


def test_what_was_touched_within_the_hour_stays(tmp_path: Path) -> None:
    for number in range(4):
        make(tmp_path, f"fresh{number}", FRESH_SECONDS - 60.0)
    make(tmp_path, "old", OLD)
    note_use(make(tmp_path, "new", 0.0), most=1)
    assert names(tmp_path) == {"new", *(f"fresh{number}" for number in range(4))}


def test_a_kernel_made_long_ago_but_used_lately_stays(tmp_path: Path) -> None:
    kept, gone = make(tmp_path, "kept", 50 * OLD), make(tmp_path, "gone", OLD)
    kept.with_suffix(".used").touch()
    note_use(make(tmp_path, "new", 0.0), most=1)
    assert names(tmp_path) == {"new", "kept"}
    assert not gone.exists()


def test_a_kernel_that_this_process_has_loaded_stays(tmp_path: Path, loaded: str) -> None:
    make(tmp_path, loaded, 10 * OLD)
    make(tmp_path, "old", OLD)
    note_use(make(tmp_path, "new", 0.0), most=1)
    assert names(tmp_path) == {"new", loaded}


def test_other_files_of_the_folder_are_left_alone_and_old_scraps_go(tmp_path: Path) -> None:
    new = make(tmp_path, "new", 0.0)
    for name in ("notes.py", "half.tmp", "being_written.tmp"):
        (tmp_path / name).write_text("")
    written = (tmp_path / "half.tmp").stat().st_mtime
    os.utime(tmp_path / "half.tmp", (written - OLD, written - OLD))
    note_use(new, most=1)
    assert (tmp_path / "notes.py").exists()
    assert (tmp_path / "being_written.tmp").exists()
    assert not (tmp_path / "half.tmp").exists()


def test_a_folder_that_cannot_be_written_to_ends_nothing(tmp_path: Path) -> None:
    note_use(tmp_path / "nowhere" / "ztrade_kernel_a.py")
    assert not (tmp_path / "nowhere").exists()
