"""The folder of generated kernels keeps the ones used last; every edit of a rule leaves one behind.

A kernel is its module `ztrade_kernel_<digest>.py`, what Python and numba keep of it in `__pycache__`, and a
mark `.used` whose time is when a process loaded it last: the module's own time must stand, numba's
cache is valid for that one only.
"""

import sys
from pathlib import Path

from ztrade_core.logs import get_logger

MOST_KERNELS = 20
FRESH_SECONDS = 3600.0  # another process may be about to load what was used so lately
PREFIX = "ztrade_kernel_"
log = get_logger(__name__)


def note_use(module: Path, most: int = MOST_KERNELS) -> None:
    """Note that a kernel was loaded, and remove those used longest ago beyond `most`.

    None that this process has loaded, and none that was made or used within the last hour. A folder that
    cannot be written to is left as it is, which the log says.
    """
    try:
        mark = module.with_suffix(".used")
        mark.touch()
        _prune(module.parent, mark.stat().st_mtime, most)
    except OSError as error:
        log.warning("kernels_not_pruned", folder=str(module.parent), error=str(error))


def _prune(folder: Path, now: float, most: int) -> None:
    """Remove what is too much; the file system's own clock says what is fresh."""
    used = sorted(((_used(path), path) for path in folder.glob(f"{PREFIX}*.py")), reverse=True)
    for at, path in used[most:]:
        if now - at > FRESH_SECONDS and path.stem not in sys.modules:
            _remove(path)
    for left in folder.glob("*.tmp"):  # of a process that died while it wrote one
        if now - left.stat().st_mtime > FRESH_SECONDS:
            left.unlink(missing_ok=True)


def _used(module: Path) -> float:
    """Return when a kernel was used last: loaded, compiled or made."""
    files = [module, *_beside(module)]
    return max((file.stat().st_mtime for file in files if file.exists()), default=0.0)


def _remove(module: Path) -> None:
    """Remove a kernel, its module first: without it the rest is not looked for."""
    beside = _beside(module)
    module.unlink(missing_ok=True)
    for file in beside:
        file.unlink(missing_ok=True)
    log.info("kernel_pruned", module=module.name)


def _beside(module: Path) -> list[Path]:
    """Return the mark and the cached files of a kernel: `<name>.cpython-311.pyc`, `<name>.run-...nbi`."""
    cached = module.parent / "__pycache__"
    return [module.with_suffix(".used"), *cached.glob(f"{module.stem}.*")]
