"""The loops: which ticks run, which are skipped, and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from tests.pipelines.conftest import House, house_of
from ztrade_core.settings.load import Settings
from ztrade_pipelines.resources import Ztrade


def evaluate(
    settings: Settings,
    instance: dg.DagsterInstance,
    schedule: str,
    scheduled: datetime,
    late: timedelta = timedelta(seconds=3),
) -> Any:
    """Return what a schedule answers to a tick that is looked at `late`."""
    house = house_of(settings, instance, now=scheduled + late)
    context = dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=scheduled,
        resources={"ztrade": Ztrade(lambda: house.workshop)},
        repository_def=house.definitions.get_repository_def(),
    )
    return house.definitions.resolve_schedule_def(schedule).evaluate_tick(context)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "at"),
    [
        ("agent_tsla_loop", "2022-12-28T14:35:00"),  # the first bar of the session is complete
        ("agent_tsla_loop", "2022-12-28T21:00:00"),  # the last one
        ("agent_tsla_loop", "2022-07-05T13:35:00"),  # summer time
        ("agent_iwm_loop", "2022-11-25T18:00:00"),  # the last bar of a half day
        ("agent_btc_loop", "2022-12-25T03:00:00"),  # crypto knows no holiday
    ],
)
def test_a_tick_at_a_bars_completion_runs(
    settings: Settings, instance: dg.DagsterInstance, schedule: str, at: str
) -> None:
    data = evaluate(settings, instance, schedule, utc(at))

    [request] = data.run_requests
    assert request.run_key == f"{schedule.removesuffix('_loop')}:{at}Z"
    assert request.run_config == {}
    assert request.tags["ztrade/account"] == "paper"


@pytest.mark.parametrize(
    ("schedule", "at"),
    [
        ("agent_tsla_loop", "2022-12-28T14:30:00"),  # the session opens: nothing is complete
        ("agent_tsla_loop", "2022-12-28T21:05:00"),  # after the close
        ("agent_tsla_loop", "2022-12-26T15:00:00"),  # Christmas, observed
        ("agent_iwm_loop", "2022-11-25T18:15:00"),  # a half day has ended
        ("agent_tsla_loop", "2023-01-16T15:00:00"),  # Martin Luther King
    ],
)
def test_a_tick_without_a_bar_is_skipped_with_its_reason(
    settings: Settings, instance: dg.DagsterInstance, schedule: str, at: str
) -> None:
    data = evaluate(settings, instance, schedule, utc(at))

    assert data.run_requests == []
    assert "the session is closed" in data.skip_message


def test_a_tick_older_than_one_bar_is_skipped(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    at = utc("2022-12-28T15:00:00")

    late = evaluate(settings, instance, "agent_tsla_loop", at, timedelta(minutes=5, seconds=1))
    in_time = evaluate(settings, instance, "agent_tsla_loop", at, timedelta(minutes=5))

    assert "too late" in late.skip_message
    assert len(in_time.run_requests) == 1


def test_the_same_tick_twice_has_the_same_run_key(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    at = utc("2022-12-28T15:00:00")

    keys = {
        evaluate(settings, instance, "agent_tsla_loop", at).run_requests[0].run_key
        for _ in range(2)
    }

    assert keys == {"agent_tsla:2022-12-28T15:00:00Z"}


def test_the_portfolio_is_recorded_at_each_sessions_close_only(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    def runs(at: str) -> int:
        data = evaluate(settings, instance, "reconcile_at_close", utc(at))
        return len(data.run_requests)

    assert runs("2022-12-28T21:01:00") == 1  # 16:01 New York
    assert runs("2022-12-28T18:01:00") == 0  # 13:01 of a full day
    assert runs("2022-11-25T18:01:00") == 1  # 13:01 of a half day
    assert runs("2022-11-25T21:01:00") == 0  # 16:01 of a half day
    assert runs("2022-12-26T21:01:00") == 0  # a holiday


def test_cron_lines_strike_at_every_completion_of_a_month(house: House) -> None:
    """Every bar's completion is struck; the calendar sorts out the rest."""
    calendar = house.workshop.calendar
    start, stop = datetime(2022, 11, 1, tzinfo=UTC), datetime(2022, 12, 1, tzinfo=UTC)
    for agent in house.settings.company.agents:
        schedule = house.definitions.resolve_schedule_def(f"{agent.agent_id}_loop")
        struck = set(_ticks(schedule, start, stop))
        asset_class = agent.instrument.asset_class
        due = {
            calendar.completes_at(asset_class, agent.timeframe, opened)
            for opened in calendar.expected_bars(asset_class, agent.timeframe, start, stop)
        }
        assert {d for d in due if d < stop} <= struck, agent.agent_id


def _ticks(schedule: dg.ScheduleDefinition, start: datetime, stop: datetime) -> list[datetime]:
    found = []
    for at in schedule_execution_time_iterator(
        start.timestamp(), schedule.cron_schedule, schedule.execution_timezone
    ):
        if at >= stop:
            return found
        found.append(at.astimezone(UTC))
    return found
