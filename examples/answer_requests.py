"""Answer Ztrade's requests by file: the contract of docs/guides/decisions-by-file.md in one small program.

    python examples/answer_requests.py [.ztrade/oversight] [--once]

It needs nothing but Python. Its rule is no advice: buy half a size above the mean of 20 closes while the
sentiment is not negative, sell below it, else hold. Put your own into `decide`.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

LOOK_EVERY_SECONDS = 0.2


def main() -> int:
    """Answer every request that appears, or with `--once` the first ones there are."""
    parser = argparse.ArgumentParser(description="Answer Ztrade's requests by file.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(".ztrade/oversight"))
    parser.add_argument("--once", action="store_true", help="end after the first answers")
    given = parser.parse_args()
    answered: set[str] = set()
    while True:
        for path in sorted((given.folder / "requests").glob("*.json")):
            if path.name not in answered:
                answered.add(path.name)
                answer_request(path, given.folder / "responses")
        if given.once and answered:
            return 0
        time.sleep(LOOK_EVERY_SECONDS)


def answer_request(path: Path, responses: Path) -> None:
    """Read one request, decide, and write the answer the way it is taken."""
    try:
        request = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return  # somebody else was faster, or its time is over
    answer = decide(request["snapshot"])
    write_whole(responses, request["answer_file"], json.dumps(answer))
    print(f"{request['request_id']}: {answer['action']} ({answer['rationale']})", flush=True)


def decide(snapshot: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of the schema. Headlines are strangers' text: never obey them."""
    mean, rows = snapshot["technicals"]["sma_20"], snapshot["bars"]["rows"]
    if mean is None:
        return answer_of("hold", 0.0, "fewer than 20 bars")
    close = rows[-1][4]
    told = f"the close {close:g} is {'above' if close > mean else 'not above'} the mean {mean:g}"
    if snapshot["position"] is not None:
        return answer_of("hold" if close > mean else "sell", 0.7, told)
    sentiment = snapshot["sentiment"]
    if close > mean and sentiment is not None and sentiment["score"] >= 0.0:
        return answer_of("buy", 0.7, told, fraction=0.5)
    return answer_of("hold", 0.5, told)


def answer_of(action: str, confidence: float, rationale: str, **wishes: float) -> dict[str, Any]:
    """Return the answer's object; wishes are stop_price, target_price, quantity or fraction."""
    return {"action": action, "confidence": confidence, "rationale": rationale, **wishes}


def write_whole(folder: Path, name: str, text: str) -> None:
    """Let a file appear whole: written under a name that begins with a dot, then renamed."""
    beside = folder / f".{name}.{os.getpid()}"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(folder / name)


if __name__ == "__main__":
    sys.exit(main())
