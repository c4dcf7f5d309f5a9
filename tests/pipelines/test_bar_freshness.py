"""Freshness by policy: nobody is alarmed for a series that nobody keeps fresh, or for a closed market."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import RemoteInstigatorOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    ScheduleInstigatorData,
)

from tests.fakes.series import series_of_closes
from tests.pipelines.conftest import AGENT, House
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.time import Timeframe, parse_instant
from ztrade_pipelines.cli.launching import location_origin
from ztrade_pipelines.market_data.freshness import keeper_names
from ztrade_pipelines.resources import Ztrade

TSLA = dg.AssetKey(["market_bars", "TSLA_5m"])
CHECK = "newest_bar_is_there"
LAST = "2022-12-29T20:55:00Z"  # the hand-made market's last bar
AT_NIGHT, NEXT_DAY, LATE = "2022-12-30T04:00:00Z", "2022-12-30T14:54:00Z", "2022-12-30T14:55:00Z"
NEW_YEAR = "2023-01-02T18:00:00Z"  # a Monday, and a holiday


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance with storages: one in memory has no schedules to switch."""
    with dg.instance_for_test(temp_dir=str(tmp_path)) as made:
        yield made


@dataclass
class Watch:
    """The sensor, looked at again and again: its cursor is kept as the daemon keeps it."""

    house: House
    cursor: str | None = None

    def switch(self, *, on: bool, since: str = "1970-01-01T00:00:00Z") -> None:
        """Start or stop the agent's loop: what `ztrade loop` and the page leave in the storage."""
        origin = RemoteInstigatorOrigin(
            repository_origin=RemoteRepositoryOrigin(
                code_location_origin=location_origin(self.house.settings.project_root),
                repository_name="__repository__",
            ),
            instigator_name=f"{AGENT}_loop",
        )
        began = parse_instant(since).timestamp()
        status = InstigatorStatus.RUNNING if on else InstigatorStatus.STOPPED
        kind, data = InstigatorType.SCHEDULE, ScheduleInstigatorData("*/5 * * * *", began)
        state = InstigatorState(origin, kind, status, data)
        storage = self.house.instance
        known = storage.get_instigator_state(origin.get_id(), state.selector_id)
        (storage.update_instigator_state if known else storage.add_instigator_state)(state)

    def look(self, at: str) -> tuple[list[dg.AssetCheckEvaluation], str]:
        """Return what the sensor evaluated, and what it said."""
        workshop = replace(self.house.workshop, clock=SimulatedClock(parse_instant(at)))
        context = dg.build_sensor_context(
            instance=self.house.instance,
            cursor=self.cursor,
            resources={"ztrade": Ztrade(lambda: workshop)},
            repository_def=self.house.definitions.get_repository_def(),
        )
        data: Any = self.house.definitions.resolve_sensor_def("fresh_bars").evaluate_tick(context)
        assert data.run_requests == []
        self.cursor = data.cursor
        return list(data.asset_events), data.skip_message


def test_every_series_names_the_schedules_that_keep_it_fresh(house: House) -> None:
    there = {schedule.name for schedule in house.definitions.get_repository_def().schedule_defs}
    named = {name for agent in house.settings.company.agents for name in keeper_names(agent)}
    assert named <= there
    assert len(named) == 2 * len(house.settings.company.agents)


def test_the_watch_runs_from_the_start_and_asks_for_no_run(house: House) -> None:
    sensor = house.definitions.resolve_sensor_def("fresh_bars")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert sensor.minimum_interval_seconds == 60
    assert sensor.targets == []


def test_a_series_that_nobody_keeps_fresh_alarms_nobody(house: House) -> None:
    told, said = Watch(house).look("2026-01-05T18:00:00Z")
    assert told == []
    assert said == "0 series are kept fresh, none is late"


def test_a_looping_series_is_late_only_when_its_bar_is_due(house: House) -> None:
    watch = Watch(house)
    watch.switch(on=True)
    [fresh], _ = watch.look(AT_NIGHT)
    assert (fresh.asset_key, fresh.check_name, fresh.passed) == (TSLA, CHECK, True)
    assert fresh.description == f"the newest is {LAST}, as due; agent_tsla_loop keeps it so"
    assert watch.look(NEXT_DAY)[0] == []

    [late], said = watch.look(LATE)
    assert (late.passed, late.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert late.description == (
        f"the bar of 2022-12-30T14:30:00Z is late, the newest is {LAST}; agent_tsla_loop should"
        " have brought it"
    )
    assert said == "late: market_bars/TSLA_5m"
    assert watch.look(NEW_YEAR)[0] == []  # it is late still: one alarm is enough

    watch.switch(on=False)
    [off], _ = watch.look(NEW_YEAR)
    assert off.passed
    assert str(off.description).endswith("its loop and its refresh are off: nothing need be fresh")


def test_a_loop_that_was_just_switched_on_has_nothing_to_answer_for(house: House) -> None:
    """Old bars come along with the first one that opens after the switch."""
    watch = Watch(house)
    watch.switch(on=True, since="2023-01-07T12:00:00Z")  # a Saturday, a week after the last bar
    [told], _ = watch.look("2023-01-09T14:54:00Z")
    assert told.passed
    assert str(told.description).endswith("no bar is due yet since agent_tsla_loop was switched on")
    [late], _ = watch.look("2023-01-09T14:55:00Z")  # the bar of 14:30 closed 20 minutes ago
    assert not late.passed


def test_the_alarm_ends_when_the_bar_has_come(house: House) -> None:
    watch = Watch(house)
    watch.switch(on=True)
    [late], _ = watch.look(LATE)
    opened = parse_instant("2022-12-30T14:30:00Z")
    bar = series_of_closes("TSLA", Timeframe.M5, [opened], [100.0])
    house.workshop.bars.upsert([bar], source="hand-made", ingested_at=opened)
    [fresh], _ = watch.look(LATE)
    assert (late.passed, fresh.passed) == (False, True)


def test_a_load_judges_by_the_same_policy(house: House) -> None:
    """The hand-made market ended years ago: that is late where the loop runs, and nowhere else."""
    days = {"dagster/asset_partition_range_start": "2022-12-28"}
    tags = days | {"dagster/asset_partition_range_end": "2022-12-29"}

    def judged() -> dg.AssetCheckEvaluation:
        result = house.run("load_bars", tags=tags, asset_selection=[TSLA])
        assert result.success
        [found] = [e for e in house.evaluations(result, TSLA) if e.check_name == CHECK]
        return found

    assert judged().passed
    Watch(house).switch(on=True)
    late = judged()
    assert (late.passed, late.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert late.metadata["kept_fresh_by"].value == "agent_tsla_loop"
    assert late.metadata["due_after"].value == "20 minutes after its close"
