"""The `breaking_news` sensor on a real instance: one run a story and bar, and why there is none."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
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

from tests.pipelines.conftest import AGENT, House, fill_store, house_of
from ztrade_core.domain.configuration import Mode
from ztrade_core.domain.news import Story
from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.domain.time import parse_instant
from ztrade_core.settings.load import Settings
from ztrade_pipelines.cli.launching import location_origin
from ztrade_pipelines.resources import Ztrade

NOW = parse_instant("2022-12-28T15:02:00Z")  # the bar of 15:00 is running
SECOND = timedelta(seconds=1)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A real instance, with schedules, on disk."""
    with dg.instance_for_test(temp_dir=str(tmp_path)) as made:
        yield made


@pytest.fixture
def house(settings: Settings, instance: dg.DagsterInstance) -> Iterator[House]:
    """The house at NOW, over the hand-made market."""
    made = house_of(settings, instance, now=NOW)
    fill_store(made.workshop)
    yield made
    made.workshop.engine.dispose()


def turn(house: House, *, running: bool) -> None:
    """Start or stop the agent's loop: what `ztrade loop` and the page leave in the storage."""
    origin = RemoteInstigatorOrigin(
        repository_origin=RemoteRepositoryOrigin(
            code_location_origin=location_origin(house.settings.project_root),
            repository_name="__repository__",
        ),
        instigator_name=f"{AGENT}_loop",
    )
    status = InstigatorStatus.RUNNING if running else InstigatorStatus.STOPPED
    data = ScheduleInstigatorData("*/5 * * * *", 0.0)
    state = InstigatorState(origin, InstigatorType.SCHEDULE, status, data)
    kept = house.instance
    known = kept.get_instigator_state(origin.get_id(), state.selector_id)
    (kept.update_instigator_state if known else kept.add_instigator_state)(state)


def story_row(name: str, known_at: datetime) -> Story:
    """A story about TSLA."""
    return Story(
        news_id=name * 32,
        symbol="TSLA",
        published_at=known_at,
        ingested_at=known_at,
        known_at=known_at,
        source="files",
        headline=f"Something {name} happened to plant {name} of car maker {name}",
        body="",
        url="",
    )


def tell(house: House, name: str, known_at: datetime, score: float = -0.9) -> str:
    """Store a scored story about TSLA; return its id."""
    story = story_row(name, known_at)
    scored = ScoredStory(
        news_id=story.news_id,
        symbol=story.symbol,
        published_at=known_at,
        known_at=known_at,
        source=story.source,
        headline=story.headline,
        scorer=house.workshop.sentiment.scorer_key,
        score=score,
        confidence=0.9,
    )
    house.workshop.news.put([story])
    house.workshop.scores.put([scored])
    return story.news_id


def look(house: House) -> Any:
    """Return what the sensor answers."""
    context = dg.build_sensor_context(
        instance=house.instance,
        resources={"ztrade": Ztrade(lambda: house.workshop)},
        repository_def=house.definitions.get_repository_def(),
    )
    return house.definitions.resolve_sensor_def("breaking_news").evaluate_tick(context)


def slots(house: House) -> list[str]:
    with house.workshop.store.reading() as uow:
        return [row.decision.key.slot for row in uow.ledger.rows()]


def test_a_breaking_story_of_the_bar_in_progress_runs_the_agent_once(house: House) -> None:
    turn(house, running=True)
    first = tell(house, "a", NOW - 20 * SECOND)
    tell(house, "b", NOW - 10 * SECOND)

    [request] = look(house).run_requests
    assert (request.job_name, request.run_key) == (AGENT, f"{AGENT}:news:{first}")
    assert request.run_config == {"story": first}
    result = house.run(request.job_name, request.run_config)
    again = look(house)

    assert result.success
    assert house.decision_metadata(result)["bar"] == f"news:{first}"
    assert len(house.evaluations(result)) > 0
    assert slots(house) == [f"news:{first}"]
    assert again.run_requests == []
    assert f"slot news:{first} of this bar is decided" in again.skip_message


def test_a_second_story_of_the_bar_is_refused_by_core_too(house: House) -> None:
    first, second = (tell(house, name, NOW - SECOND) for name in "ab")
    house.run(AGENT, {"story": first})

    result = house.run(AGENT, {"story": second})

    assert not result.success
    [failure] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    assert "one story a bar" in str(failure.event_specific_data)
    assert slots(house) == [f"news:{first}"]


@pytest.mark.parametrize(
    ("age", "score", "said"),
    [
        (20 * SECOND, 0.1, "no breaking news of TSLA since 2022-12-28T15:00:00Z"),
        (200 * SECOND, 0.9, "no breaking news of TSLA since 2022-12-28T15:00:00Z"),
        (-20 * SECOND, 0.9, "no breaking news of TSLA since 2022-12-28T15:00:00Z"),
    ],
)
def test_a_weak_an_old_and_a_coming_story_run_nothing(
    house: House, age: timedelta, score: float, said: str
) -> None:
    turn(house, running=True)
    tell(house, "a", NOW - age, score)

    found = look(house)

    assert found.run_requests == []
    assert said in found.skip_message


def test_an_agent_whose_loop_is_off_is_left_alone(house: House) -> None:
    tell(house, "a", NOW - SECOND)
    assert f"{AGENT}: its loop is off" in look(house).skip_message

    turn(house, running=True)
    assert len(look(house).run_requests) == 1
    turn(house, running=False)
    assert look(house).run_requests == []


def test_no_story_wakes_a_person(settings: Settings, instance: dg.DagsterInstance) -> None:
    """A run on a story in mode manual fails: a person decides on a bar."""
    agents = tuple(
        replace(each, mode=Mode.MANUAL, breaking_news=True) for each in settings.company.agents
    )
    by_hand = replace(settings, company=replace(settings.company, agents=agents))
    made = house_of(by_hand, instance, now=NOW)
    fill_store(made.workshop)
    turn(made, running=True)
    tell(made, "a", NOW - SECOND)

    found = look(made)

    assert found.run_requests == []
    assert f"{AGENT} is decided by a person, whom no story wakes" in found.skip_message
    made.workshop.engine.dispose()


def test_the_sensor_is_off_until_somebody_starts_it(house: House) -> None:
    sensor = house.definitions.resolve_sensor_def("breaking_news")

    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED
    assert sensor.minimum_interval_seconds == 30


def test_between_sessions_nothing_is_run(settings: Settings, instance: dg.DagsterInstance) -> None:
    night = parse_instant("2022-12-28T23:00:00Z")
    house = house_of(settings, instance, now=night)
    turn(house, running=True)
    tell(house, "a", night - SECOND)

    assert "no session of TSLA is open" in look(house).skip_message
    house.workshop.engine.dispose()


def test_a_story_and_a_persons_decision_are_not_mixed(house: House) -> None:
    result = house.run(
        AGENT, {"story": "a", "manual_action": "hold", "manual_rationale": "a person holds"}
    )

    [failure] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    assert "write one of the two" in str(failure.event_specific_data)
