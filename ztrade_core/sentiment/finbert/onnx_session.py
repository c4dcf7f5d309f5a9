"""ONNX Runtime on one exported network: one text at a time, a bounded number of threads.

One at a time, because an int8 network rounds by what is in the batch: a score would depend on others.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ztrade_core.errors import ConfigError

INPUT = "input_ids"
OUTPUT = "logits"
MOST_THREADS = 4


class OnnxSession:
    """An exported network; `threads` None: as many as there are processors, at most MOST_THREADS."""

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        import onnxruntime  # noqa: PLC0415 - a third of a second
        from onnxruntime.capi import onnxruntime_pybind11_state as failures  # noqa: PLC0415 - as above

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or min(os.cpu_count() or 1, MOST_THREADS)
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        except (failures.Fail, failures.InvalidProtobuf, failures.InvalidGraph) as error:
            text = " ".join(str(error).split())[:160]
            raise ConfigError(f"{path}: cannot be loaded ({text})") from error

    def logits(self, tokens: list[int]) -> NDArray[np.float32]:
        """Return the logits of one text's tokens, shape `(1, 3)`."""
        ids = np.array([tokens], dtype=np.int64)
        found: NDArray[np.float32] = self._session.run([OUTPUT], {INPUT: ids})[0]
        return found
