"""A simulated account that 46 TSLA were bought in on the eve of a split, at 100, under 97 and 106."""

from typing import Any

from tests.fakes.desk import DeskKit, kit_in_memory
from tests.fakes.split_days import after, on, put_days, split
from tests.fakes.split_store import MemorySplitStore
from tests.unit.trading.builders import (
    ACCOUNT,
    BUY,
    house,
)
from ztrade_core.domain.rebasing import Rebasing
from ztrade_core.domain.time import iso_z

EVE = (100.0, 100.0, 100.0, 100.0)


BOUGHT = {("agent_tsla", iso_z(on(0, 0))): BUY}


def house_of(
    second: tuple[float, ...],
    ratio: float | None = 3.0,
    *,
    first: tuple[float, ...] = EVE,
    script: Any = None,
    **put: Any,
) -> DeskKit:
    known = None if ratio is None else MemorySplitStore([split(ratio)])
    kit = kit_in_memory(script=BOUGHT | (script or {}), company=house(), splits=known)
    put_days(kit, first, second, **put)
    return kit


def bought(second: tuple[float, ...], ratio: float | None = 3.0, **more: Any) -> DeskKit:
    kit = house_of(second, ratio, **more)
    kit.cycle(after(0, 0))
    kit.cycle(after(0, 3))
    return kit


def rows(kit: DeskKit) -> list[Rebasing]:
    with kit.store.reading() as uow:
        return uow.rebasings.all(ACCOUNT, 1)
