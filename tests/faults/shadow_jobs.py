"""What a child process does whose agent has shadows: every question leaves a line in a file."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy.engine import Engine
from typing_extensions import override

from tests.fakes.desk import bar
from tests.fakes.desk_makers import proposal
from tests.fakes.shadow_desk import ShadowKit, shadow, shadow_kit
from tests.faults.jobs import KillingCheckpoints, own_engine
from tests.unit.risk.builders import TSLA
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import iso_z, parse_instant

STRUCK = 10
SHADOWS = (shadow("bull", samples=3), shadow("other"))
SCRIPT = {(TSLA.agent_id, iso_z(bar(STRUCK))): proposal("buy")}


class KillingLater(KillingCheckpoints):
    """Dies when a point is passed for the n-th time."""

    def __init__(self, deadly: str, times: int) -> None:
        super().__init__(deadly)
        self._deadly, self._left = deadly, times

    @override
    def reach(self, name: str) -> None:
        self._left -= name == self._deadly
        if self._left == 0:
            super().reach(name)


def noting(asked: Path, name: str) -> Callable[[MarketSnapshot], None]:
    def note(_: MarketSnapshot) -> None:
        with asked.open("a", encoding="utf-8") as lines:
            lines.write(f"{name}\n")

    return note


def house(engine: Engine, account: str, asked: str) -> ShadowKit:
    """The kit of a child: its shadows write down that they were asked."""
    made = shadow_kit(*SHADOWS, engine=engine, script=SCRIPT, account=account)
    models = {
        name: replace(model, note=noting(Path(asked), name)) for name, model in made.models.items()
    }
    return replace(made, models=models, calls=Counter())


def cycle(
    *, url: str, account: str, asked: str, as_of: str, deadly: str = "", times: int = 1
) -> dict[str, object]:
    """Run one cycle; `deadly` names the point to die at when it is passed the n-th time."""
    made = house(own_engine(url), account, asked)
    if deadly:
        made = replace(made, checkpoints=KillingLater(deadly, times))
    result = made.cycle(parse_instant(as_of), holder=deadly or "calm")
    return {"fresh": sum(each.fresh for each in result.shadows.answers)}
