"""The process that tests fork their victims from: warm, of one thread, holding no connection.

Reads one line of JSON per request: jobs to `fork`, which start at the same moment, or to run `here`,
which leaves their imports and compiled statements to every later child. Answers with one line: how
each ended (-9: killed) and what it returned. Run by `tests.faults.nursery`.
"""

import gc
import importlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from tests.fakes.desk import calendar
from tests.faults.jobs import JOBS


@dataclass(frozen=True)
class Child:
    pid: int
    result: int  # the pipe it answers on
    kill_after: float | None


def main() -> None:
    calendar()
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        wanted = json.loads(line)
        carry_out = {"fork": run, "here": run_here}[wanted["how"]]
        replies.write(json.dumps(carry_out(wanted["jobs"])) + "\n")
        replies.flush()


def work_of(name: str) -> Callable[..., Any]:
    """Return a job by its short name, or by `package.module:function`."""
    if name in JOBS:
        return JOBS[name]
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def run_here(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ends = [{"status": 0, **answer(job)} for job in jobs]
    gc.collect()
    gc.freeze()  # a child that never collects what it inherits copies fewer pages
    return ends


def run(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for job in jobs:
        load(job)
    gate, go = os.pipe()
    children = [fork(job, gate, go) for job in jobs]
    os.close(gate)
    os.close(go)  # the last writer: everybody starts
    started = time.monotonic()
    for child in sorted(children, key=lambda each: each.kill_after or 0.0):
        if child.kill_after is not None:
            patience = max(0.0, started + child.kill_after - time.monotonic())
            if not select.select([child.result], [], [], patience)[0]:
                os.kill(child.pid, signal.SIGKILL)
    return [outcome(child) for child in children]


def fork(job: dict[str, Any], gate: int, go: int) -> Child:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(go)
        os.close(reading)
        os.read(gate, 1)
        live(job, writing)
    os.close(writing)
    return Child(pid=pid, result=reading, kill_after=job.get("kill_after"))


def load(job: dict[str, Any]) -> None:
    """Import a job's module here, once for all children; its own child tells what fails."""
    with suppress(Exception):
        work_of(job["name"])


def live(job: dict[str, Any], writing: int) -> NoReturn:
    os.write(writing, json.dumps(answer(job)).encode())
    os._exit(0)


def answer(job: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"returned": work_of(job["name"])(**job["arguments"])}
    except BaseException as error:  # noqa: BLE001 - whatever it was is the answer
        return {"raised": type(error).__name__, "text": str(error)}


def outcome(child: Child) -> dict[str, Any]:
    chunks = []
    while chunk := os.read(child.result, 65536):
        chunks.append(chunk)
    os.close(child.result)
    _, status = os.waitpid(child.pid, 0)
    text = b"".join(chunks)
    return {"status": os.waitstatus_to_exitcode(status), **(json.loads(text) if text else {})}


if __name__ == "__main__":
    main()
