"""Decisions by file under a test's own time: what happens while somebody waits is a script of errands."""

import json
import os
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from typing_extensions import override

from tests.fakes.moments import tsla_agent, tsla_moment
from ztrade_core.decision_makers.automated.prompt import Prompt
from ztrade_core.decision_makers.files.folders import Oversight
from ztrade_core.decision_makers.files.maker import FileMaker
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.model_config import SubagentConfig
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.mind import PaidAnswer

ME = os.geteuid()
ANSWER = {"action": "buy", "confidence": 0.8, "rationale": "it rises"}
Errand = Callable[[], None]


class Errands(Clock):
    """A clock that moves when somebody sleeps; each sleep runs the script's next errand."""

    def __init__(self, begins: datetime, *errands: Errand) -> None:
        self.slept: list[float] = []
        self._now = begins
        self._left = list(errands)

    @override
    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += timedelta(seconds=seconds)
        if self._left:
            self._left.pop(0)()


class Desk:
    """A data folder with its oversight, and one question asked in it."""

    def __init__(self, data: Path, *, answerers: Iterable[int] = ()) -> None:
        self.data = data
        self.oversight = Oversight(data, answerers=answerers)
        self.place = data / "oversight"
        self.begins = datetime.fromisoformat("2026-03-02T15:00:00Z")
        self.told: list[dict[str, Any]] = []

    def ask(self, *errands: Errand, **waiting: float | None) -> PaidAnswer:
        """Ask, with errands run one a look; the time is 10 s unless it is said."""
        return self.maker(*errands, **waiting).ask(tsla_moment(), tsla_agent())

    def maker(self, *errands: Errand, **waiting: float | None) -> FileMaker:
        clock = Errands(self.begins, *errands)
        bounds = SubagentConfig(**{"timeout_seconds": 10.0, "poll_seconds": 1.0} | waiting)
        return FileMaker(self.oversight, render, clock=clock, sleep=clock.sleep, config=bounds)

    def request(self) -> dict[str, Any]:
        """Read the one request that waits, as an answerer does."""
        [path] = (self.place / "requests").glob("agent_tsla-*.json")
        found: dict[str, Any] = json.loads(path.read_text())
        self.told.append(found)
        return found

    def answer_path(self) -> Path:
        return self.place / "responses" / str(self.request()["answer_file"])

    def answer(self, content: str | bytes | None = None) -> None:
        """Answer the waiting request as the contract says."""
        path = self.answer_path()
        put(path, json.dumps(ANSWER) if content is None else content)

    def names(self, room: str) -> list[str]:
        return names_in(self.place / room)

    def refusals(self) -> list[str]:
        """Return the reasons kept beside what was refused, sorted."""
        kept = (self.place / "refused").glob("*.why.json")
        return sorted(json.loads(path.read_text())["reason"] for path in kept)


def names_in(folder: Path) -> list[str]:
    """Return what lies in a folder, sorted."""
    return sorted(each.name for each in folder.iterdir())


def put(path: Path, content: str | bytes) -> None:
    """Write a file beside its place, rename it there."""
    beside = path.with_name("." + path.name)
    beside.write_bytes(content.encode() if isinstance(content, str) else content)
    beside.chmod(0o600)
    beside.rename(path)


def render(*_: object) -> Prompt:
    """Return a prompt that says nothing of the moment."""
    return Prompt(system="You decide.", moment="It is now.", digest="d" * 64)


def outcome(paid: PaidAnswer) -> tuple[AnswerOutcome, str]:
    """Return what the record says became of the question, and why."""
    assert paid.record is not None
    return paid.record.outcome, paid.record.problem


def nothing() -> None:
    """An errand that does nothing."""
