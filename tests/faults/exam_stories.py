"""What happens around a fault: the bars before it, the bar whose run it strikes, the bars after."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.desk import DAY_OPENS, DeskKit, bar
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.orders import Role
from ztrade_core.domain.time import iso_z
from ztrade_core.ports.checkpoints import CHECKPOINTS

NEVER_SENDS = tuple(n for n in CHECKPOINTS if n not in {"submitting", "submitted", "acknowledged"})


@dataclass(frozen=True, kw_only=True)
class Story:
    """Bars decided `before`, the `struck` bar, bars `after`; `points` are those its run passes."""

    name: str
    struck: int
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    sells_at: int | None = None
    prepare: Callable[[DeskKit], None] | None = None
    points: tuple[str, ...] = CHECKPOINTS

    def lines(self, agent: AgentConfig) -> dict[str, str]:
        """The script: buy on bar 10, sell where the story says."""
        lines = {f"{agent.agent_id} {iso_z(bar(10))}": "buy"}
        if self.sells_at is not None:
            lines[f"{agent.agent_id} {iso_z(bar(self.sells_at))}"] = "sell"
        return lines


def cancel_the_stop(kit: DeskKit) -> None:
    broker = kit.broker()
    for order in broker.open_orders():
        if order.request.role is Role.STOP:
            broker.cancel(order.request.client_order_id)


def start_anew(kit: DeskKit) -> None:
    kit.broker().reset(DAY_OPENS)


ENTRY = Story(name="entry", struck=10, after=(11, 12))
EXIT = Story(name="exit", before=(10, 11), struck=12, after=(13,), sells_at=12)
REARM = Story(name="rearm", before=(10, 11), struck=12, after=(13,), prepare=cancel_the_stop)
RESET = Story(name="reset", before=(10, 11), struck=10, after=(11, 12), prepare=start_anew)
FILL = Story(name="fill", before=(10,), struck=11, after=(12,), points=NEVER_SENDS)
STORIES = (ENTRY, EXIT, REARM, RESET, FILL)
