"""Where victims are born: asks a warm worker process to fork children, and tells how they ended.

pytest itself is not forked: it has threads and open databases.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Job:
    """A function with its arguments; after `kill_after` seconds it is killed.

    `name` is one of `tests.faults.jobs.JOBS`, or `package.module:function` from anywhere. Arguments
    and what it returns are JSON.
    """

    name: str
    arguments: dict[str, Any]
    kill_after: float | None = None


@dataclass(frozen=True, kw_only=True)
class End:
    """How a child ended. `status` -9: killed; `raised` names the exception of a failed job."""

    status: int
    returned: Any = None
    raised: str | None = None
    text: str = ""

    @property
    def was_killed(self) -> bool:
        return self.status == -9


class Nursery:
    """One worker process. Use as a context manager."""

    def __enter__(self) -> Self:
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._worker.kill()
        self._worker.communicate()

    def run(self, *jobs: Job) -> list[End]:
        """Run jobs in processes of their own that start together; return their ends in order."""
        self.start(*jobs)
        return self.ends()

    def warm(self, *jobs: Job) -> list[End]:
        """Run jobs in the worker itself, one by one: children find what these have loaded."""
        self._ask("here", jobs)
        return self.ends()

    def start(self, *jobs: Job) -> None:
        """Start jobs and do not wait for them; `ends` must be asked for before the next ones."""
        self._ask("fork", jobs)

    def ends(self) -> list[End]:
        """Wait for the jobs that were started; return how they ended."""
        assert self._worker.stdout is not None
        return [End(**end) for end in json.loads(self._worker.stdout.readline())]

    def _ask(self, how: str, jobs: tuple[Job, ...]) -> None:
        assert self._worker.stdin is not None
        wanted = {"how": how, "jobs": [asdict(job) for job in jobs]}
        self._worker.stdin.write(json.dumps(wanted) + "\n")
        self._worker.stdin.flush()
