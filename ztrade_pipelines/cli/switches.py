"""The agents' schedules on the Dagster instance: read and switched without any server.

Dagster keeps a switch under the schedule's name in its code location. Both are known from
`workspace.yaml` and our definitions, so no code server has to be started to find them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from dagster import DagsterInstance, ScheduleDefinition
from dagster._core.remote_representation.external import RemoteSchedule
from dagster._core.remote_representation.external_data import ScheduleSnap
from dagster._core.remote_representation.handle import RepositoryHandle

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.errors import InputError
from ztrade_core.trading.ticks import judge_tick
from ztrade_pipelines.cli.instance import dagster_instance
from ztrade_pipelines.cli.launching import REPOSITORY, definitions, location_origin

SCHEDULER = "SCHEDULER"
ALIVE_SECONDS = 120
FAR_ENOUGH = 2000  # strikes looked at for one that is due: more than a long weekend has


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """One agent's schedule: its switch, the next bar it decides on, and its last tick."""

    agent_id: str
    schedule: str
    running: bool
    next_due: datetime | None
    last_tick: datetime | None
    last_outcome: str


class LoopBoard:
    """The switches of an open instance."""

    def __init__(self, instance: DagsterInstance, workshop: Workshop) -> None:
        self._instance = instance
        self._workshop = workshop

    def read(self, agents: Sequence[AgentConfig]) -> list[Loop]:
        """Return the agents' schedules as they stand."""
        return [self._loop(agent, remote) for agent, remote in self._remotes(agents)]

    def turn(self, agents: Sequence[AgentConfig], *, running: bool) -> None:
        """Switch the agents' schedules; one that stands so already is left alone."""
        for _, remote in self._remotes(agents):
            if running:
                self._instance.start_schedule(remote)
            else:
                self._instance.stop_schedule(
                    remote.get_remote_origin_id(), remote.selector_id, remote
                )

    def daemon_is_alive(self) -> bool:
        """Return whether a daemon that evaluates schedules showed itself lately."""
        beat = self._instance.get_daemon_heartbeats().get(SCHEDULER)
        now = self._workshop.clock.now().timestamp()
        return beat is not None and now - beat.timestamp < ALIVE_SECONDS

    def _remotes(
        self, agents: Sequence[AgentConfig]
    ) -> Iterator[tuple[AgentConfig, RemoteSchedule]]:
        repository = definitions().get_repository_def()
        handle = RepositoryHandle(
            repository_name=REPOSITORY,
            code_location_origin=location_origin(self._workshop.settings.project_root),
            repository_python_origin=None,
            display_metadata={},
        )
        by_job = {schedule.job_name: schedule for schedule in repository.schedule_defs}
        for agent in agents:
            schedule = by_job.get(agent.agent_id)
            if schedule is None:
                raise InputError(f"{agent.agent_id} has no schedule")
            yield agent, RemoteSchedule(_snap(schedule), handle)

    def _loop(self, agent: AgentConfig, remote: RemoteSchedule) -> Loop:
        origin_id, selector_id = remote.get_remote_origin_id(), remote.selector_id
        stored = self._instance.get_instigator_state(origin_id, selector_id)
        ticks = self._instance.get_ticks(origin_id, selector_id, limit=1)
        tick = ticks[0] if ticks else None
        outcome = ""
        if tick is not None:
            error = None if tick.error is None else tick.error.message.strip()
            outcome = error or tick.skip_reason or tick.status.value.lower()
        return Loop(
            agent_id=agent.agent_id,
            schedule=remote.name,
            running=remote.get_current_instigator_state(stored).is_running,
            next_due=self._next_due(agent, remote),
            last_tick=None if tick is None else datetime.fromtimestamp(tick.timestamp, UTC),
            last_outcome=outcome,
        )

    def _next_due(self, agent: AgentConfig, remote: RemoteSchedule) -> datetime | None:
        """Return the next strike at which a bar completes: the others are skipped."""
        calendar = self._workshop.calendar
        strikes = remote.execution_time_iterator(self._workshop.clock.now().timestamp())
        for strike in islice(strikes, FAR_ENOUGH):
            at = strike.astimezone(UTC)
            if judge_tick(calendar, agent, scheduled=at, now=at).due:
                return at
        return None


def _snap(schedule: ScheduleDefinition) -> ScheduleSnap:
    """Return what Dagster's switch needs of a schedule (`from_def` asks for deprecated parts)."""
    return ScheduleSnap(
        name=schedule.name,
        cron_schedule=schedule.cron_schedule,
        job_name=schedule.job_name,
        op_selection=None,
        mode=None,
        environment_vars=None,
        partition_set_name=None,
        execution_timezone=schedule.execution_timezone,
        default_status=schedule.default_status,
    )


@contextmanager
def loop_board(workshop: Workshop, *, quiet: bool = True) -> Iterator[LoopBoard]:
    """Open the instance's switches."""
    with dagster_instance(workshop.settings, quiet=quiet) as instance:
        yield LoopBoard(instance, workshop)
