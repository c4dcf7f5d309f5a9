"""Minds that misbehave, by the agent's name: `agent_hangs` sleeps for ever, `agent_crashes` dies.

Each notes who asks it, in the folder `minds` beside the database: a line `slot pid` in
`<agent_id>.asked`. Whoever waits (`agent_slow_*`) answers once `<agent_id>.go` is there.
"""

import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from typing_extensions import override

from tests.fakes.desk_makers import LOOKBACK_BARS
from ztrade_core.clocks.system import SystemClock
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.mind import DecisionMaker

LOOK_SECONDS = 0.05
EATEN_BYTES = 256 * 1024 * 1024
PAGE_BYTES = 4096


class ShiftedClock(Clock):
    """The machine's time plus the seconds that a file names; a missing file adds nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @override
    def now(self) -> datetime:
        seconds = float(self._path.read_text()) if self._path.exists() else 0.0
        return SystemClock().now() + timedelta(seconds=seconds)


class Minds(DecisionMaker):
    """One mind for every agent; how it behaves is in the agent's name. `folder` takes the notes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    @override
    def name(self) -> str:
        return "minds"

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return LOOKBACK_BARS

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"{agent.agent_id}.asked").open("a") as notes:
            notes.write(f"{snapshot.key.slot} {os.getpid()}\n")
        character = agent.agent_id.removeprefix("agent_").split("_")[0]
        CHARACTERS[character](self._folder / f"{agent.agent_id}.go")
        return answer(snapshot)


def answer(snapshot: MarketSnapshot) -> Proposal:
    """Buy when flat, sell what is held: an order each bar."""
    action = Action.BUY if snapshot.position is None else Action.SELL
    return Proposal(action=action, confidence=0.9, rationale=f"{action} each bar", maker="minds")


def think(_go: Path) -> None:
    """Answer at once."""


def wait(go: Path) -> None:
    """Answer when told to."""
    while not go.exists():
        pause(LOOK_SECONDS)


def hang(_go: Path) -> None:
    """Never answer."""
    threading.Event().wait()


def hang_deaf(go: Path) -> None:
    """Answer when told to, and heed no signal: a call that sits in C."""
    for deaf_to in (signal.SIGINT, signal.SIGTERM):
        signal.signal(deaf_to, signal.SIG_IGN)
    wait(go)


def crash(_go: Path) -> None:
    """Die of a segmentation fault."""
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(_go: Path) -> None:
    """End the process without a word."""
    os._exit(3)


def fail(_go: Path) -> None:
    """Raise what nobody expects."""
    raise RuntimeError("a mind that broke")


def eat(_go: Path) -> None:
    """Take a quarter of a gigabyte, touch every page, and answer."""
    eaten = bytearray(EATEN_BYTES)
    for page in range(0, len(eaten), PAGE_BYTES):
        eaten[page] = 1


def pause(seconds: float) -> None:
    """Sleep."""
    threading.Event().wait(seconds)


CHARACTERS: dict[str, Callable[[Path], None]] = {
    "steady": think,
    "slow": wait,
    "hangs": hang,
    "deaf": hang_deaf,
    "crashes": crash,
    "leaves": leave,
    "fails": fail,
    "eats": eat,
}
