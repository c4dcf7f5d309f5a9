"""Stops a PostgreSQL server when its owner says so or dies: `postgres_reaper.py DATA FOLDER`.

Waits on standard input, which closes whenever the owning process ends, by whatever death. Then it
stops the server by the process id in DATA/postmaster.pid and removes FOLDER.
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

_PATIENCE_SECONDS = 10.0


def main(data: Path, folder: Path) -> None:
    sys.stdin.buffer.read(1)
    pid = _server_pid(data)
    if pid is not None:
        _stop(pid)
    shutil.rmtree(folder, ignore_errors=True)


def _server_pid(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _stop(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.02)  # noqa: TID251 - waiting for another process
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
