"""The compiled kernel of every strategy, made once a test run in a folder of its own."""

import tempfile
from functools import lru_cache
from pathlib import Path

from ztrade_core.backtest.kernel.building import Kernel, compiled_kernel
from ztrade_core.backtest.kernel.minds.dispatch import KINDS


@lru_cache(maxsize=1)
def kernel_folder() -> Path:
    """A folder for generated modules that outlives no machine: a second run finds them again."""
    folder = Path(tempfile.gettempdir()) / "ztrade_test_kernels"
    folder.mkdir(exist_ok=True)
    return folder


@lru_cache(maxsize=1)
def whole_kernel() -> Kernel:
    """One kernel that knows every strategy: any mix of agents runs on it."""
    return compiled_kernel(KINDS, kernel_folder())
