"""What a child process does that lets three models vote before the parent's server, and dies of it."""

import os
import signal
from dataclasses import replace
from typing import Any

from typing_extensions import override

from tests.fakes.claude_votes import claude_votes
from tests.fakes.desk import at
from tests.faults.jobs import own_engine, told
from ztrade_core.ports.checkpoints import Checkpoints


class KillingAt(Checkpoints):
    """Dies by SIGKILL when a point is passed the `count`-th time."""

    def __init__(self, deadly: str, count: int) -> None:
        self._deadly = deadly
        self._left = count

    @override
    def reach(self, name: str) -> None:
        self._left -= name == self._deadly
        if name == self._deadly and self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def vote_on(
    *, url: str, server: str, holder: str, deadly: str | None = None, count: int = 1
) -> dict[str, Any]:
    """Run one cycle on bar 5; `deadly` is the point at which it dies the `count`-th time."""
    kit = claude_votes(own_engine(url), server)
    if deadly is not None:
        kit = replace(kit, checkpoints=KillingAt(deadly, count))
    return told(kit.cycle(at(5), holder=holder))


def loaded() -> str:
    """Load what asking a model takes, so that children find it."""
    import anthropic  # noqa: PLC0415 - slow, and wanted here only

    return anthropic.__version__
