"""What a child process does that asks by file: one cycle of TSLA, which may die on the way."""

import os
import signal
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine
from typing_extensions import override

from tests.fakes.desk import DeskKit, kit_on
from tests.fakes.oversight import render
from tests.faults.jobs import KillingCheckpoints, own_engine, told
from tests.unit.risk.builders import TSLA, company
from ztrade_core.clocks.system import SystemClock
from ztrade_core.decision_makers.files.folders import Oversight
from ztrade_core.decision_makers.files.maker import FileMaker
from ztrade_core.domain.configuration import AgentConfig, Company, Mode
from ztrade_core.domain.model_config import SubagentConfig
from ztrade_core.domain.time import parse_instant
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.trading.desk import TradingDesk

WAITING = "waiting"
PATIENCE = SubagentConfig(timeout_seconds=120.0, poll_seconds=0.02)
ASKING = replace(TSLA, mode=Mode.SUBAGENT)


def house() -> Company:
    """TSLA, asking by file."""
    return company(ASKING, max_correlated_positions=None)


@dataclass(frozen=True, kw_only=True)
class FileKit(DeskKit):
    """A kit whose agent asks in the folders below `data`; `dies_waiting` kills it at its first wait."""

    data: Path = field(kw_only=True)
    dies_waiting: bool = False

    @override
    def desk(self, *args: Any, **options: Any) -> TradingDesk:
        made = super().desk(*args, **options)
        return replace(made, minds=self.mind, lease_clock=SystemClock())

    def mind(self, mode: Mode, agent: AgentConfig) -> DecisionMaker | None:
        """Return who is asked by file."""
        if mode is not Mode.SUBAGENT:
            return None
        sleep = die if self.dies_waiting else time.sleep  # noqa: TID251 - another process answers
        place = Oversight(self.data)
        return FileMaker(place, render, clock=SystemClock(), sleep=sleep, config=PATIENCE)


def die(_seconds: float) -> None:
    """End by SIGKILL."""
    os.kill(os.getpid(), signal.SIGKILL)


def file_kit(engine: Engine, account: str, data: str, **parts: Any) -> FileKit:
    """Return the kit that parent and children agree on."""
    base = kit_on(engine, account=account, company=house())
    return FileKit(
        store=base.store,
        simulations=base.simulations,
        bars=base.bars,
        account=account,
        company=house(),
        data=Path(data),
        **parts,
    )


def asking(
    *, url: str, account: str, data: str, as_of: str, holder: str, deadly: str | None = None
) -> dict[str, Any]:
    """Run one cycle; `deadly` names the checkpoint to die at, or WAITING."""
    kit = file_kit(own_engine(url), account, data, dies_waiting=deadly == WAITING)
    if deadly is not None:
        kit = replace(kit, checkpoints=KillingCheckpoints(deadly))
    return told(kit.cycle(parse_instant(as_of), ASKING.agent_id, holder=holder))
