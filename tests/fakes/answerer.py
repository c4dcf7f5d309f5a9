"""A program that answers by file, well or badly: `python -m tests.fakes.answerer FOLDER WAY`.

It prints the id of every request it saw. `answering(...)` runs it, or the example of the guide, as a process
of its own. Standard library only: it starts quickly.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "answer_requests.py"
BUY = {"action": "buy", "confidence": 0.9, "rationale": "it rises"}
SELL = {"action": "sell", "confidence": 0.9, "rationale": "it falls"}
LOOK_SECONDS = 0.02


def put(folder: Path, request: dict[str, Any], text: str) -> None:
    """Lay an answer down as the contract says."""
    beside = folder / "responses" / f".{request['request_id']}"
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    beside.rename(folder / "responses" / request["answer_file"])


def buy(folder: Path, request: dict[str, Any]) -> None:
    """Answer as one should."""
    put(folder, request, json.dumps(BUY))


def prose(folder: Path, request: dict[str, Any]) -> None:
    """Answer in words."""
    put(folder, request, "I would buy here, with confidence 0.9.")


def twice(folder: Path, request: dict[str, Any]) -> None:
    """Answer, and once that was taken, answer otherwise."""
    buy(folder, request)
    wait_until_gone(folder / "responses" / request["answer_file"])
    put(folder, request, json.dumps(SELL))


def late(folder: Path, request: dict[str, Any]) -> None:
    """Answer when nobody waits any more."""
    wait_until_gone(folder / "requests" / f"{request['request_id']}.json")
    buy(folder, request)


def wait_until_gone(path: Path) -> None:
    while path.exists():
        time.sleep(LOOK_SECONDS)  # noqa: TID251 - until the other process has moved it


WAYS: dict[str, Callable[[Path, dict[str, Any]], None]] = {
    each.__name__: each for each in (buy, prose, twice, late)
}


def main(folder: Path, way: str) -> None:
    """Answer every request, in the one way."""
    seen: set[str] = set()
    while True:
        for path in sorted((folder / "requests").glob("*.json")):
            if path.name not in seen:
                seen.add(path.name)
                WAYS[way](folder, json.loads(path.read_text()))
                print(path.stem, flush=True)  # noqa: T201 - it is a program
        time.sleep(LOOK_SECONDS)  # noqa: TID251 - between looks


@dataclass(frozen=True)
class Answerer:
    """A process that answers; `said` is where it writes."""

    process: subprocess.Popen[bytes]
    said: Path

    def asked(self) -> list[str]:
        """Return what it has seen and dealt with so far, a line a request."""
        return self.said.read_text().splitlines()

    def dealt_with(self, count: int) -> list[str]:
        """Wait until it has dealt with so many requests; return its lines."""
        while len(self.asked()) < count:
            assert self.process.poll() is None, self.said.read_text()
            time.sleep(LOOK_SECONDS)  # noqa: TID251 - until the other process has written
        return self.asked()


@contextmanager
def answering(data: Path, way: str) -> Iterator[Answerer]:
    """Run a program that answers below a data folder while the block runs; `example`: the guide's."""
    place, said = str(data / "oversight"), data.with_name(f"{data.name}-{way}.said")
    own = [sys.executable, "-m", "tests.fakes.answerer", place, way]
    words = [sys.executable, "-I", "-S", str(EXAMPLE), place] if way == "example" else own
    with said.open("wb") as log:
        process = subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log)  # noqa: S603 - ours
        try:
            yield Answerer(process, said)
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
