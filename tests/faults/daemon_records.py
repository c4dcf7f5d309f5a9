"""What a house left behind: Dagster's runs and ticks, our rows; and the switch of a schedule.

Reads beside the running processes, through stores of its own.
"""

from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self, TypeVar

import dagster as dg
import sqlalchemy as sa
from dagster._core.remote_representation.external import RemoteSchedule
from dagster._core.remote_representation.handle import RepositoryHandle
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorTick,
    InstigatorType,
    ScheduleInstigatorData,
    TickStatus,
)

from tests.faults.daemon_house import House
from tests.faults.daemon_minds import pause
from tests.faults.judge import Findings, judge_account
from ztrade_core.assembly.workshop import PAPER, open_workshop
from ztrade_core.clocks.system import SystemClock
from ztrade_core.domain.decisions import ChainedDecision
from ztrade_core.domain.orders import Order
from ztrade_core.store.tables.trading import ORDERS
from ztrade_pipelines.cli import launching, switches
from ztrade_pipelines.definitions import build_definitions

EPOCH = 1
COIN_FEE_BPS = 25.0
TOO_LATE = (
    "its bar has passed before it could be sent",
    "never reached the broker, and its bar has passed",
)
STEADY_LOOKS = 3
SETTLING_SECONDS = 1.0
LOOK_SECONDS = 0.1
MISSED = timedelta(minutes=10)
Seen = TypeVar("Seen")


def until(look: Callable[[], Seen | None], seconds: float, what: str) -> Seen:
    """Look again and again; return the first thing seen. Fails after `seconds`, saying `what`."""
    ends = SystemClock().now() + timedelta(seconds=seconds)
    while True:
        seen = look()
        if seen:
            return seen
        assert SystemClock().now() < ends, f"not within {seconds:g} s: {what}"
        pause(LOOK_SECONDS)


class Records:
    """See the module. Use as a context manager."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.workshop = open_workshop(house.settings)
        self.instance = dg.DagsterInstance.from_config(str(house.root))
        repository = build_definitions(house.settings).get_repository_def()
        handle = RepositoryHandle(
            repository_name=launching.REPOSITORY,
            code_location_origin=launching.location_origin(house.root),
            repository_python_origin=None,
            display_metadata={},
        )
        self._schedules = {
            each.job_name: RemoteSchedule(switches._snap(each), handle)
            for each in repository.schedule_defs
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.workshop.engine.dispose()
        self.instance.dispose()

    def switch_on(self, *agent_ids: str, missed: timedelta = MISSED) -> None:
        """Switch loops on as if it had been done `missed` ago, with no daemon there since."""
        began = SystemClock().now() - missed
        for agent_id in agent_ids:
            schedule = self._schedules[agent_id]
            data = ScheduleInstigatorData(schedule.cron_schedule, began.timestamp())
            state = InstigatorState(
                schedule.get_remote_origin(),
                InstigatorType.SCHEDULE,
                InstigatorStatus.RUNNING,
                data,
            )
            self.instance.add_instigator_state(state)

    def switch_off(self, *agent_ids: str) -> None:
        """Switch loops off until they stay so: a daemon in the midst of a look writes RUNNING back."""
        looks = 0
        while looks < STEADY_LOOKS:
            looks = 0 if any(self._stop(agent_id) for agent_id in agent_ids) else looks + 1
            pause(SETTLING_SECONDS)

    def _stop(self, agent_id: str) -> bool:
        """Stop a loop; return whether it was running."""
        schedule = self._schedules[agent_id]
        ids = schedule.get_remote_origin_id(), schedule.selector_id
        state = self.instance.get_instigator_state(*ids)
        if state is None or state.status is InstigatorStatus.STOPPED:
            return False
        self.instance.stop_schedule(*ids, schedule)
        return True

    def ticks(self, agent_id: str) -> list[InstigatorTick]:
        """Return a loop's ticks, the newest first."""
        schedule = self._schedules[agent_id]
        found = self.instance.get_ticks(schedule.get_remote_origin_id(), schedule.selector_id)
        return list(found)

    def runs(self, job: str, *statuses: dg.DagsterRunStatus) -> list[dg.DagsterRun]:
        """Return a job's runs of these statuses (of all without one), the newest first."""
        wanted = dg.RunsFilter(job_name=job, statuses=list(statuses) or None)
        return list(self.instance.get_runs(wanted))

    def told(self, run: dg.DagsterRun) -> str:
        """Return the messages and errors of a run's own events: why it ended."""
        entries = self.instance.all_logs(run.run_id)
        events = [entry.dagster_event for entry in entries if entry.dagster_event is not None]
        errors = [event.step_failure_data.error for event in events if event.is_step_failure]
        lines = [event.message for event in events if event.message]
        return "\n".join(lines + [error.to_string() for error in errors if error is not None])

    def asked(self, agent_id: str) -> list[tuple[str, int]]:
        """Return who asked an agent's mind: slot and process id, in order."""
        notes = self.house.data / "minds" / f"{agent_id}.asked"
        lines = notes.read_text().splitlines() if notes.exists() else []
        return [(line.split()[0], int(line.split()[1])) for line in lines]

    def struck(self, agent_id: str) -> bool:
        """Return whether a loop has ticked and is done with it."""
        ticks = self.ticks(agent_id)
        return bool(ticks) and ticks[0].status is not TickStatus.STARTED

    def answer(self, agent_id: str) -> None:
        """Let a waiting mind answer."""
        (self.house.data / "minds" / f"{agent_id}.go").touch()

    def shift_clock(self, seconds: float) -> None:
        """Set our clock ahead; Dagster's stays."""
        (self.house.data / "clock").write_text(str(seconds))

    def judged(self) -> Findings:
        """Return the judge's findings; an order that came too late to be sent is not lost."""
        engine = self.workshop.engine
        found = judge_account(engine, PAPER, fee_bps=COIN_FEE_BPS)
        with engine.connect() as connection:
            unsent = sa.select(ORDERS.c.client_order_id).where(
                ORDERS.c.broker_order_id.is_(None), ORDERS.c.reason.in_(TOO_LATE)
            )
            late = set(connection.execute(unsent).scalars())
        found.lost = [text for text in found.lost if late.isdisjoint(text.split())]
        return found

    def decisions(self, agent_id: str) -> list[ChainedDecision]:
        """Return an agent's decisions in our ledger."""
        with self.workshop.store.reading() as uow:
            rows = uow.ledger.rows()
            return [row for row in rows if row.decision.key.agent_id == agent_id]

    def orders(self, agent_id: str) -> list[Order]:
        """Return an agent's orders in our book, its protective ones too."""
        with self.workshop.store.reading() as uow:
            orders = uow.orders.recent(PAPER, EPOCH)
            return [order for order in orders if order.request.agent_id == agent_id]
