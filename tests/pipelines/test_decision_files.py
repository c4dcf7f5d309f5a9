"""An agent that asks by file, through its real job; another process answers, well or badly."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from typing_extensions import override

from tests.fakes.answerer import Answerer, answering
from tests.fakes.moments import tsla_agent, tsla_moment
from tests.fakes.oversight import render
from tests.pipelines.conftest import AGENT, House, fill_store, settings_of
from tests.pipelines.test_breaking_news import tell
from ztrade_core.assembly.workshop import Workshop, open_workshop
from ztrade_core.clocks.system import SystemClock
from ztrade_core.decision_makers.answer_schema import Answer, parse_answer
from ztrade_core.decision_makers.files.folders import Oversight
from ztrade_core.decision_makers.files.requests import document_of, new_request, publish
from ztrade_core.domain.answers import AnswerRecord
from ztrade_core.domain.decisions import Outcome
from ztrade_core.domain.orders import Role
from ztrade_core.domain.time import iso_z, parse_instant
from ztrade_core.ports.clock import Clock
from ztrade_core.trading.failures import failures_in_a_row
from ztrade_pipelines.definitions import build_definitions
from ztrade_pipelines.resources import Ztrade, resource_of

RISEN = "2022-12-28T15:00:02Z"  # the last close, 100.02, is above the mean of 20
FALLEN = "2022-12-28T15:05:02Z"  # 100.00 is below it
RISEN_AGAIN = "2022-12-28T15:15:02Z"
ACCOUNT = "paper"


class Running(Clock):
    """A clock that runs as the world's does, from another moment on."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def set(self, moment: str) -> None:
        self._ahead = parse_instant(moment) - SystemClock().now()

    @override
    def now(self) -> datetime:
        return SystemClock().now() + self._ahead


@dataclass(frozen=True, kw_only=True)
class FileHouse(House):
    """A house whose agent asks by file; its clock runs."""

    clock: Running

    @property
    def oversight(self) -> Path:
        return self.settings.data_dir / "oversight"

    def decide(self, at: str, **config: Any) -> tuple[dict[str, Any], dg.ExecuteInProcessResult]:
        """Run the agent's job at a moment, on the paper account; return the decision's metadata."""
        self.clock.set(at)
        result = self.run(AGENT, config)
        assert result.success
        return self.decision_metadata(result), result

    def answers(self) -> list[AnswerRecord]:
        with self.workshop.store.reading() as uow:
            return [each.record for each in uow.answers.of_agent(ACCOUNT, 1, AGENT)]

    def decisions(self) -> list[Outcome]:
        with self.workshop.store.reading() as uow:
            return [row.decision.outcome for row in uow.ledger.rows()]

    def invalid_in_a_row(self) -> int:
        with self.workshop.store.reading() as uow:
            return failures_in_a_row(uow, ACCOUNT, 1, AGENT)

    def refusals(self) -> list[str]:
        kept = (self.oversight / "refused").glob("*.why.json")
        return sorted(json.loads(path.read_text())["reason"] for path in kept)

    def names(self, room: str) -> list[str]:
        return sorted(path.name for path in (self.oversight / room).iterdir())

    def look(self, mark: str | None = None) -> Any:
        """Evaluate the sensor once, some seconds later."""
        later = replace(self.workshop, clock=SystemClock())
        context = dg.build_sensor_context(
            instance=self.instance,
            resources={"ztrade": Ztrade(lambda: later)},
            repository_def=self.definitions.get_repository_def(),
            cursor=mark,
        )
        return self.definitions.resolve_sensor_def("decision_files").evaluate_tick(context)


Opened = Callable[[float], FileHouse]


@pytest.fixture
def opened(
    tmp_path: Path, sqlite_url: str, config_copy: Path, instance: dg.DagsterInstance
) -> Iterator[Opened]:
    """Opens the house; an answer is waited for as long as is said."""
    workshops: list[Workshop] = []

    def make(timeout_seconds: float) -> FileHouse:
        agent, models = config_copy / "agents" / f"{AGENT}.yaml", config_copy / "models.yaml"
        change(agent, "mode: strategy", "mode: subagent")
        change(models, "timeout_seconds: 60", f"timeout_seconds: {timeout_seconds}")
        change(models, "poll_seconds: 0.2", "poll_seconds: 0.02")
        settings = settings_of(tmp_path, sqlite_url, ZTRADE_CONFIG_DIR=str(config_copy))
        clock = Running()
        workshop = replace(open_workshop(settings), clock=clock)
        workshops.append(workshop)
        resource = resource_of(Ztrade(lambda: workshop), place="test")
        fill_store(workshop)
        return FileHouse(
            settings=settings,
            workshop=workshop,
            definitions=build_definitions(settings, resource),
            instance=instance,
            clock=clock,
        )

    yield make
    for workshop in workshops:
        workshop.engine.dispose()


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


@pytest.fixture
def house(opened: Opened) -> FileHouse:
    """A house that waits long enough for any answerer."""
    return opened(120.0)


def answered(house: House, way: str) -> AbstractContextManager[Answerer]:
    return answering(house.settings.data_dir, way)


def test_the_examples_buy_is_judged_sent_protected_and_kept(house: FileHouse) -> None:
    tell(house, "a", parse_instant(RISEN) - timedelta(minutes=10), score=0.6)
    with answered(house, "example") as answerer:
        metadata, result = house.decide(RISEN)
        again, _ = house.decide(RISEN)
        assert len(answerer.asked()) == 1, "a decided slot asks nobody"
        assert (metadata["outcome"], again["outcome"]) == ("resized", "resized")
        assert all(each.passed for each in house.evaluations(result))
        assert house.order_metadata(result)["status"] == "accepted"
        held, _ = house.decide(RISEN_AGAIN)
        assert len(answerer.asked()) == 2
    assert held["outcome"] == "held"
    with house.workshop.store.reading() as uow:
        (position,) = uow.positions.all(ACCOUNT, 1)
        legs = uow.orders.of_position(position.position_id)
    (stop,) = [leg for leg in legs if leg.request.role is Role.STOP]
    assert stop.request.quantity == position.quantity
    records = house.answers()
    assert [each.outcome.value for each in records] == ["answered", "answered"]
    for record in records:
        assert (record.maker, record.cost.usd) == ("subagent/1", 0.0)
        assert isinstance(parse_answer(record.raw), Answer)
        assert json.loads(record.question)["agent"]["agent_id"] == AGENT
    assert house.names("requests") == house.names("responses") == []


def test_the_examples_hold_is_a_decision_like_any(house: FileHouse) -> None:
    with answered(house, "example"):
        metadata, _ = house.decide(FALLEN)
    assert (metadata["outcome"], metadata["model_outcome"]) == ("held", "answered")
    assert "is not above the mean" in metadata["reason"]


def test_silence_is_a_hold_that_is_nobodys_fault(opened: Opened) -> None:
    house = opened(0.3)
    metadata, result = house.decide(RISEN)
    again, _ = house.decide(RISEN)
    assert (metadata["outcome"], metadata["model_outcome"]) == ("held", "timed_out")
    assert again["reason"] == metadata["reason"]
    assert "nothing came within 0.3 s" in metadata["reason"]
    assert all(each.passed for each in house.evaluations(result))
    assert (len(house.answers()), house.invalid_in_a_row()) == (1, 0)
    assert len([name for name in house.names("expired") if name.endswith(".txt")]) == 1


def test_a_malformed_answer_ends_the_question_and_counts(house: FileHouse) -> None:
    with answered(house, "prose"):
        metadata, _ = house.decide(RISEN)
    assert (metadata["outcome"], metadata["model_outcome"]) == ("held", "malformed")
    (record,) = house.answers()
    assert record.raw == "I would buy here, with confidence 0.9."
    assert record.cost.seconds < 120.0
    assert house.invalid_in_a_row() == 1


def test_a_second_answer_changes_nothing_and_the_sensor_puts_it_aside(house: FileHouse) -> None:
    with answered(house, "twice") as answerer:
        metadata, _ = house.decide(RISEN)
        answerer.dealt_with(1)
    again, _ = house.decide(RISEN)
    assert metadata["outcome"] == again["outcome"] == "approved"
    assert len(house.names("responses")) == 1
    assert house.look().run_requests == []
    assert (house.names("responses"), house.refusals()) == (
        [],
        ["a second answer: the first one was taken"],
    )
    (record,) = house.answers()
    assert json.loads(record.raw)["action"] == "buy"


def test_a_late_answer_decides_nothing(opened: Opened) -> None:
    house = opened(0.5)
    with answered(house, "late") as answerer:
        metadata, _ = house.decide(RISEN)
        answerer.dealt_with(1)
    again, _ = house.decide(RISEN)
    assert metadata["model_outcome"] == again["model_outcome"] == "timed_out"
    assert house.decisions() == [Outcome.HELD]
    house.look()
    assert house.refusals() == ["it came after the question had ended"]


def test_prompt_files_that_do_not_fit_are_a_hold_and_no_crash(
    house: FileHouse, config_copy: Path
) -> None:
    moment = config_copy / "prompts" / "automated" / "moment.md"
    moment.write_text(moment.read_text() + "${nothing}")
    metadata, result = house.decide(RISEN)
    assert (metadata["outcome"], metadata["model_outcome"]) == ("held", "unasked")
    assert "unknown field ${nothing}" in metadata["reason"]
    assert result.success
    assert house.invalid_in_a_row() == 0


def test_the_sensor_runs_from_the_start_and_can_launch_nothing(house: FileHouse) -> None:
    sensor = house.definitions.resolve_sensor_def("decision_files")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert 10 <= sensor.minimum_interval_seconds <= 30
    assert list(sensor.targets) == []
    found = house.look()
    assert found.skip_message == "nothing was ever asked by file"
    assert not house.oversight.exists()


def test_the_sensor_says_once_which_folder_is_not_safe(opened: Opened) -> None:
    house = opened(0.1)
    house.decide(RISEN)
    (house.oversight / "responses").chmod(0o777)
    first = house.look()
    second = house.look(first.cursor)
    assert first.skip_message == second.skip_message
    assert "may be written by others (mode 0777)" in first.skip_message
    assert json.loads(second.cursor) == json.loads(first.cursor)
    metadata, _ = house.decide(FALLEN)
    assert metadata["model_outcome"] == "unasked"


def test_the_sensor_tells_what_waits_and_until_when(opened: Opened) -> None:
    house = opened(0.1)
    house.decide(RISEN)
    now, moment, agent = SystemClock().now(), tsla_moment(), tsla_agent()
    deadline = now + timedelta(hours=1)
    request = new_request(moment, agent, asked_at=now, deadline=deadline)
    with Oversight(house.settings.data_dir).opened() as folders:
        held = publish(folders, request, document_of(request, moment, agent, render()), "in words")
        told = house.look().skip_message
        os.close(held)
    assert told.startswith(f"{request.request_id} (TSLA) waits until {iso_z(deadline)}, 3")
    assert house.look().skip_message == "no request waits"
