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
    pid_file = data / "postmaster.pid"
    pid = _server_pid(pid_file)
    if pid is not None:
        with suppress(ProcessLookupError):
            _stop(pid, pid_file)
    shutil.rmtree(folder, ignore_errors=True)


def _server_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _stop(pid: int, pid_file: Path) -> None:
    os.kill(pid, signal.SIGQUIT)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while pid_file.exists() and time.monotonic() < deadline:
        os.kill(pid, 0)
        time.sleep(0.02)  # noqa: TID251 - waiting for another process
    if pid_file.exists():
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
