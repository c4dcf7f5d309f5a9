"""The process that tests fork their victims from: warm, of one thread, holding no connection.

Reads one line of JSON per request: jobs that start at the same moment. Answers with one line: how
each ended (-9: killed) and what it returned. Run by `tests.faults.nursery`.
"""

import json
import os
import select
import signal
import sys
import time
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
        replies.write(json.dumps(run(json.loads(line))) + "\n")
        replies.flush()


def run(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
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


def live(job: dict[str, Any], writing: int) -> NoReturn:
    try:
        answer = {"returned": JOBS[job["name"]](**job["arguments"])}
    except BaseException as error:  # noqa: BLE001 - whatever it was is the answer
        answer = {"raised": type(error).__name__, "text": str(error)}
    os.write(writing, json.dumps(answer).encode())
    os._exit(0)


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
