"""What a child process does: it opens every connection for itself and shares none with its parent."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy.engine import Engine
from typing_extensions import override

from tests.fakes.desk import DeskKit, kit_on
from tests.fakes.desk_makers import Script, proposal
from tests.unit.risk.builders import BTC, TSLA, agent, company
from ztrade_core.domain.configuration import Company
from ztrade_core.domain.time import parse_instant
from ztrade_core.errors import StoreError
from ztrade_core.ports.checkpoints import Checkpoints
from ztrade_core.store.engine import make_engine
from ztrade_core.trading.cycle import CycleResult
from ztrade_core.trading.override import flatten

RACERS = 20
ROOM_FOR = 4
RACE_PRICE = 4000.0  # one share is a whole position
RACE_ROOM_USD = 17000.0


class KillingCheckpoints(Checkpoints):
    """Dies by SIGKILL when a point is passed."""

    def __init__(self, deadly: str) -> None:
        self._deadly = deadly

    @override
    def reach(self, name: str) -> None:
        if name == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)


def pair() -> Company:
    """A stock and a coin."""
    return company(TSLA, BTC, max_correlated_positions=None)


def racers() -> Company:
    """Twenty agents of one symbol each; the company's gross limit has room for four positions."""
    agents = [agent(f"agent_{number:02}", f"SYM{number:02}") for number in range(RACERS)]
    room = RACE_ROOM_USD / 100000.0
    return company(*agents, max_correlated_positions=None, max_gross_exposure_fraction=room)


COMPANIES: dict[str, Callable[[], Company]] = {"pair": pair, "racers": racers}


@lru_cache(maxsize=4)
def own_engine(url: str) -> Engine:
    """Return this process's engine; one that is inherited has no connection, only statements."""
    return make_engine(url)


def own_kit(spec: list[Any]) -> DeskKit:
    """Open a child's own kit: url, account, company, script."""
    url, *rest = spec
    return kit_for(own_engine(url), *rest)


def script_of(lines: dict[str, str]) -> Script:
    """Read `{"agent slot": "buy"}`."""
    return {tuple(key.split(" ")): proposal(action) for key, action in lines.items()}  # type: ignore[misc]


def kit_for(engine: Engine, account: str, company_name: str, lines: dict[str, str]) -> DeskKit:
    """Return the kit that parent and children agree on."""
    return kit_on(
        engine, account=account, company=COMPANIES[company_name](), script=script_of(lines)
    )


def cycle(
    *,
    kit: list[Any],
    as_of: str,
    agent_id: str,
    holder: str,
    deadly: str | None = None,
) -> dict[str, Any]:
    """Run one cycle; `deadly` names the checkpoint to die at."""
    made = own_kit(kit)
    if deadly is not None:
        made = replace(made, checkpoints=KillingCheckpoints(deadly))
    return told(made.cycle(parse_instant(as_of), agent_id, holder=holder))


def persevering(
    *, kit: list[Any], bars: list[str], agent_id: str, patience: float
) -> dict[str, Any]:
    """Run cycle after cycle in one process, each again until the database lets it.

    Returns what the database said on the way; raises its last word after `patience` seconds.
    """
    made = own_kit(kit)
    said: list[str] = []
    until = time.monotonic() + patience
    for text in bars:
        while True:
            try:
                made.cycle(parse_instant(text), agent_id, holder=f"try {len(said)}")
                break
            except StoreError as error:
                if time.monotonic() > until:
                    raise
                said.append(str(error))
                time.sleep(0.05)  # noqa: TID251 - waiting for a server
    return {"said": said}


def told(result: CycleResult) -> dict[str, Any]:
    execution = result.execution
    return {
        "outcome": result.validated.outcome.value,
        "reason": result.validated.reason,
        "note": "" if execution is None else execution.note,
        "failed": [] if execution is None else list(execution.protection.failed),
    }


def flattening(*, kit: list[Any], at: str, who: str) -> dict[str, Any]:
    """Flatten the account."""
    moment = parse_instant(at)
    done = flatten(own_kit(kit).desk(moment), who=who, why="a test", at=moment)
    return {"sold": list(done.sold), "failed": list(done.failed)}


JOBS: dict[str, Callable[..., Any]] = {
    "cycle": cycle,
    "flatten": flattening,
    "persevering": persevering,
}
